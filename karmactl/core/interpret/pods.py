"""Pod specs: what one replica asks of a cluster, and which objects it cannot start without.

Both are the same for every kind with a pod template, native or not (customizations reach them through the `kube`
library). Source: Karmada pkg/util/{resource.go,helper/binding.go,helper/pod.go}, pkg/util/lifted/visitpod.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from karmactl.core.match import is_label_key
from karmactl.core.model.binding import DependentObjectReference, NodeClaim, ReplicaRequirements
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str, field
from karmactl.core.quantity import Quantity, QuantityFormat, parse_quantity
from karmactl.core.shape import Optional, Struct, normalize

__all__ = ["pod_dependencies", "pod_requirements", "sorted_dependencies"]

_CONTAINER_LISTS: Final = ("initContainers", "containers", "ephemeralContainers")

# In the order in which Karmada looks; the first source that a volume has decides, and each names one Secret.
_VOLUME_SECRETS: Final = (
    ("azureFile", ("secretName",)),
    ("cephfs", ("secretRef", "name")),
    ("cinder", ("secretRef", "name")),
    ("flexVolume", ("secretRef", "name")),
    ("projected", ()),
    ("rbd", ("secretRef", "name")),
    ("secret", ("secretName",)),
    ("scaleIO", ("secretRef", "name")),
    ("iscsi", ("secretRef", "name")),
    ("storageos", ("secretRef", "name")),
    ("csi", ("nodePublishSecretRef", "name")),
)


def pod_requirements(pod_spec: JSONValue) -> ReplicaRequirements | None:
    """What one pod needs; None where it asks for nothing and may run anywhere."""
    claim = _node_claim(pod_spec)
    request = _resource_request(pod_spec)
    if claim is None and not request:
        return None
    return ReplicaRequirements(node_claim=claim, resource_request=request)


def pod_dependencies(pod_spec: JSONValue, namespace: str) -> tuple[DependentObjectReference, ...]:
    """The ConfigMaps, Secrets, ServiceAccounts and claims that a pod names, each once, sorted."""
    account = as_str(field(pod_spec, "serviceAccountName"))
    names = {
        "ConfigMap": set(_config_map_names(pod_spec)),
        "Secret": set(_secret_names(pod_spec)),
        "ServiceAccount": {account} - {"default"},
        "PersistentVolumeClaim": {
            as_str(field(volume, "persistentVolumeClaim", "claimName"))
            for volume in as_list(field(pod_spec, "volumes"))
        },
    }
    return sorted_dependencies(
        DependentObjectReference(api_version="v1", kind=kind, namespace=namespace, name=name)
        for kind, found in names.items()
        for name in found
        if name
    )


def sorted_dependencies(references: Iterator[DependentObjectReference]) -> tuple[DependentObjectReference, ...]:
    """References by apiVersion, kind, namespace and name; Karmada's own order is random."""
    return tuple(sorted(references, key=lambda ref: (ref.api_version, ref.kind, ref.namespace, ref.name)))


# --- Requirements --------------------------------------------------------------------------------------------------


def _node_claim(pod_spec: JSONValue) -> NodeClaim | None:
    selector = field(pod_spec, "nodeSelector")
    tolerations = tuple(as_list(field(pod_spec, "tolerations")))
    affinity = field(pod_spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    if selector is None and affinity is None and not tolerations:
        return None
    # They are taken from the typed pod, so fields that are never left out are there, and unknown ones are not.
    return NodeClaim(
        hard_node_affinity=normalize(affinity, Optional(Struct("NodeSelector"))),
        node_selector={key: as_str(value) for key, value in as_mapping(selector).items()},
        tolerations=tuple(normalize(toleration, Struct("Toleration")) for toleration in tolerations),
    )


def _resource_request(pod_spec: JSONValue) -> Mapping[str, str]:
    """Requests of all containers together, at least that of each init container, and the overhead on top."""
    total: dict[str, int] = {}
    for container in as_list(field(pod_spec, "containers")):
        for name, amount in _container_request(container):
            total[name] = total.get(name, 0) + amount
    for container in as_list(field(pod_spec, "initContainers")):
        for name, amount in _container_request(container):
            total[name] = max(total.get(name, 0), amount)
    for name, amount in _amounts(as_mapping(field(pod_spec, "overhead"))):
        total[name] = total.get(name, 0) + amount
    return {name: _format_amount(name, amount) for name, amount in sorted(total.items()) if amount > 0}


def _container_request(container: JSONValue) -> Iterator[tuple[str, int]]:
    """What a container requests; a limit without a request counts as one."""
    limits, requests = field(container, "resources", "limits"), field(container, "resources", "requests")
    return _amounts({**as_mapping(limits), **as_mapping(requests)})


def _amounts(resources: Mapping[str, JSONValue]) -> Iterator[tuple[str, int]]:
    """Thousandths for cpu, whole units for the rest; resources that are of no scheduler's concern are left out."""
    for name, text in resources.items():
        if name == "cpu":
            yield name, parse_quantity(str(text)).milli_value()
        elif name in ("memory", "ephemeral-storage", "pods") or _is_scalar_resource(name):
            yield name, parse_quantity(str(text)).value()


def _format_amount(name: str, amount: int) -> str:
    if name == "cpu":
        return str(Quantity(unscaled=amount, exponent=-3))
    is_binary = name in ("memory", "ephemeral-storage") or name.startswith("hugepages-")
    form = QuantityFormat.BINARY_SI if is_binary else QuantityFormat.DECIMAL_SI
    return str(Quantity(unscaled=amount, format=form))


def _is_scalar_resource(name: str) -> bool:
    """Extended resources, huge pages, and those with a native prefix (Kubernetes' v1helper.IsScalarResourceName)."""
    if name.startswith(("hugepages-", "attachable-volumes-")) or "kubernetes.io/" in name:
        return True
    return "/" in name and not name.startswith("requests.") and is_label_key(f"requests.{name}")


# --- Dependencies --------------------------------------------------------------------------------------------------


def _containers(pod_spec: JSONValue) -> Iterator[JSONValue]:
    for key in _CONTAINER_LISTS:
        yield from as_list(field(pod_spec, key))


def _environment_names(pod_spec: JSONValue, whole: str, single: str) -> Iterator[str]:
    """Names under `envFrom` and `env`: the reference to a whole object, or to one of its keys."""
    for container in _containers(pod_spec):
        for source in as_list(field(container, "envFrom")):
            yield as_str(field(source, whole, "name"))
        for variable in as_list(field(container, "env")):
            yield as_str(field(variable, "valueFrom", single, "name"))


def _config_map_names(pod_spec: JSONValue) -> Iterator[str]:
    yield from _environment_names(pod_spec, "configMapRef", "configMapKeyRef")
    for volume in as_list(field(pod_spec, "volumes")):
        if field(volume, "projected") is not None:
            yield from _projected_names(volume, "configMap")
        else:
            yield as_str(field(volume, "configMap", "name"))


def _secret_names(pod_spec: JSONValue) -> Iterator[str]:
    for reference in as_list(field(pod_spec, "imagePullSecrets")):
        yield as_str(field(reference, "name"))
    yield from _environment_names(pod_spec, "secretRef", "secretKeyRef")
    for volume in as_list(field(pod_spec, "volumes")):
        for source, path in _VOLUME_SECRETS:
            if field(volume, source) is None:
                continue
            if source == "projected":
                yield from _projected_names(volume, "secret")
            else:
                yield as_str(field(volume, source, *path))
            break


def _projected_names(volume: JSONValue, source: str) -> Iterator[str]:
    for entry in as_list(field(volume, "projected", "sources")):
        yield as_str(field(entry, source, "name"))
