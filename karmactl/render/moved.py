"""What moved between a saved plan and the one that would be made now, for people: a line a thing, no values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str
from karmactl.core.model.plan import Plan
from karmactl.core.plan_format import plan_body

__all__ = ["moved_lines"]

_FACTS: Final = {
    "apis": "the APIs that it serves",
    "labels": "its labels",
    "taints": "its taints",
    "place": "its provider, region or zones",
}
_MEMBER: Final = {"uid": "its identity", "version": "its version", "reachable": "whether it answers"}
_PLACEMENT: Final = ("standing", "policy", "affinity", "clusters", "error", "notes")


def moved_lines(saved: Manifest, plan: Plan) -> list[str]:
    """What is different, most telling first: inputs, options, members, other runs, placements, changes, guards.

    `saved` is the document of a plan file, which may say anything.
    """
    now = plan_body(plan)
    lines = [*_inputs(saved, now), *_options(saved, now), *_fleet(saved, now)]
    if saved.get("set") != now["set"]:
        lines.append(f"the set: {saved.get('set')} then, {now['set']} now")
    if saved.get("generation") != now["generation"]:
        lines.append(f"another run was here: revision {saved.get('generation')} then, {now['generation']} now")
    lines += _items("placement of", saved, now, "placements", _resource, lambda item: [item.get(k) for k in _PLACEMENT])
    lines += _changes(saved, now)
    lines += _items("guard", saved, now, "guards", _guard, lambda item: [item.get("verdict"), item.get("measured")])
    return lines or ["what could be looked at"]


def _by(document: Manifest, key: str, name: Callable[[Manifest], str]) -> dict[str, dict[str, JSONValue]]:
    return {name(as_mapping(item)): as_mapping(item) for item in as_list(document.get(key))}


def _pairs(
    saved: Manifest, now: Manifest, key: str, name: Callable[[Manifest], str]
) -> Iterator[tuple[str, dict[str, JSONValue] | None, dict[str, JSONValue] | None]]:
    before, after = _by(saved, key, name), _by(now, key, name)
    for entry in dict.fromkeys([*before, *after]):
        yield entry, before.get(entry), after.get(entry)


def _items(
    what: str,
    saved: Manifest,
    now: Manifest,
    key: str,
    name: Callable[[Manifest], str],
    content: Callable[[Manifest], JSONValue],
) -> Iterator[str]:
    for entry, before, after in _pairs(saved, now, key, name):
        if before is None or after is None:
            yield f"{what} {entry}: {'new' if before is None else 'gone'}"
        elif content(before) != content(after):
            yield f"{what} {entry}"


def _inputs(saved: Manifest, now: Manifest) -> Iterator[str]:
    return _items("input", saved, now, "inputs", lambda item: as_str(item.get("path")), lambda item: item.get("digest"))


def _options(saved: Manifest, now: Manifest) -> Iterator[str]:
    before, after = as_mapping(saved.get("options")), as_mapping(now.get("options"))
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"option {name}"


def _fleet(saved: Manifest, now: Manifest) -> Iterator[str]:
    for name, before, after in _pairs(saved, now, "fleet", lambda item: as_str(item.get("name"))):
        if before is None or after is None:
            yield f"member {name}: {'new in the fleet' if before is None else 'no longer in the fleet'}"
            continue
        facts, seen = as_mapping(before.get("facts")), as_mapping(after.get("facts"))
        found = [words for key, words in _MEMBER.items() if before.get(key) != after.get(key)]
        found += [words for key, words in _FACTS.items() if facts and seen and facts.get(key) != seen.get(key)]
        if found:
            yield f"member {name}: {', '.join(found)}"


def _changes(saved: Manifest, now: Manifest) -> Iterator[str]:
    for _, before, after in _pairs(saved, now, "changes", lambda item: as_str(item.get("id"))):
        entry = after or before or {}
        where = f"{as_str(entry.get('cluster'))} {_resource(entry)}"
        if before is None or after is None:
            yield f"{where}: {as_str(entry.get('action'))} {'is new' if before is None else 'is no longer due'}"
        elif _change_content(before) != _change_content(after):
            yield f"{where}: it is not as it was"


def _change_content(change: Manifest) -> JSONValue:
    live = as_mapping(change.get("live"))
    return [
        change.get("action"),
        change.get("ownedDigest"),
        live.get("uid"),
        change.get("unverified"),
        [[as_mapping(item).get(key) for key in ("path", "before", "after")] for item in as_list(change.get("fields"))],
    ]


def _resource(item: Manifest) -> str:
    ref = as_mapping(item.get("resource"))
    namespace = f"{as_str(ref.get('namespace'))}/" if ref.get("namespace") else ""
    return f"{as_str(ref.get('kind'))} {namespace}{as_str(ref.get('name'))}"


def _guard(item: Manifest) -> str:
    return " ".join(part for part in (as_str(item.get("name")), as_str(item.get("cluster"))) if part)
