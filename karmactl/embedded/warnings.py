"""Warnings that a server sends with a write that it accepts: deprecated fields, and what is likely a mistake.

After pkg/api/pod/warnings.go, pkg/api/service/warnings.go and the strategies of other kinds.
"""

from collections.abc import Callable

from karmactl.embedded.values import Object, dig


def warnings_of(table: tuple[str, str], obj: Object) -> list[str]:
    """The warnings for an object that was created or changed."""
    function = _WARNINGS.get(table)
    return function(obj) if function is not None else []


def _pod_spec(spec: Object, field: str) -> list[str]:
    out: list[str] = []
    for index, spread in enumerate(spec.get("topologySpreadConstraints") or ()):
        if spread.get("labelSelector") is None:
            where = f"{field}.topologySpreadConstraints[{index}].labelSelector"
            out.append(f"{where}: a null labelSelector results in matching no pod")
    ports: dict[tuple[object, ...], str] = {}
    for index, container in enumerate(spec.get("containers") or ()):
        where = f"{field}.containers[{index}]"
        out += _environment(container, where)
        for number, port in enumerate(container.get("ports") or ()):
            key = (port.get("containerPort"), port.get("protocol"), port.get("hostIP"), port.get("hostPort"))
            here = f"{where}.ports[{number}]"
            if key in ports:
                out.append(f"{here}: duplicate port definition with {ports[key]}")
            else:
                ports[key] = here
    return out


def _environment(container: Object, where: str) -> list[str]:
    seen: set[str] = set()
    out: list[str] = []
    for index, entry in enumerate(container.get("env") or ()):
        name = entry.get("name") or ""
        if name in seen:
            out.append(
                f'{where}.env[{index}]: hides previous definition of "{name}", which may be dropped when using apply'
            )
        seen.add(name)
    return out


def _pod(obj: Object) -> list[str]:
    out = _pod_spec(obj["spec"], "spec")
    name = obj["metadata"].get("name") or ""
    if "." in name:
        out.insert(
            0,
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
            "a DNS label is recommended: [must not contain dots]",
        )
    return out


def _template(obj: Object) -> list[str]:
    return _pod_spec(dig(obj, "spec", "template", "spec") or {}, "spec.template.spec")


def _cron_job(obj: Object) -> list[str]:
    spec = dig(obj, "spec", "jobTemplate", "spec", "template", "spec") or {}
    return _pod_spec(spec, "spec.jobTemplate.spec.template.spec")


def _service(obj: Object) -> list[str]:
    out = []
    if obj["spec"].get("externalIPs"):
        out.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    if obj["spec"].get("trafficDistribution") == "PreferClose":
        out.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return out


def _slice(obj: Object) -> list[str]:
    return ["spec.addressType: FQDN endpoints are deprecated"] if obj.get("addressType") == "FQDN" else []


_WARNINGS: dict[tuple[str, str], Callable[[Object], list[str]]] = {
    ("", "pods"): _pod,
    ("", "replicationcontrollers"): _template,
    ("", "services"): _service,
    ("apps", "deployments"): _template,
    ("apps", "replicasets"): _template,
    ("apps", "statefulsets"): _template,
    ("apps", "daemonsets"): _template,
    ("batch", "jobs"): _template,
    ("batch", "cronjobs"): _cron_job,
    ("discovery.k8s.io", "endpointslices"): _slice,
}
DEPRECATED = {("", "v1", "endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"}
