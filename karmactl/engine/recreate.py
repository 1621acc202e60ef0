"""Objects that cannot be changed in place: found out by asking, named field by field, made anew by consent.

Whether a field may change is known to the server alone, and its words are for people. So it is asked: what it refuses
as a change of the object, and takes as an object of another name, has to be made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from karmactl.core.diff import FIELD_MANAGER, diff_objects
from karmactl.core.fieldset import held_fields
from karmactl.core.model.change import FieldChange
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, field, metadata_of, name_of
from karmactl.engine.members import MemberPorts
from karmactl.engine.predict import Wish
from karmactl.errors import ClusterError, Rejected

__all__ = ["Recreation", "as_new", "immutable_fields", "recreation"]

_INVALID: Final = 422
# Its name is part of what is checked, so that it can be tried under no other one.
_NAMED_BY_CONTENT: Final = "CustomResourceDefinition"
_LONGEST_NAME: Final = 50

Recreation = tuple[FieldChange, ...]


async def recreation(member: MemberPorts, wish: Wish, live: Manifest, refused: Rejected) -> Recreation | None:
    """The fields in which `live` differs from the object made anew; None where that would not help.

    Raises no ClusterError: what cannot be tried is no answer.
    """
    if refused.status != _INVALID or wish.ref.kind == _NAMED_BY_CONTENT:
        return None
    name = wish.ref.name
    wanted = as_new(wish, live)
    metadata = {key: value for key, value in metadata_of(wanted).items() if key != "name"}
    trial: Manifest = {**wanted, "metadata": {**metadata, "generateName": f"{name[:_LONGEST_NAME].rstrip('-.')}-"}}
    try:
        made = await member.dry_runner.create(wish.kind, trial)
    except ClusterError:
        return None
    metadata = {key: value for key, value in metadata_of(made).items() if key != "generateName"}
    made = {**made, "metadata": {**metadata, "name": name_of(live)}}
    ours = [entry for entry in held_fields(live) if entry.manager == FIELD_MANAGER]
    return tuple(
        change
        for change in diff_objects(live, made, wish.ref, wish.origins)
        if _is_said(wanted, change.path) or any(entry.holds(change.path) for entry in ours)
    )


def as_new(wish: Wish, live: Manifest) -> Manifest:
    """The body of the object that comes after `live`: replicas of an autoscaler are carried over, nothing else is."""
    replicas = field(live, "spec", "replicas")
    if not wish.autoscaler or replicas is None:
        return wish.body
    return {**wish.body, "spec": {**as_mapping(wish.body.get("spec")), "replicas": replicas}}


def immutable_fields(refused: Rejected, fields: Sequence[FieldChange]) -> list[str]:
    """The fields that the server would not change, in its words; where it named none, all that differ."""
    named = list(dict.fromkeys(path for path, _ in refused.causes if path))
    return named or [change.keyed_path or change.path for change in fields]


def _is_said(body: JSONValue, path: str) -> bool:
    """Whether the body says something at a JSON pointer, or below it."""
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict) and name in body:
            body = body[name]
        elif isinstance(body, list) and name.isdigit() and int(name) < len(as_list(body)):
            body = body[int(name)]
        else:
            return False
    return True
