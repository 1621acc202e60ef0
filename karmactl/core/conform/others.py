"""Rules for all other built-in kinds: Services, Ingresses, claims, roles, autoscalers, configuration.

Source: Kubernetes pkg/apis/{core,networking,rbac,autoscaling,policy,scheduling}/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.conform.faults import Report, Trail, join
from karmactl.core.conform.metadata import check_labels
from karmactl.core.conform.nodes import Rule
from karmactl.core.conform.pods import at_most_one, exactly_one
from karmactl.core.conform.texts import CHECKS, read_quantity
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str, field

__all__ = ["OTHER_RULES"]

_RBAC: Final = "rbac.authorization.k8s.io"
_HIGHEST_PRIORITY: Final = 1_000_000_000
_SERVICE_ACCOUNT: Final = "kubernetes.io/service-account.name"
# Keys that a Secret of a type must have.
_SECRET_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def _check_service(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    kind, ports = spec.get("type") or "ClusterIP", as_list(spec.get("ports"))
    is_headless = spec.get("clusterIP") == "None"
    check_labels(spec.get("selector"), (trail, "selector"), report)
    if not ports and not is_headless and kind != "ExternalName":
        report.missing((trail, "ports"))
    if kind == "ExternalName" and not spec.get("externalName"):
        report.missing((trail, "externalName"), "the type is ExternalName")
    if is_headless and kind in ("NodePort", "LoadBalancer"):
        report.invalid((trail, "clusterIP"), f"must not be None for the type {kind}")
    names: set[str] = set()
    for index, port in enumerate(ports):
        name = as_str(field(port, "name"))
        if not name and len(ports) > 1:
            report.missing(join(trail, "ports", index, "name"), "there is more than one port")
        elif name in names:
            report.add("duplicate-item", join(trail, "ports", index, "name"), f"must not be {name!r} again")
        names.add(name)


def _check_ingress(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        report.missing((trail, "rules"), "there is no defaultBackend either")


def _check_ingress_path(path: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    text = as_str(path.get("path"))
    if path.get("pathType") in ("Exact", "Prefix") and not text.startswith("/"):
        report.invalid((trail, "path"), f"must begin with '/' for the pathType {path['pathType']}")


def _check_ingress_backend(backend: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    exactly_one(backend, ("service", "resource"), trail, report)


def _check_backend_port(port: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if bool(port.get("name")) == bool(port.get("number")):
        report.invalid(trail, "must have a name or a number, and not both")


def _check_peer(peer: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    others = [name for name in ("podSelector", "namespaceSelector") if peer.get(name) is not None]
    if peer.get("ipBlock") is None and not others:
        report.missing(trail, "one of podSelector, namespaceSelector, ipBlock must be in it")
    elif peer.get("ipBlock") is not None and others:
        report.invalid((trail, others[0]), "must not be there beside ipBlock")


def _check_claim(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    modes = as_list(spec.get("accessModes"))
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        report.invalid((trail, "accessModes"), "must not hold others beside ReadWriteOncePod")
    where = join(trail, "resources", "requests", "storage")
    size = field(as_mapping(spec.get("resources")), "requests", "storage")
    quantity = read_quantity(size)
    if size is None:
        report.missing(where)
    elif quantity is not None and quantity.unscaled <= 0:
        report.invalid(where, "must be greater than 0")


def _check_role(role: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_policy_rules(role, trail, report, is_namespaced=True)


def _check_cluster_role(role: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_policy_rules(role, trail, report, is_namespaced=False)
    rule = role.get("aggregationRule")
    if rule is not None and not field(rule, "clusterRoleSelectors"):
        report.missing(join(trail, "aggregationRule", "clusterRoleSelectors"))


def _check_policy_rules(role: Mapping[str, JSONValue], trail: Trail, report: Report, *, is_namespaced: bool) -> None:
    for index, entry in enumerate(as_list(role.get("rules"))):
        rule, where = as_mapping(entry), join(trail, "rules", index)
        if not rule.get("nonResourceURLs"):
            for name in ("apiGroups", "resources"):
                if not rule.get(name):
                    report.missing((where, name))
        elif is_namespaced:
            report.invalid((where, "nonResourceURLs"), "must not be there in a Role")
        elif any(rule.get(name) for name in ("apiGroups", "resources", "resourceNames")):
            report.invalid((where, "nonResourceURLs"), "must not be there beside resources")


def _check_role_binding(binding: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_binding(binding, ("Role", "ClusterRole"), trail, report)


def _check_cluster_role_binding(binding: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_binding(binding, ("ClusterRole",), trail, report)
    for index, subject in enumerate(as_list(binding.get("subjects"))):
        if field(subject, "kind") == "ServiceAccount" and not field(subject, "namespace"):
            report.missing(join(trail, "subjects", index, "namespace"), "the subject is a ServiceAccount")


def _check_binding(binding: Mapping[str, JSONValue], kinds: tuple[str, ...], trail: Trail, report: Report) -> None:
    role = as_mapping(binding.get("roleRef"))
    if role.get("kind") not in kinds:
        report.invalid(join(trail, "roleRef", "kind"), f"must be {' or '.join(kinds)}")
    if role.get("apiGroup") not in (None, "", _RBAC):
        report.invalid(join(trail, "roleRef", "apiGroup"), f"must be {_RBAC}")


def _check_subject(subject: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    expected = "" if subject.get("kind") == "ServiceAccount" else _RBAC
    if subject.get("apiGroup") not in (None, "", expected):
        report.invalid((trail, "apiGroup"), f"must be {expected or 'empty'} for a {subject['kind']}")


def _check_autoscaler(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        report.invalid((trail, "maxReplicas"), "must not be less than minReplicas")


def _check_budget(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    at_most_one(spec, ("minAvailable", "maxUnavailable"), trail, report)


def _check_keys(manifest: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """Keys of ConfigMaps and Secrets."""
    for part in ("data", "binaryData", "stringData"):
        for key in as_mapping(manifest.get(part)):
            if text := CHECKS["config-key"](key) if key else "must not be empty":
                report.invalid(join(trail, part, key), f"is no key: it {text}")
    for key in as_mapping(manifest.get("data")).keys() & as_mapping(manifest.get("binaryData")).keys():
        report.add("duplicate-item", join(trail, "binaryData", key), "must not be in data, too")


def _check_secret(manifest: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_keys(manifest, trail, report)
    kind = as_str(manifest.get("type"))
    keys = as_mapping(manifest.get("data")).keys() | as_mapping(manifest.get("stringData")).keys()
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in keys:
            report.missing(join(trail, "data", key), f"the type is {kind}")
    annotations = as_mapping(field(manifest.get("metadata"), "annotations"))
    if kind == "kubernetes.io/service-account-token" and not annotations.get(_SERVICE_ACCOUNT):
        report.missing(join(trail, "metadata", "annotations", _SERVICE_ACCOUNT), f"the type is {kind}")
    if kind == "kubernetes.io/basic-auth" and not keys & {"username", "password"}:
        report.missing(join(trail, "data", "username"), f"the type is {kind}")


def _check_priority(manifest: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    name = as_str(field(manifest.get("metadata"), "name"))
    value = manifest.get("value")
    if not name.startswith("system-") and isinstance(value, int) and value > _HIGHEST_PRIORITY:
        report.invalid((trail, "value"), f"must be at most {_HIGHEST_PRIORITY}")


OTHER_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "autoscaling/v1.HorizontalPodAutoscalerSpec": (_check_autoscaler,),
    "autoscaling/v2.HorizontalPodAutoscalerSpec": (_check_autoscaler,),
    "core/v1.ConfigMap": (_check_keys,),
    "core/v1.PersistentVolumeClaimSpec": (_check_claim,),
    "core/v1.Secret": (_check_secret,),
    "core/v1.ServiceSpec": (_check_service,),
    "networking/v1.HTTPIngressPath": (_check_ingress_path,),
    "networking/v1.IngressBackend": (_check_ingress_backend,),
    "networking/v1.IngressSpec": (_check_ingress,),
    "networking/v1.NetworkPolicyPeer": (_check_peer,),
    "networking/v1.ServiceBackendPort": (_check_backend_port,),
    "policy/v1.PodDisruptionBudgetSpec": (_check_budget,),
    "rbac/v1.ClusterRole": (_check_cluster_role,),
    "rbac/v1.ClusterRoleBinding": (_check_cluster_role_binding,),
    "rbac/v1.Role": (_check_role,),
    "rbac/v1.RoleBinding": (_check_role_binding,),
    "rbac/v1.Subject": (_check_subject,),
    "scheduling/v1.PriorityClass": (_check_priority,),
}
