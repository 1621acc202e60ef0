"""The rules of one kind, as the verbs ask for them.

A strategy's functions get objects in the stored version of the kind. The `prepare` functions change the object they
are given (it is the verbs' own copy); `validate` functions only look. Defaults are not here: they belong to types
(`defaults`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from karmactl.embedded.refusals import FieldError
from karmactl.embedded.values import Object

if TYPE_CHECKING:
    from karmactl.embedded.call import Call

PrepareCreate = Callable[["Call", Object], None]
PrepareUpdate = Callable[["Call", Object, Object], None]  # call, new, old
Validate = Callable[[Object], list[FieldError]]
ValidateUpdate = Callable[[Object, Object], list[FieldError]]  # new, old


def _no_prepare(call: "Call", obj: Object) -> None:
    return None


def _no_prepare_update(call: "Call", new: Object, old: Object) -> None:
    return None


def _valid(obj: Object) -> list[FieldError]:
    return []


def _valid_update(new: Object, old: Object) -> list[FieldError]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of an object with an endpoint of its own: what an update there changes, and the faults in that."""

    only: Callable[[Object, Object], Object]  # new, old
    validate: ValidateUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """The rules of one kind.

    `generation` says whether a new object begins with generation 1, and `counts_generation` (where it differs from
    that) whether a change outside metadata and status counts it up; `generation_with` names a map of metadata whose
    changes count as well. `name` is the rule for object names; `create_on_update` lets PUT create,
    `unconditional_update` lets it overwrite without a resourceVersion; `orphans_by_default` is the garbage collection
    policy of a delete that names none; `answers_deleted` shows the object in the answer to a delete that ends it.
    """

    prepare_create: PrepareCreate = _no_prepare
    prepare_update: PrepareUpdate = _no_prepare_update
    validate: Validate = _valid
    validate_update: ValidateUpdate = _valid_update
    prepare_status: PrepareUpdate = _no_prepare_update
    validate_status: ValidateUpdate = _valid_update
    validate_approval: ValidateUpdate = _valid_update
    parts: Mapping[str, Part] = field(default_factory=dict)
    generation: bool = False
    counts_generation: bool | None = None
    generation_with: str = ""
    answers_deleted: bool = False
    name: str = "subdomain"  # subdomain, label, label-1035, path-segment
    create_on_update: bool = False
    unconditional_update: bool = True
    orphans_by_default: bool = False
    status_resets: tuple[tuple[str, ...], ...] = (("f:spec",),)
    main_resets: tuple[tuple[str, ...], ...] = (("f:status",),)


PLAIN = Strategy()
