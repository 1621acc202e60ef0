"""What of a wanted object is left to the member: fields that others fill in, scale, inject, or may change.

Karmada's Retain rules say it by kind; beside them stand autoscalers, injectors of CA bundles, and the user's ignore
rules. All say of a path that the member's value stands. Such a path is not sent where another manager holds it. Where
nobody else does it is sent with the member's value: a field that its last owner drops falls back to its default.
Source: KEP-555 (transferring ownership); Karmada pkg/util/objectwatcher (Update, retain).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from karmactl.core.diff import FIELD_MANAGER
from karmactl.core.digest import digest
from karmactl.core.fieldpath import item_key, item_name, keyed_path
from karmactl.core.fieldset import HeldFields, held_fields
from karmactl.core.model.change import RetainedField
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    annotations_of,
    api_version_of,
    as_list,
    as_mapping,
    group_of,
    kind_of,
    name_of,
    namespace_of,
)
from karmactl.core.model.settings import IgnoreRule
from karmactl.core.patch import format_pointer
from karmactl.errors import InputError

__all__ = ["REPLICAS", "Fitted", "Retainer"]

REPLICAS: Final = "/spec/replicas"
_BUNDLE_PATHS: Final = {
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"): "/webhooks/*/clientConfig/caBundle",
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"): "/webhooks/*/clientConfig/caBundle",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "/spec/conversion/webhook/clientConfig/caBundle",
    ("apiregistration.k8s.io", "APIService"): "/spec/caBundle",
}
# By these annotations an object asks for its CA bundle: cert-manager's cainjector, OpenShift's service CA.
_INJECTED: Final = ("cert-manager.io/inject-", "service.beta.openshift.io/inject-cabundle")
# What charts write where a bundle is to come: nothing, or a line feed in base64.
_PLACEHOLDERS: Final = frozenset({"", "Cg=="})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The body to send to one member, and where it has the member's value instead of the wanted one.

    `rules` names, comma-separated, the rules that made a difference; it changes with the user's ignore rules.
    """

    body: Manifest
    retained: tuple[RetainedField, ...] = ()
    rules: str = ""


class Retainer:
    """Fits wanted objects to live ones."""

    def __init__(self, interpreter: Interpreter | None = None, ignore: Sequence[IgnoreRule] = ()) -> None:
        self._interpreter = interpreter
        self._ignore = tuple(ignore)

    def fit(self, body: Manifest, live: Manifest, *, autoscaler: str = "") -> Fitted:
        """`body` as it is to be sent over `live`; `autoscaler` names who scales it ("": nobody is known to).

        Raises InputError `interpret-failed` where a Retain rule cannot be applied.
        """
        settling = _Settling(live)
        body = self._retain(body, live, settling)
        if autoscaler:
            body = settling.settle(body, _with_live(body, live, REPLICAS), "autoscaler", by=autoscaler)
        path = _BUNDLE_PATHS.get((group_of(api_version_of(body))[0], kind_of(body)))
        if path is not None:
            body = settling.settle(body, _with_live(body, live, path, _is_injected(body, live)), "ca-bundle")
        for rule in self._ignore:
            if _is_meant(rule, body):
                body = settling.settle(body, _with_live(body, live, rule.path), "ignore", manager=rule.manager)
        rules = ",".join(sorted(self._ignoring(rule, body) if rule == "ignore" else rule for rule in settling.rules))
        return Fitted(body=body, retained=tuple(settling.retained), rules=rules)

    def is_due(self, rules: str, body: Manifest, *, autoscaler: str) -> bool:
        """Whether an object that was fitted by `rules` has to be looked at again: one of them holds no longer.

        The digests of such an object may be as they were: what was left to the member is in neither.
        """
        return any(
            (rule == "autoscaler" and not autoscaler)
            or (rule.startswith("ignore") and rule != self._ignoring("ignore", body))
            for rule in rules.split(",")
        )

    def _ignoring(self, rule: str, body: Manifest) -> str:
        meant: list[JSONValue] = [[entry.path, entry.manager] for entry in self._ignore if _is_meant(entry, body)]
        return f"{rule} {digest(meant)[:8]}"

    def _retain(self, body: Manifest, live: Manifest, settling: _Settling) -> Manifest:
        interpreter = self._interpreter
        if interpreter is None or not interpreter.is_enabled(Operation.RETAIN, api_version_of(body), kind_of(body)):
            return body
        try:
            # Compared with what the rule makes of the object over itself: some rules also bring it into another form.
            before = interpreter.retain(body, body)
        except InputError:
            before = body
        return settling.settle(body, interpreter.retain(body, live), "retain", before=before)


class _Settling:
    """Brings values of the member into a body, path by path.

    `retained` are those that differ from what was wanted, `rules` the rules that changed anything.
    """

    def __init__(self, live: Manifest) -> None:
        self.retained: list[RetainedField] = []
        self.rules: set[str] = set()
        self._live = live
        held = [entry for entry in held_fields(live) if entry.subresource != "status"]
        self._ours = [entry for entry in held if _is_ours(entry)]
        self._others = [entry for entry in held if not _is_ours(entry)]
        self._rule = self._by = self._manager = ""

    def settle(
        self,
        body: Manifest,
        after: Manifest,
        rule: str,
        *,
        before: Manifest | None = None,
        by: str = "",
        manager: str = "",
    ) -> Manifest:
        """`body` with the differences from `before` (default: itself) to `after`; `manager` must hold a path then."""
        self._rule, self._by, self._manager = rule, by, manager
        return as_mapping(self._settle(body, body if before is None else before, after, self._live, ""))

    def _settle(self, body: JSONValue, before: JSONValue, after: JSONValue, live: JSONValue, pointer: str) -> JSONValue:
        if before == after:
            return body
        if isinstance(body, list):
            return self._settle_items(body, as_list(before), as_list(after), as_list(live), pointer)
        result = dict(as_mapping(body))
        theirs, wanted = as_mapping(live), as_mapping(after)
        for key, former in sorted({**dict.fromkeys(wanted), **as_mapping(before)}.items()):
            here = pointer + format_pointer((key,))
            if former == wanted.get(key):
                continue
            if key in result and _may_descend(result[key], former, wanted.get(key)):
                result[key] = self._settle(result[key], former, wanted.get(key), theirs.get(key), here)
            else:
                self._decide(result, key, wanted.get(key), theirs.get(key), here)
        return result

    def _settle_items(
        self,
        body: list[JSONValue],
        before: list[JSONValue],
        after: list[JSONValue],
        live: list[JSONValue],
        pointer: str,
    ) -> JSONValue:
        """Item by item, by their names; items that the body does not have belong to others and are not sent."""
        by = item_key(body, before, after) or ""
        former, wanted = _named(before, by), _named(after, by)
        theirs = {item_name(item, by): (index, item) for index, item in enumerate(live)}
        result: list[JSONValue] = []
        for item in body:
            name = item_name(item, by)
            index, other = theirs.get(name, (len(result), None))
            if name in former and name not in wanted:
                continue
            if name in former:
                item = self._settle(item, former[name], wanted[name], other, f"{pointer}/{index}")
            result.append(item)
        return result

    def _decide(self, result: dict[str, JSONValue], key: str, after: JSONValue, live: JSONValue, pointer: str) -> None:
        was_wanted, wanted = key in result, result.get(key)
        holders = [entry.manager for entry in self._others if entry.holds(pointer)]
        if self._manager and self._manager not in holders:
            return
        if not was_wanted and not any(entry.holds(pointer) for entry in self._ours):
            return
        if after is None or (after == live and holders):
            result.pop(key, None)
        else:
            result[key] = after
        if was_wanted and (key not in result or result[key] != wanted):
            self.rules.add(self._rule)
        if was_wanted and wanted != live:
            by = self._by or ", ".join(sorted(set(holders)))
            path = keyed_path(pointer, self._live)
            self.retained.append(RetainedField(path=pointer, keyed_path=path, rule=self._rule, by=by))


def _is_ours(entry: HeldFields) -> bool:
    return entry.manager == FIELD_MANAGER and entry.operation == "Apply"


def _may_descend(body: JSONValue, before: JSONValue, after: JSONValue) -> bool:
    """Whether the difference lies deeper: in mappings, or in lists whose items have names."""
    if isinstance(body, dict):
        return isinstance(before, dict) and isinstance(after, dict)
    if not (isinstance(body, list) and isinstance(before, list) and isinstance(after, list)):
        return False
    return item_key(body, before, after) is not None


def _named(items: list[JSONValue], by: str) -> dict[str, JSONValue]:
    return {item_name(item, by): item for item in items}


def _is_injected(body: Manifest, live: Manifest) -> Callable[[JSONValue], bool]:
    """Whether a CA bundle is somebody else's to fill in, from its wanted value."""
    is_asked_for = any(name.startswith(_INJECTED) for name in {**annotations_of(live), **annotations_of(body)})
    return lambda value: is_asked_for or value is None or value in _PLACEHOLDERS


def _is_meant(rule: IgnoreRule, body: Manifest) -> bool:
    return (
        rule.kind in ("", kind_of(body))
        and rule.namespace in ("", namespace_of(body))
        and rule.name in ("", name_of(body))
    )


def _with_live(
    body: Manifest, live: Manifest, path: str, is_meant: Callable[[JSONValue], bool] = lambda value: True
) -> Manifest:
    """`body` with the live values at a path; where live has none, the wanted one stays.

    A segment for an item of a list is its index, its name, or `*` for each.
    """
    steps = [segment.replace("~1", "/").replace("~0", "~") for segment in path.split("/")[1:]]
    return as_mapping(_replaced(body, live, steps, is_meant))


def _replaced(
    value: JSONValue, live: JSONValue, steps: Sequence[str], is_meant: Callable[[JSONValue], bool]
) -> JSONValue:
    if not steps:
        return live if is_meant(value) else value
    head, rest = steps[0], steps[1:]
    if isinstance(value, dict) and isinstance(live, dict) and head in live and (head in value or not rest):
        return {**value, head: _replaced(value.get(head), live[head], rest, is_meant)}
    if isinstance(value, list) and isinstance(live, list):
        return [
            item if other is None or not is_chosen else _replaced(item, other, rest, is_meant)
            for item, other, is_chosen in _pairs(value, live, head)
        ]
    return value


def _pairs(items: list[JSONValue], live: list[JSONValue], head: str) -> Iterator[tuple[JSONValue, JSONValue, bool]]:
    """Each item with its live counterpart (None: there is none), and whether the segment `head` chooses it."""
    by = item_key(items, live)
    theirs = _named(live, by) if by is not None else {}
    for index, item in enumerate(items):
        name = item_name(item, by) if by is not None else ""
        other = theirs.get(name) if by is not None else (live[index] if index < len(live) else None)
        yield item, other, head in ("*", str(index)) or (by is not None and head == name)
