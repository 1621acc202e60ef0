"""Warnings that a server sends with a write that it accepts: deprecated fields, and what is likely a mistake.

After the strategies of the kinds (pkg/registry) and the helpers that they call (pkg/api); those about Pods are in
`warnings_pods`. A function gets the new object and, for an update, the one before.
"""

from collections.abc import Callable

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import address_warnings, cidr_warnings, label_faults
from karmactl.embedded.kinds.validate_definition import format_warnings
from karmactl.embedded.values import Object, dig, equal, go_quote
from karmactl.embedded.warnings_pods import (
    NODE_LABELS,
    VOLUME_SOURCES,
    claim_warnings,
    node_term_warnings,
    template_warnings,
)

_Warn = Callable[[Object, Object | None], list[str]]


def warnings_of(table: tuple[str, str], obj: Object, old: Object | None = None) -> list[str]:
    """The warnings for an object that was created, or changed from `old`."""
    function = _WARNINGS.get(table)
    return function(obj, old) if function is not None else []


def _name_warning(obj: Object, use: str) -> list[str]:
    """A name that is a subdomain where labels are made of it."""
    faults = label_faults(obj["metadata"].get("name") or "")
    if not faults:
        return []
    text = f"{use}, which can result in surprising behavior; a DNS label is recommended: [{' '.join(faults)}]"
    return [f"metadata.name: {text}"]


def _pod(obj: Object, old: Object | None) -> list[str]:
    if old is not None:
        return []
    return _name_warning(obj, "this is used in the Pod's hostname") + template_warnings(obj, "")


def _is_same_generation(obj: Object, old: Object | None) -> bool:
    return old is not None and obj["metadata"].get("generation") == old["metadata"].get("generation")


def _owner_of(path: tuple[str, ...], named: bool = True) -> _Warn:
    """The warnings of a kind with a Pod template at a path; on updates only where the generation moved."""

    def warn(obj: Object, old: Object | None) -> list[str]:
        out = _name_warning(obj, "this is used in Pod names and hostnames") if named and old is None else []
        template = dig(obj, *path)
        if template is not None and not _is_same_generation(obj, old):
            out += template_warnings(template, ".".join(path))
        return out

    return warn


def _daemon_set(obj: Object, old: Object | None) -> list[str]:
    if old is not None and equal(obj["spec"].get("template"), old["spec"].get("template")):
        return []
    return template_warnings(obj["spec"]["template"], "spec.template")


def _stateful_set(obj: Object, old: Object | None) -> list[str]:
    out = _owner_of(("spec", "template"), named=False)(obj, old)
    inside = "" if old is None else ".Spec"  # upstream's own paths
    for index, claim in enumerate(obj["spec"].get("volumeClaimTemplates") or ()):
        out += claim_warnings(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}]{inside}")
    if (obj["spec"].get("revisionHistoryLimit") or 0) < 0:
        text = "a negative value retains all historical revisions; a value >= 0 is recommended"
        out.append(f"spec.revisionHistoryLimit: {text}")
    return out


def _cron_job(obj: Object, old: Object | None) -> list[str]:
    out = _owner_of(("spec", "jobTemplate", "spec", "template"))(obj, old)
    if old is not None and "TZ" in (obj["spec"].get("schedule") or ""):
        page = "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"
        out.append(f"cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see {page} for more details")
    return out


def _service(obj: Object, old: Object | None) -> list[str]:
    spec, out = obj["spec"], []
    hints = "service.kubernetes.io/topology-aware-hints"
    if hints in (obj["metadata"].get("annotations") or {}):
        out.append(f"annotation {hints} is deprecated, please use service.kubernetes.io/topology-mode instead")
    kind, external = spec.get("type"), spec.get("externalIPs") or []
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if address not in ("", "None"):
            out += address_warnings(f"spec.clusterIPs[{index}]", address)
    headless = kind == "ClusterIP" and spec.get("clusterIP") == "None"
    if headless:
        ignored = [f"spec.{f}" for f in ("loadBalancerIP", "externalIPs") if spec.get(f)]
        ignored += ["spec.SessionAffinity"] if spec.get("sessionAffinity") != "None" else []
        out += [f"{field} is ignored for headless services" for field in ignored]
    for index, address in enumerate(external):
        out += address_warnings(f"spec.externalIPs[{index}]", address)
    if external and not headless and kind != "ExternalName":
        out.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    if spec.get("loadBalancerIP"):
        out += address_warnings("spec.loadBalancerIP", spec["loadBalancerIP"])
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        out += cidr_warnings(f"spec.loadBalancerSourceRanges[{index}]", cidr)
    if kind == "ExternalName" and external:
        out.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if kind != "ExternalName" and spec.get("externalName"):
        out.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        out.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return out


def _service_account(obj: Object, old: Object | None) -> list[str]:
    mark = "kubernetes.io/enforce-mountable-secrets"
    had = old is not None and mark in (old["metadata"].get("annotations") or {})
    if had or mark not in (obj["metadata"].get("annotations") or {}):
        return []
    text = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
    return [f"metadata.annotations[{mark}]: {text}"]


_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_VOLUME_ANNOTATIONS = {
    _CLASS_ANNOTATION: 'deprecated since v1.8; use "storageClassName" attribute instead',
    "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
}
_OLD_SOURCES = ("cephfs", "photonPersistentDisk", "scaleIO", "storageos", "glusterfs", "rbd")


def _volume(obj: Object, old: Object | None) -> list[str]:
    spec, annotations = obj["spec"], obj["metadata"].get("annotations") or {}
    out = [f"metadata.annotations[{k}]: {text}" for k, text in _VOLUME_ANNOTATIONS.items() if k in annotations]
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        text = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic"
        out.append(f"spec.persistentVolumeReclaimPolicy: {text} provisioning.")
    for index, term in enumerate(dig(spec, "nodeAffinity", "required", "nodeSelectorTerms") or ()):
        out += node_term_warnings(term, f"spec.nodeAffinity.required.nodeSelectorTerms[{index}]", False)
    given = [VOLUME_SOURCES[key] for key in _OLD_SOURCES if spec.get(key) is not None]
    return out + [f"spec.{shown}: {text}" for shown, text in given]


def _claim(obj: Object, old: Object | None) -> list[str]:
    out = []
    if _CLASS_ANNOTATION in (obj["metadata"].get("annotations") or {}):
        out.append(f"metadata.annotations[{_CLASS_ANNOTATION}]: {_VOLUME_ANNOTATIONS[_CLASS_ANNOTATION]}")
    return out + claim_warnings(obj["spec"], "spec")


def _node(obj: Object, old: Object | None) -> list[str]:
    out = []
    if obj["spec"].get("configSource") is not None:
        out.append("spec.configSource: the feature is removed")
    if obj["spec"].get("externalID"):
        out.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
    for index, cidr in enumerate(obj["spec"].get("podCIDRs") or ()):
        out += cidr_warnings(f"spec.podCIDRs[{index}]", cidr)
    return out


def _quota(obj: Object, old: Object | None) -> list[str]:
    hard = obj["spec"].get("hard") or {}
    out = []
    for name in ("cpu", "memory", "ephemeral-storage") if old is None else ():
        asked, limit = f"requests.{name}", f"limits.{name}"
        if asked not in hard and name != "ephemeral-storage":
            asked = name
        if asked in hard and limit in hard and quantity.value(hard[asked]) > quantity.value(hard[limit]):
            out.append(f"ResourceQuota {asked} ({hard[asked]}) should be less than {limit} ({hard[limit]})")
    return out


def _endpoints(obj: Object, old: Object | None) -> list[str]:
    out: list[str] = []
    for index, subset in enumerate(obj.get("subsets") or ()):
        for field in ("addresses", "notReadyAddresses"):
            for number, address in enumerate(subset.get(field) or ()):
                out += address_warnings(f"subsets[{index}].{field}[{number}].ip", address.get("ip") or "")
    return out


def _slice(obj: Object, old: Object | None) -> list[str]:
    out = []
    if old is None and obj.get("addressType") == "FQDN":
        out.append("spec.addressType: FQDN endpoints are deprecated")
    for index, endpoint in enumerate(obj.get("endpoints") or ()):
        for number, address in enumerate(endpoint.get("addresses") or ()):
            out += address_warnings(f"endpoints[{index}].addresses[{number}]", address)
    return out


def _ingress(obj: Object, old: Object | None) -> list[str]:
    mark = "kubernetes.io/ingress.class"
    named = obj["spec"].get("ingressClassName") is not None
    if old is not None or named or mark not in (obj["metadata"].get("annotations") or {}):
        return []
    return [f"annotation {go_quote(mark)} is deprecated, please use 'spec.ingressClassName' instead"]


def _network_policy(obj: Object, old: Object | None) -> list[str]:
    out: list[str] = []
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(obj["spec"].get(direction) or ()):
            for number, peer in enumerate(rule.get(peers) or ()):
                where = f"spec.{direction}[{index}].{peers}[{number}].ipBlock"
                block = peer.get("ipBlock") or {}
                out += cidr_warnings(f"{where}.cidr", block.get("cidr") or "")
                for at, cidr in enumerate(block.get("except") or ()):
                    out += cidr_warnings(f"{where}.except[{at}]", cidr)
    return out


def _runtime_class(obj: Object, old: Object | None) -> list[str]:
    labels = dig(obj, "scheduling", "nodeSelector") or {}
    return [f"scheduling.nodeSelector: {NODE_LABELS[k]}" for k in labels if k in NODE_LABELS]


def _storage_class(obj: Object, old: Object | None) -> list[str]:
    out = []
    for index, term in enumerate(obj.get("allowedTopologies") or ()):
        for number, rule in enumerate(term.get("matchLabelExpressions") or ()):
            if rule.get("key") in NODE_LABELS:
                where = f"allowedTopologies[{index}].matchLabelExpressions[{number}].key"
                out.append(f"{where}: {NODE_LABELS[rule['key']]}")
    return out


def _csi_driver(obj: Object, old: Object | None) -> list[str]:
    spec = obj["spec"]
    tokens = spec.get("tokenRequests")
    asks_again = old is not None and equal(old["spec"].get("tokenRequests"), tokens)
    if not tokens or spec.get("serviceAccountTokenInSecrets") is not None or asks_again:
        return []
    text = "if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes"
    return [f"spec.serviceAccountTokenInSecrets is unset; {text}"]


_TEMPLATE = ("spec", "template")


def _definition(obj: Object, old: Object | None) -> list[str]:
    known = format_warnings(old) if old is not None else ()
    return [text for text in format_warnings(obj) if text not in known]


_WARNINGS: dict[tuple[str, str], _Warn] = {
    ("", "endpoints"): _endpoints,
    ("", "nodes"): _node,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _volume,
    ("", "pods"): _pod,
    ("", "podtemplates"): _owner_of(("template",), named=False),
    ("", "replicationcontrollers"): _owner_of(_TEMPLATE),
    ("", "resourcequotas"): _quota,
    ("", "serviceaccounts"): _service_account,
    ("", "services"): _service,
    ("apps", "deployments"): _owner_of(_TEMPLATE),
    ("apps", "replicasets"): _owner_of(_TEMPLATE),
    ("apps", "statefulsets"): _stateful_set,
    ("apps", "daemonsets"): _daemon_set,
    ("batch", "jobs"): _owner_of(_TEMPLATE),
    ("batch", "cronjobs"): _cron_job,
    ("discovery.k8s.io", "endpointslices"): _slice,
    ("networking.k8s.io", "ingresses"): _ingress,
    ("networking.k8s.io", "networkpolicies"): _network_policy,
    ("node.k8s.io", "runtimeclasses"): _runtime_class,
    ("storage.k8s.io", "csidrivers"): _csi_driver,
    ("storage.k8s.io", "storageclasses"): _storage_class,
    ("apiextensions.k8s.io", "customresourcedefinitions"): _definition,
}
DEPRECATED = {
    ("", "v1", "endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ("", "v1", "componentstatuses"): "v1 ComponentStatus is deprecated in v1.19+",
}
