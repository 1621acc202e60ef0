"""What a value is after its way through a script: empty tables, numbers, and the types that Karmada reads from them.

A Lua table cannot say whether it was an empty map or an empty list. Karmada gives an emptied field back as what the
input objects had at that very path (list indexes ignored), and drops it where they had nothing empty there. The
built-in rules for third-party kinds follow the same way, since in Karmada they are scripts too. Source: Karmada
pkg/resourceinterpreter/customized/declarative/luavm/{lua,lua_convert,kube}.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from karmactl.core.decode import decode
from karmactl.core.interpret.pods import pod_dependencies, pod_requirements, sorted_dependencies
from karmactl.core.model.binding import Component, DependentObjectReference, NodeClaim, ReplicaRequirements
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field
from karmactl.core.quantity import QuantityError, parse_quantity
from karmactl.core.shape import Struct, find_misshapen, normalize
from karmactl.errors import InputError

__all__ = [
    "RETURNED_NIL",
    "components_from",
    "dependencies_from",
    "encode_requirements",
    "failed",
    "quantity_as_number",
    "read_quantity",
    "replicas_from",
    "requirements_from",
    "settle",
    "settle_empty",
    "template_dependencies",
    "template_requirements",
]

RETURNED_NIL: Final = "expect the returned requires type is table but got nil"
_INT32: Final = range(-(2**31), 2**31)


def failed(why: str) -> InputError:
    """The error of a script or rule."""
    return InputError("interpret-failed", why, why=why)


def settle_empty(value: Manifest, references: Iterable[Manifest] = ()) -> Manifest:
    """The value without the empty tables that no reference has; nulls go as well."""
    return as_mapping(settle(value, references))


def settle(value: JSONValue, references: Iterable[Manifest] = ()) -> JSONValue:
    """The same for a value of any kind."""
    lists: set[tuple[str, ...]] = set()
    maps: set[tuple[str, ...]] = set()
    for reference in references:
        _note_empty(reference, (), lists, maps)
    return _settle(_without_nulls(value), (), lists, maps)


def _without_nulls(value: JSONValue) -> JSONValue:
    """A key set to nil is no key, so a map of nulls is an empty table before anything is settled."""
    if isinstance(value, dict):
        return {key: _without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [_without_nulls(entry) for entry in value]
    return value


def _note_empty(
    value: JSONValue, path: tuple[str, ...], lists: set[tuple[str, ...]], maps: set[tuple[str, ...]]
) -> None:
    if isinstance(value, dict):
        children = [((*path, key), entry) for key, entry in value.items()]
    elif isinstance(value, list):
        children = [(path, entry) for entry in value]
    else:
        return
    for where, entry in children:
        if entry == []:
            lists.add(where)
        elif entry == {}:
            maps.add(where)
        else:
            _note_empty(entry, where, lists, maps)


def _settle(
    value: JSONValue, path: tuple[str, ...], lists: set[tuple[str, ...]], maps: set[tuple[str, ...]]
) -> JSONValue:
    if isinstance(value, dict):
        result: dict[str, JSONValue] = {}
        for key, entry in value.items():
            where = (*path, key)
            if _is_empty(entry) and where not in maps and where not in lists:
                continue
            result[key] = _settle(entry, where, lists, maps)
        if not result and not value:
            return {} if path in maps else [] if path in lists else {}
        return result
    if isinstance(value, list):
        if not value:
            return {} if path in maps else []
        kept = [entry for entry in value if not _is_empty(entry) or path in maps or path in lists]
        return [_settle(entry, path, lists, maps) for entry in kept]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_empty(value: JSONValue) -> bool:
    return value == {} or value == []


# --- What Karmada reads from a result -----------------------------------------------------------------------------


def replicas_from(value: JSONValue) -> int:
    """A number of replicas: cut to an integer, the least there is where 32 bits do not hold it, as Go converts it.

    Raises InputError `interpret-failed` for anything that is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise failed(f"the replicas are {value!r}, not a number")
    return int(value) if int(value) in _INT32 else _INT32.start


def requirements_from(value: JSONValue) -> ReplicaRequirements | None:
    """Requirements from a table, None from nil. Raises InputError `interpret-failed` for another form."""
    if value is None:
        return None
    if value == []:
        return ReplicaRequirements()
    if not isinstance(value, dict):
        raise failed(f"expect the returned requires type is table but got {value!r}")
    return _requirements_of(settle_empty(value))


def _requirements_of(settled: Manifest) -> ReplicaRequirements:
    table = dict(settled)
    request = {name: read_quantity(amount) for name, amount in _map_at(table, "resourceRequest").items()}
    claim = table.pop("nodeClaim", None)
    requirements, faults = decode(ReplicaRequirements, table)
    if faults:
        raise failed(faults[0].message)
    return ReplicaRequirements(
        node_claim=_claim_from(claim),
        resource_request=dict(sorted(request.items())),
        namespace=requirements.namespace,
        priority_class_name=requirements.priority_class_name,
    )


def _map_at(table: dict[str, JSONValue], key: str) -> Manifest:
    """Takes a map out of a table. Raises InputError `interpret-failed` for anything else."""
    value = table.pop(key, None)
    if value is not None and not isinstance(value, dict):
        raise failed(f"{key} is {value!r}, not a table")
    return as_mapping(value)


def _claim_from(value: JSONValue) -> NodeClaim | None:
    if value is None:
        return None
    if fault := find_misshapen(value, Struct("NodeClaim")):
        raise failed(f"not a node claim: {fault}")
    claim, faults = decode(NodeClaim, normalize(value, Struct("NodeClaim")))
    if faults:
        raise failed(faults[0].message)
    return claim


def components_from(value: JSONValue) -> tuple[Component, ...]:
    """Components from a list of tables, none from nil."""
    if value is None or _is_empty(value):
        return ()
    if not isinstance(value, list):
        raise failed("expected result type 'table' or 'nil' from GetComponents")
    components = []
    for entry in as_list(settle(value)):
        if not isinstance(entry, dict):
            raise failed(f"a component is {entry!r}, not a table")
        replicas = field(entry, "replicas")
        number = 0 if replicas is None else replicas_from(replicas)
        if number != (replicas or 0):
            raise failed(f"the replicas of a component are {replicas!r}, not an integer")
        components.append(
            Component(
                name=as_str(field(entry, "name")),
                replicas=number,
                replica_requirements=_component_requirements(entry),
            )
        )
    return tuple(components)


def _component_requirements(settled: dict[str, JSONValue]) -> ReplicaRequirements | None:
    if settled.get("replicaRequirements") is None:
        return None
    return _requirements_of(_map_at(dict(settled), "replicaRequirements"))


def dependencies_from(value: JSONValue) -> tuple[DependentObjectReference, ...]:
    """References from a list of tables, each once, sorted."""
    if value is None:
        raise failed(RETURNED_NIL)
    if _is_empty(value):
        return ()
    if not isinstance(value, list):
        raise failed("the dependencies are no list")
    references: dict[tuple[str, str, str, str, str], DependentObjectReference] = {}
    for entry in as_list(settle(value)):
        settled = as_mapping(entry)
        reference = DependentObjectReference(
            api_version=_text(settled, "apiVersion"),
            kind=_text(settled, "kind"),
            namespace=_text(settled, "namespace"),
            name=_text(settled, "name"),
            label_selector=settled.get("labelSelector"),
        )
        key = (reference.api_version, reference.kind, reference.namespace, reference.name)
        references[(*key, repr(reference.label_selector))] = reference
    return sorted_dependencies(iter(references.values()))


def _text(table: Manifest, key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise failed(f"{key} of a dependency is {value!r}, not a text")
    return value


def read_quantity(value: JSONValue) -> str:
    """The canonical text of a quantity that a table has as a text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise failed(f"{value!r} is no quantity")
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    try:
        return str(parse_quantity(text))
    except QuantityError as exc:
        raise failed(f"cannot parse {text!r}: {exc}") from exc


def quantity_as_number(value: JSONValue) -> float:
    """A quantity as a float, as `kube.getResourceQuantity` gives it; nothing is 0, a negative one an error."""
    if value is None:
        return 0.0
    if not isinstance(value, str):
        raise failed(f"a quantity must be a text, not {value!r}")
    try:
        quantity = parse_quantity(value)
    except QuantityError as exc:
        raise failed(f"cannot parse {value!r}: {exc}") from exc
    amount = quantity.unscaled * 10.0**quantity.exponent
    if amount < 0:
        raise failed(f"int approximation unexpectedly returned a negative value: {value!r}")
    return amount


# --- The kube library ----------------------------------------------------------------------------------------------


def template_requirements(template: JSONValue) -> ReplicaRequirements | None:
    """What a pod of a template needs. Raises InputError `interpret-failed` where it is no pod template."""
    return pod_requirements(field(_read_template(template), "spec"))


def template_dependencies(template: JSONValue, namespace: JSONValue) -> tuple[DependentObjectReference, ...] | None:
    """What a pod of a template needs beside it; None, not an empty list, where it needs nothing.

    No namespace means `default`.
    """
    pod_spec = field(_read_template(template), "spec")
    return pod_dependencies(pod_spec, "default" if namespace is None else str(namespace)) or None


def encode_requirements(requirements: ReplicaRequirements | None) -> JSONValue:
    """Requirements as the table that a script gets."""
    if requirements is None:
        return None
    table: dict[str, JSONValue] = {}
    if requirements.node_claim is not None:
        claim = requirements.node_claim
        table["nodeClaim"] = {
            **({"hardNodeAffinity": claim.hard_node_affinity} if claim.hard_node_affinity is not None else {}),
            **({"nodeSelector": dict(claim.node_selector)} if claim.node_selector else {}),
            **({"tolerations": list(claim.tolerations)} if claim.tolerations else {}),
        }
    if requirements.resource_request:
        table["resourceRequest"] = dict(requirements.resource_request)
    return table


def _read_template(template: JSONValue) -> JSONValue:
    if not isinstance(template, dict | list):
        raise failed(f"a pod template was expected, not {template!r}")
    settled = settle_empty(as_mapping(template))
    if fault := find_misshapen(settled, Struct("PodTemplateSpec")):
        raise failed(f"not a pod template: {fault}")
    return settled
