"""Validation of Pods and Pod templates (pkg/apis/core/validation)."""

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    IP_RULE,
    NOT_NEGATIVE,
    Errors,
    duplicate,
    forbidden,
    invalid,
    is_ip,
    label_faults,
    label_map,
    name_errors,
    not_found,
    not_negative,
    one_of,
    port_faults,
    port_name_faults,
    required,
    subdomain_faults,
    unsupported,
    validate_annotations,
)
from karmactl.embedded.selectors import key_faults, value_faults
from karmactl.embedded.values import Object, dig

_STANDARD = ("cpu", "memory", "ephemeral-storage", "storage")
_MAX_ID = 2147483647
_POLICIES = ("Always", "OnFailure", "Never")


def validate_template(template: Object, field: str, claims: tuple[str, ...] = ()) -> Errors:
    """The faults in a Pod template; `claims` names the volumes that its owner will put into it."""
    meta = template.get("metadata") or {}
    out = label_map(f"{field}.labels", meta.get("labels"))
    out += validate_annotations(f"{field}.annotations", meta.get("annotations"))
    return out + validate_spec(template["spec"], f"{field}.spec", claims)


def validate_spec(spec: Object, field: str, claims: tuple[str, ...] = ()) -> Errors:
    """The faults in a Pod spec, in the order in which upstream looks."""
    out, sound = _volumes(spec.get("volumes") or [], f"{field}.volumes")
    volumes = [*claims, *sound]
    out += _containers(spec, "containers", f"{field}.containers", volumes)
    if spec.get("initContainers"):
        out += _containers(spec, "initContainers", f"{field}.initContainers", volumes)
    out += one_of(f"{field}.restartPolicy", spec.get("restartPolicy"), _POLICIES)
    policies = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
    out += one_of(f"{field}.dnsPolicy", spec.get("dnsPolicy"), policies)
    out += label_map(f"{field}.nodeSelector", spec.get("nodeSelector"))
    out += _host_network(spec, field)
    if spec.get("serviceAccountName"):
        name = spec["serviceAccountName"]
        out += name_errors(f"{field}.serviceAccountName", name, subdomain_faults(name))
    if spec.get("nodeName"):
        out += name_errors(f"{field}.nodeName", spec["nodeName"], subdomain_faults(spec["nodeName"]))
    if spec.get("activeDeadlineSeconds") is not None and not 1 <= spec["activeDeadlineSeconds"] <= _MAX_ID:
        text = f"must be between 1 and {_MAX_ID}, inclusive"
        out.append(invalid(f"{field}.activeDeadlineSeconds", spec["activeDeadlineSeconds"], text))
    if spec.get("hostname"):
        out += name_errors(f"{field}.hostname", spec["hostname"], label_faults(spec["hostname"]))
    if spec.get("subdomain"):
        out += name_errors(f"{field}.subdomain", spec["subdomain"], label_faults(spec["subdomain"]))
    out += validate_tolerations(spec.get("tolerations") or [], f"{field}.tolerations")
    out += _host_aliases(spec.get("hostAliases") or [], f"{field}.hostAliases")
    if spec.get("dnsPolicy") == "None" and not dig(spec, "dnsConfig", "nameservers"):
        where = f"{field}.dnsConfig" if spec.get("dnsConfig") is None else f"{field}.dnsConfig.nameservers"
        text = "must provide `dnsConfig` when `dnsPolicy` is None"
        if spec.get("dnsConfig") is not None:
            text = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        out.append(required(where, text))
    if spec.get("os") is not None:
        name = spec["os"].get("name") or ""
        if name not in ("linux", "windows"):
            out.append(unsupported(f"{field}.os", name, ("linux", "windows")))
    gates = [g.get("name") for g in spec.get("schedulingGates") or ()]
    out += [duplicate(f"{field}.schedulingGates[{i}]", g) for i, g in enumerate(gates) if g in gates[:i]]
    return out


def _host_network(spec: Object, field: str) -> Errors:
    out: Errors = []
    if not spec.get("hostNetwork"):
        return out
    for index, container in enumerate(spec.get("containers") or ()):
        for number, port in enumerate(container.get("ports") or ()):
            if port.get("hostPort") and port["hostPort"] != port.get("containerPort"):
                where = f"{field}.containers[{index}].ports[{number}].containerPort"
                out.append(
                    invalid(where, port.get("containerPort"), "must match `hostPort` when `hostNetwork` is true")
                )
    return out


# ---- volumes

_VOLUME_NAMES = ("name",)


def _volumes(volumes: list[Object], field: str) -> tuple[Errors, list[str]]:
    """The faults in volumes, and the names of those without any: only they can be mounted."""
    out: Errors = []
    sound: list[str] = []
    for index, volume in enumerate(volumes):
        where = f"{field}[{index}]"
        faults: Errors = []
        sources = [k for k in volume if k not in _VOLUME_NAMES]
        for extra in sorted(sources, key=_volume_order)[1:]:
            faults.append(forbidden(f"{where}.{extra}", "may not specify more than 1 volume type"))
        faults += _volume_source(volume, where)
        name = volume.get("name") or ""
        if not name:
            faults.append(required(f"{where}.name"))
        else:
            faults += name_errors(f"{where}.name", name, label_faults(name))
        if name in sound:
            faults.append(duplicate(f"{where}.name", name))
        if not faults:
            sound.append(name)
        out += faults
    return out, sound


_ORDER: tuple[str, ...] = (
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
)
_ORDER += ("glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc")
_ORDER += (
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
)
_ORDER += ("storageos", "projected", "scaleIO", "csi", "ephemeral", "image")


def _volume_order(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


_HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")


def _volume_source(volume: Object, where: str) -> Errors:
    out: Errors = []
    path = volume.get("hostPath")
    if path is not None:
        if not path.get("path"):
            out.append(required(f"{where}.hostPath.path"))
        elif ".." in path["path"].split("/"):
            out.append(invalid(f"{where}.hostPath.path", path["path"], "must not contain '..'"))
        if path.get("type") is not None and path["type"] not in _HOST_PATH_TYPES:
            out.append(unsupported(f"{where}.hostPath.type", path["type"], _HOST_PATH_TYPES))
    secret = volume.get("secret")
    if secret is not None and not secret.get("secretName"):
        out.append(required(f"{where}.secret.secretName"))
    config = volume.get("configMap")
    if config is not None and not config.get("name"):
        out.append(required(f"{where}.configMap.name"))
    claim = volume.get("persistentVolumeClaim")
    if claim is not None and not claim.get("claimName"):
        out.append(required(f"{where}.persistentVolumeClaim.claimName"))
    return out


# ---- containers


def _containers(spec: Object, kind: str, field: str, volumes: list[str]) -> Errors:
    containers = spec.get(kind) or []
    if not containers:
        return [required(field)]
    out: Errors = []
    names: list[str] = []
    for index, container in enumerate(containers):
        where = f"{field}[{index}]"
        name = container.get("name") or ""
        if not name:
            out.append(required(f"{where}.name"))
        else:
            out += name_errors(f"{where}.name", name, label_faults(name))
        if name in names:
            out.append(duplicate(f"{where}.name", name))
        names.append(name)
        out += _container(container, where, volumes)
    if kind == "containers":
        out += _host_ports(containers, field)
    return out


def _container(container: Object, where: str, volumes: list[str]) -> Errors:
    out: Errors = []
    image = container.get("image") or ""
    if not image:
        out.append(required(f"{where}.image"))
    elif image != image.strip():
        out.append(invalid(f"{where}.image", image, "must not have leading or trailing whitespace"))
    policies = ("File", "FallbackToLogsOnError")
    out += one_of(f"{where}.terminationMessagePolicy", container.get("terminationMessagePolicy"), policies)
    out += _ports(container.get("ports") or [], f"{where}.ports")
    out += _env(container.get("env") or [], f"{where}.env")
    out += _mounts(container.get("volumeMounts") or [], f"{where}.volumeMounts", volumes)
    out += one_of(f"{where}.imagePullPolicy", container.get("imagePullPolicy"), ("Always", "IfNotPresent", "Never"))
    out += validate_resources(container.get("resources") or {}, f"{where}.resources")
    out += _security(container.get("securityContext") or {}, f"{where}.securityContext")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(probe) is not None:
            out += _probe(container[probe], f"{where}.{probe}", only_once=probe != "readinessProbe")
    return out


def _ports(ports: list[Object], field: str) -> Errors:
    out: Errors = []
    names: list[str] = []
    for index, port in enumerate(ports):
        where = f"{field}[{index}]"
        name = port.get("name")
        if name:
            faults = port_name_faults(name)
            out += name_errors(f"{where}.name", name, faults)
            if not faults and name in names:
                out.append(duplicate(f"{where}.name", name))
            names.append(name)
        number = port.get("containerPort") or 0
        if number == 0:
            out.append(required(f"{where}.containerPort"))
        else:
            out += name_errors(f"{where}.containerPort", number, port_faults(number))
        if port.get("hostPort"):
            out += name_errors(f"{where}.hostPort", port["hostPort"], port_faults(port["hostPort"]))
        out += one_of(f"{where}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP"))
    return out


def _host_ports(containers: list[Object], field: str) -> Errors:
    out: Errors = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            text = f"{port.get('protocol', 'TCP')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if text in seen:
                out.append(duplicate(f"{field}[{index}].ports[{number}].hostPort", text))
            seen.add(text)
    return out


_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FIELDS: tuple[str, ...] = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
)
_FIELDS += ("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs")


def _env(env: list[Object], field: str) -> Errors:
    out: Errors = []
    for index, entry in enumerate(env):
        where = f"{field}[{index}]"
        name = entry.get("name") or ""
        if not name:
            out.append(required(f"{where}.name"))
        elif "=" in name or not all(" " <= c <= "~" for c in name):
            text = "a valid environment variable name must consist only of printable ASCII characters other than '='"
            out.append(invalid(f"{where}.name", name, text))
        source = entry.get("valueFrom")
        if source is None:
            continue
        given = [s for s in _SOURCES if source.get(s) is not None]
        if source.get("fieldRef") is not None:
            out += _field_ref(source["fieldRef"], f"{where}.valueFrom.fieldRef")
        for kind in ("configMapKeyRef", "secretKeyRef"):
            ref = source.get(kind)
            if ref is not None and not ref.get("name"):
                out.append(required(f"{where}.valueFrom.{kind}.name"))
            if ref is not None and not ref.get("key"):
                out.append(required(f"{where}.valueFrom.{kind}.key"))
        if not given:
            text = (
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            )
            out.append(invalid(f"{where}.valueFrom", "", text))
        elif len(given) > 1:
            out.append(invalid(f"{where}.valueFrom", "", "may not have more than one field specified at a time"))
        elif entry.get("value"):
            out.append(invalid(f"{where}.valueFrom", "", "may not be specified when `value` is not empty"))
    return out


def _field_ref(ref: Object, where: str) -> Errors:
    path = ref.get("fieldPath") or ""
    if not path:
        return [required(f"{where}.fieldPath")]
    if path in _FIELDS or path.startswith(("metadata.labels['", "metadata.annotations['")):
        return []
    return [invalid(f"{where}.fieldPath", path, f"error converting fieldPath: field label not supported: {path}")]


def _mounts(mounts: list[Object], field: str, volumes: list[str]) -> Errors:
    out: Errors = []
    paths: list[str] = []
    for index, mount in enumerate(mounts):
        where = f"{field}[{index}]"
        name = mount.get("name") or ""
        if not name:
            out.append(required(f"{where}.name"))
        elif name not in volumes:
            out.append(not_found(f"{where}.name", name))
        path = mount.get("mountPath") or ""
        if not path:
            out.append(required(f"{where}.mountPath"))
        if path in paths:
            out.append(invalid(f"{where}.mountPath", path, "must be unique"))
        paths.append(path)
    return out


def validate_resources(resources: Object, field: str) -> Errors:
    """The faults in what a container asks for and is limited to."""
    out: Errors = []
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for kind, values in (("limits", limits), ("requests", requests)):
        for name, text in sorted(values.items()):
            out += _resource(name, text, f"{field}.{kind}[{name}]")
    for name, text in sorted(requests.items()):
        if name in limits and quantity.value(text) > quantity.value(limits[name]):
            out.append(
                invalid(f"{field}.requests", text, f"must be less than or equal to {name} limit of {limits[name]}")
            )
    return out


def _resource(name: str, text: str, where: str) -> Errors:
    out: Errors = []
    if "/" not in name and not (name in _STANDARD or name.startswith("hugepages-")):
        out.append(invalid(where, name, "must be a standard resource type or fully qualified"))
        out.append(invalid(where, name, "must be a standard resource for containers"))
    number = quantity.value(text)
    if number < 0:
        out.append(invalid(where, text, NOT_NEGATIVE))
    if "/" in name and number != number.to_integral_value():
        out.append(invalid(where, text, "must be an integer"))
    return out


def _security(context: Object, where: str) -> Errors:
    out: Errors = []
    for field in ("runAsUser", "runAsGroup"):
        number = context.get(field)
        if number is not None and not 0 <= number <= _MAX_ID:
            out.append(invalid(f"{where}.{field}", number, f"must be between 0 and {_MAX_ID}, inclusive"))
    if context.get("allowPrivilegeEscalation") is False and context.get("privileged"):
        text = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
        out.append(invalid(where, context, text))
    return out


_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def _probe(probe: Object, where: str, only_once: bool) -> Errors:
    out: Errors = []
    given = [h for h in _HANDLERS if probe.get(h) is not None]
    out += [forbidden(f"{where}.{h}", "may not specify more than 1 handler type") for h in given[1:]]
    if not given:
        out.append(required(where, "must specify a handler type"))
    for field in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        out += not_negative(f"{where}.{field}", probe.get(field))
    if only_once and probe.get("successThreshold", 1) != 1:
        out.append(invalid(f"{where}.successThreshold", probe["successThreshold"], "must be 1"))
    return out


def validate_tolerations(tolerations: list[Object], field: str) -> Errors:
    """The faults in a list of tolerations."""
    out: Errors = []
    for index, toleration in enumerate(tolerations):
        where = f"{field}[{index}]"
        key, operator = toleration.get("key") or "", toleration.get("operator") or ""
        if key:
            out += name_errors(f"{where}.key", key, key_faults(key))
        if not key and operator != "Exists":
            text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            out.append(invalid(f"{where}.operator", operator, text))
        if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
            text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            out.append(invalid(f"{where}.effect", toleration.get("effect") or "", text))
        if operator == "Exists" and toleration.get("value"):
            text = "value must be empty when `operator` is 'Exists'"
            out.append(invalid(f"{where}.operator", toleration["value"], text))
        elif operator in ("", "Equal"):
            faults = value_faults(toleration.get("value") or "")
            if faults:
                out.append(invalid(f"{where}.operator", toleration["value"], ";".join(faults)))
        elif operator != "Exists":
            out.append(unsupported(f"{where}.operator", operator, ("Equal", "Exists")))
        effect = toleration.get("effect")
        if effect and effect not in ("NoSchedule", "PreferNoSchedule", "NoExecute"):
            out.append(unsupported(f"{where}.effect", effect, ("NoSchedule", "PreferNoSchedule", "NoExecute")))
    return out


def _host_aliases(aliases: list[Object], field: str) -> Errors:
    out: Errors = []
    for index, alias in enumerate(aliases):
        if not is_ip(alias.get("ip") or ""):
            out.append(invalid(f"{field}[{index}].ip", alias.get("ip") or "", IP_RULE))
        for number, name in enumerate(alias.get("hostnames") or ()):
            out += name_errors(f"{field}[{index}].hostnames[{number}]", name, subdomain_faults(name))
    return out


# ---- Pods themselves


def validate_pod(pod: Object) -> Errors:
    """The faults in a new Pod."""
    return validate_spec(pod["spec"], "spec")
