"""Rules for Pods and what is in them: containers, volumes, probes, resources, tolerations.

Source: Kubernetes pkg/apis/core/validation/validation.go (ValidatePodSpec and what it calls).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from karmactl.core.conform.faults import Report, Trail, join
from karmactl.core.conform.metadata import check_labels
from karmactl.core.conform.nodes import Rule
from karmactl.core.conform.texts import read_quantity
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str, field

__all__ = ["POD_RULES", "at_most_one", "exactly_one"]

_STANDARD_RESOURCES: Final = frozenset({"cpu", "memory", "ephemeral-storage", "storage"})
_FIELD_PATHS: Final = frozenset(
    {
        *("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations"),
        *("spec.nodeName", "spec.serviceAccountName", "spec.host"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "status.phase"),
    }
)
_HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "grpc")
_LIFECYCLE_HANDLERS: Final = ("exec", "httpGet", "tcpSocket", "sleep")
_ENV_SOURCES: Final = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def at_most_one(value: Mapping[str, JSONValue], names: Iterable[str], trail: Trail, report: Report) -> int:
    """How many of the fields are there; more than one is a fault of those after the first."""
    given = [name for name in names if value.get(name) is not None]
    for name in given[1:]:
        report.invalid((trail, name), f"must not be there beside {given[0]}")
    return len(given)


def exactly_one(value: Mapping[str, JSONValue], names: tuple[str, ...], trail: Trail, report: Report) -> None:
    """One of the fields must be there, and no other of them."""
    if not at_most_one(value, names, trail, report):
        report.missing(trail, f"one of {', '.join(names)} must be in it")


def _check_spec(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    containers = list(_containers(spec, trail))
    _check_unique([(as_str(c.get("name")), where) for c, where in containers], report)
    volumes = {as_str(field(volume, "name")) for volume in as_list(spec.get("volumes"))}
    for container, where in containers:
        for index, mount in enumerate(as_list(container.get("volumeMounts"))):
            name = as_str(field(mount, "name"))
            if name not in volumes:
                report.invalid(join(where, "volumeMounts", index, "name"), f"must be a volume of the Pod, not {name!r}")
    check_labels(spec.get("nodeSelector"), (trail, "nodeSelector"), report)
    if spec.get("dnsPolicy") == "None" and not field(as_mapping(spec.get("dnsConfig")), "nameservers"):
        report.missing(join(trail, "dnsConfig", "nameservers"), "dnsPolicy is None")
    if spec.get("hostNetwork") is True:
        _check_host_ports(spec, trail, report)


def _containers(spec: Mapping[str, JSONValue], trail: Trail) -> Iterator[tuple[dict[str, JSONValue], Trail]]:
    for part in ("initContainers", "containers"):
        for index, container in enumerate(as_list(spec.get(part))):
            yield as_mapping(container), join(trail, part, index)


def _check_unique(names: Iterable[tuple[str, Trail]], report: Report) -> None:
    seen: set[str] = set()
    for name, where in names:
        if name in seen:
            report.add("duplicate-item", (where, "name"), f"must not be {name!r} again")
        seen.add(name)


def _check_host_ports(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    for container, where in _containers(spec, trail):
        for index, port in enumerate(as_list(container.get("ports"))):
            port = as_mapping(port)
            if port.get("hostPort") and port.get("hostPort") != port.get("containerPort"):
                report.invalid(join(where, "ports", index, "hostPort"), "must equal containerPort with hostNetwork")


def _check_container(container: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    paths: set[str] = set()
    for index, mount in enumerate(as_list(container.get("volumeMounts"))):
        path = as_str(field(mount, "mountPath"))
        if path in paths:
            report.add("duplicate-item", join(trail, "volumeMounts", index, "mountPath"), f"must not be {path!r} again")
        paths.add(path)
    names = ((as_str(field(port, "name")), port, index) for index, port in enumerate(as_list(container.get("ports"))))
    _check_unique([(name, join(trail, "ports", index)) for name, _, index in names if name], report)


def _check_variable(variable: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    source = variable.get("valueFrom")
    if source is None:
        return
    exactly_one(as_mapping(source), _ENV_SOURCES, (trail, "valueFrom"), report)
    if variable.get("value"):
        report.invalid((trail, "valueFrom"), "must not be there beside value")
    path = field(source, "fieldRef", "fieldPath")
    if isinstance(path, str) and path not in _FIELD_PATHS and not path.endswith("']"):
        report.invalid(join(trail, "valueFrom", "fieldRef", "fieldPath"), f"must be a field of Pods, not {path!r}")


def _check_variables_source(source: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    exactly_one(source, ("configMapRef", "secretRef"), trail, report)


def _check_probe(probe: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    exactly_one(probe, _HANDLERS, trail, report)


def _check_handler(handler: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    exactly_one(handler, _LIFECYCLE_HANDLERS, trail, report)


def _check_single_success(container: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    for name in ("livenessProbe", "startupProbe"):
        if field(as_mapping(container.get(name)), "successThreshold") not in (None, 0, 1):
            report.invalid(join(trail, name, "successThreshold"), "must be 1")


def _check_volume(volume: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    # A volume without a source is an emptyDir by default.
    at_most_one(volume, sorted(volume.keys() - {"name"}), trail, report)
    path = field(as_mapping(volume.get("hostPath")), "path")
    if isinstance(path, str) and ".." in path.split("/"):
        report.invalid(join(trail, "hostPath", "path"), "must not hold '..'")


def _check_resources(resources: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    limits, requests = as_mapping(resources.get("limits")), as_mapping(resources.get("requests"))
    for part, amounts in (("limits", limits), ("requests", requests)):
        for name, value in amounts.items():
            _check_resource(name, value, join(trail, part, name), report)
    for name, value in requests.items():
        request, limit = read_quantity(value), read_quantity(limits.get(name))
        if request is not None and limit is not None and request.compare(limit) > 0:
            report.invalid(join(trail, "requests", name), f"must be at most the limit, {limits[name]}, not {value}")


def _check_resource(name: str, value: JSONValue, trail: Trail, report: Report) -> None:
    if "/" not in name:
        if name not in _STANDARD_RESOURCES and not name.startswith("hugepages-"):
            report.invalid(trail, "must be cpu, memory, ephemeral-storage, or a name with a domain")
        return
    quantity = read_quantity(value)
    if quantity is not None and "kubernetes.io/" not in name and quantity.milli_value() % 1000:
        report.invalid(trail, f"must be whole, not {value}")


def _check_toleration(toleration: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    key, operator = toleration.get("key"), toleration.get("operator")
    if not key and operator != "Exists":
        report.invalid((trail, "operator"), "must be Exists where there is no key")
    if operator == "Exists" and toleration.get("value"):
        report.invalid((trail, "value"), "must not be there with the operator Exists")
    if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
        report.invalid((trail, "effect"), "must be NoExecute where tolerationSeconds is given")


def _check_privilege(context: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if context.get("allowPrivilegeEscalation") is False and context.get("privileged") is True:
        report.invalid((trail, "allowPrivilegeEscalation"), "must not be false where privileged is true")


POD_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "core/v1.Container": (_check_container, _check_single_success),
    "core/v1.EnvFromSource": (_check_variables_source,),
    "core/v1.EnvVar": (_check_variable,),
    "core/v1.LifecycleHandler": (_check_handler,),
    "core/v1.PodSpec": (_check_spec,),
    "core/v1.Probe": (_check_probe,),
    "core/v1.ResourceRequirements": (_check_resources,),
    "core/v1.SecurityContext": (_check_privilege,),
    "core/v1.Toleration": (_check_toleration,),
    "core/v1.Volume": (_check_volume,),
}
