"""The template's status from those of its members, for native kinds.

Numbers add up, addresses are united, phases take the worst; where the result is what stands there already the object
stays exactly as it is, otherwise it has made a round trip through its Go type, as in Karmada.
Source: Karmada pkg/resourceinterpreter/default/native/aggregatestatus.go, pkg/util/helper/{service,ingress}.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from karmactl.core.interpret.form import interpret_failed, normalized, number_at, require_form, set_field
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field, kind_of
from karmactl.core.shape import Struct, expand, find_misshapen, shape_of

__all__ = [
    "aggregate_claim",
    "aggregate_cron_job",
    "aggregate_disruption_budget",
    "aggregate_load_balancer",
    "aggregate_pod",
    "aggregate_service",
    "aggregate_sums",
    "aggregate_volume",
    "aggregate_workload",
    "member_statuses",
    "with_status",
]

Aggregator = Callable[[Manifest, Sequence[AggregatedStatusItem], str], Manifest]

_POD_PHASES: Final = ("Failed", "Pending", "Running", "Succeeded")
_VOLUME_PHASES: Final = ("Failed", "Pending", "Available", "Bound", "Released")


def member_statuses(
    manifest: Manifest, items: Sequence[AggregatedStatusItem], extra: Sequence[str] = ()
) -> Iterator[tuple[str, Manifest]]:
    """(cluster, status) of the items that have one; `extra` are integers beside the kind's own fields.

    Raises InputError `interpret-failed` for a status of another form.
    """
    shape = Struct(f"{kind_of(manifest)}Status")
    for item in items:
        status = item.status
        if status is None:
            continue
        if not isinstance(status, dict):
            raise interpret_failed(manifest, f"the status of cluster {item.cluster_name} is no mapping")
        if fault := find_misshapen(status, shape, "/status"):
            raise interpret_failed(manifest, f"cluster {item.cluster_name}: {fault}")
        for key in extra:
            if not isinstance(status.get(key, 0), int):
                raise interpret_failed(manifest, f"cluster {item.cluster_name}: /status/{key} is no integer")
        yield item.cluster_name, status


def with_status(manifest: Manifest, status: Manifest) -> Manifest:
    """The object with a new status, or itself where that is the one it has."""
    shape = Struct(f"{kind_of(manifest)}Status")
    if expand(manifest.get("status"), shape) == expand(status, shape):
        return manifest
    return normalized(set_field(manifest, status, "status"))


def aggregate_workload(keys: Sequence[str], *, compares_own_generation: bool = False) -> Aggregator:
    """A rule that adds these numbers up and keeps the other fields of the status.

    `observedGeneration` becomes the template's generation when every member has seen the latest template. A StatefulSet
    compares the member's own generation instead (`compares_own_generation`).
    """

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        require_form(manifest)
        generation = number_at(manifest, "metadata", "generation")
        sums = dict.fromkeys(keys, 0)
        up_to_date = 0
        for _, status in member_statuses(manifest, items, ("generation", "resourceTemplateGeneration")):
            own = number_at(status, "generation")
            wanted = own if compares_own_generation else generation
            is_seen = number_at(status, "observedGeneration") >= own
            up_to_date += is_seen and number_at(status, "resourceTemplateGeneration") >= wanted
            for key in keys:
                sums[key] += number_at(status, key)
        old = as_mapping(manifest.get("status"))
        observed = generation if up_to_date == len(items) else number_at(old, "observedGeneration")
        changed: dict[str, JSONValue] = {**sums, "observedGeneration": observed}
        if kind_of(manifest) != "DaemonSet" and all(number_at(old, key) == value for key, value in changed.items()):
            return manifest
        if kind_of(manifest) == "DaemonSet" and not _differs_beyond_emptiness(old, changed):
            return manifest
        return normalized(set_field(manifest, {**old, **changed}, "status"))

    return aggregate


def _differs_beyond_emptiness(old: Manifest, changed: Manifest) -> bool:
    """Whether a DaemonSet's status is another; Karmada compares it whole there, conditions included."""
    shape = Struct("DaemonSetStatus")
    return _without_empty(expand(old, shape)) != _without_empty(expand(changed, shape))


def _without_empty(value: JSONValue) -> JSONValue:
    return {key: entry for key, entry in as_mapping(value).items() if entry not in (None, [], {})}


def aggregate_sums(keys: Sequence[str]) -> Aggregator:
    """A rule that makes a new status of nothing but these sums."""

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        require_form(manifest)
        sums: dict[str, JSONValue] = dict.fromkeys(keys, 0)
        for _, status in member_statuses(manifest, items):
            for key in keys:
                sums[key] = number_at(sums, key) + number_at(status, key)
        return with_status(manifest, sums)

    return aggregate


def aggregate_disruption_budget(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """Sums, and the disrupted pods of all members, each under `<cluster>/<pod>`."""
    del now
    require_form(manifest)
    status: dict[str, JSONValue] = dict.fromkeys(
        ("currentHealthy", "desiredHealthy", "expectedPods", "disruptionsAllowed"), 0
    )
    disrupted: dict[str, JSONValue] = {}
    for cluster, member in member_statuses(manifest, items):
        for key in status:
            status[key] = number_at(status, key) + number_at(member, key)
        for pod, since in as_mapping(member.get("disruptedPods")).items():
            disrupted[f"{cluster}/{pod}"] = since
    return with_status(manifest, {**status, "disruptedPods": disrupted})


def aggregate_service(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The addresses of a LoadBalancer; other Services stay as they are."""
    require_form(manifest)
    if field(manifest, "spec", "type") != "LoadBalancer":
        return manifest
    return aggregate_load_balancer(manifest, items, now)


def aggregate_load_balancer(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """All members' addresses, each once, sorted: host names first, then by address and mode."""
    del now
    require_form(manifest)
    shape = Struct(f"{kind_of(manifest)}Status")
    points: dict[tuple[str, str, str | None], dict[str, JSONValue]] = {}
    ports: dict[tuple[str, str, str | None], dict[tuple[int, str, str], JSONValue]] = {}
    for _, status in member_statuses(manifest, items):
        # Expanded, so that an Ingress has no `ipMode`: its type knows none.
        for point in as_list(field(expand(status, shape), "loadBalancer", "ingress")):
            mode = field(point, "ipMode")
            address = (as_str(field(point, "hostname")), as_str(field(point, "ip")))
            key = (*address, mode if isinstance(mode, str) else None)
            points[key] = as_mapping(point)
            for port in as_list(field(point, "ports")):
                ports.setdefault(key, {})[_port_key(port)] = port
    ingress: list[JSONValue] = [
        {**points[key], "ports": [port for _, port in sorted(ports[key].items())] if key in ports else None}
        for key in sorted(points, key=_point_order)
    ]
    return with_status(manifest, {"loadBalancer": {"ingress": ingress}})


def _point_order(key: tuple[str, str, str | None]) -> tuple[bool, str, str, bool, str]:
    hostname, address, mode = key
    return (not hostname, hostname, address, mode is None, mode or "")


def _port_key(port: JSONValue) -> tuple[int, str, str]:
    return (number_at(port, "port"), as_str(field(port, "protocol")), as_str(field(port, "error")))


def aggregate_cron_job(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """All active Jobs one after another, and the latest times."""
    del now
    require_form(manifest)
    active: list[JSONValue] = []
    latest: dict[str, JSONValue] = {"lastScheduleTime": None, "lastSuccessfulTime": None}
    for _, status in member_statuses(manifest, items):
        active.extend(as_list(status.get("active")))
        for key, so_far in latest.items():
            time = as_str(status.get(key))
            if time and (not isinstance(so_far, str) or _moment(so_far) < _moment(time)):
                latest[key] = time
    return with_status(manifest, {"active": active or None, **latest})


def _moment(time: str) -> str:
    """A time in the one form that sorts as text."""
    return as_str(expand(time, shape_of("time")))


def aggregate_pod(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The worst phase (no status counts as Pending), and whether each container is ready."""
    del now
    if not items:
        return normalized(manifest)
    require_form(manifest)
    phases = {"Pending" for item in items if item.status is None}
    containers: dict[str, list[JSONValue]] = {"containerStatuses": [], "initContainerStatuses": []}
    for _, status in member_statuses(manifest, items):
        phases.add(as_str(status.get("phase")))
        for key, collected in containers.items():
            for container in as_list(status.get(key)):
                collected.append({"ready": field(container, "ready"), "state": field(container, "state")})
    status = {
        "phase": _worst(phases, _POD_PHASES),
        "containerStatuses": containers["containerStatuses"],
        "initContainerStatuses": containers["initContainerStatuses"] or None,
    }
    return with_status(manifest, status)


def aggregate_volume(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The worst phase; no status counts as Pending."""
    del now
    require_form(manifest)
    phases = {"Pending" for item in items if item.status is None}
    phases.update(as_str(status.get("phase")) for _, status in member_statuses(manifest, items))
    return with_status(manifest, {"phase": _worst(phases, _VOLUME_PHASES)})


def aggregate_claim(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """Lost if any member lost it, else the last phase that is not Bound, else Bound."""
    del now
    require_form(manifest)
    phase = "Bound"
    for _, status in member_statuses(manifest, items):
        member = as_str(status.get("phase"))
        if member == "Lost":
            phase = member
            break
        if member != "Bound":
            phase = member
    return with_status(manifest, {"phase": phase})


def _worst(phases: set[str], order: Sequence[str]) -> str:
    return next((phase for phase in order if phase in phases), "")
