"""What a round through the server's internal form does to an object: fields that say the same thing twice.

Upstream converts every object to an internal form and back; there, old names of fields are kept in step with their
new ones. Here it is one step after decoding, by kind. What it sets counts as set by the client, as upstream.
"""

import base64
from collections.abc import Callable

from karmactl.embedded.values import Object, dig

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def sync_account(spec: object) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`; both are there, or neither."""
    if not isinstance(spec, dict):
        return
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _pod(obj: Object) -> None:
    sync_account(obj.get("spec"))


def _template(obj: Object) -> None:
    sync_account(dig(obj, "spec", "template", "spec"))


def _pod_template(obj: Object) -> None:
    sync_account(dig(obj, "template", "spec"))


def _cron_job(obj: Object) -> None:
    sync_account(dig(obj, "spec", "jobTemplate", "spec", "template", "spec"))


def _daemon_set(obj: Object) -> None:
    _template(obj)
    annotations = obj["metadata"].setdefault("annotations", {})
    annotations.setdefault(TEMPLATE_GENERATION, "0")


def _stateful_set(obj: Object) -> None:
    _template(obj)
    for template in obj["spec"].get("volumeClaimTemplates") or ():
        template.update(apiVersion="v1", kind="PersistentVolumeClaim")


def _secret(obj: Object) -> None:
    """`stringData` is write-only: its entries move to `data`."""
    text = obj.pop("stringData", None)
    if text:
        data = obj.setdefault("data", {})
        for key, value in text.items():
            data[key] = base64.b64encode(value.encode()).decode()


def _node(obj: Object) -> None:
    spec = obj["spec"]
    if spec.get("podCIDR") and (spec.get("podCIDRs") or [""])[0] != spec["podCIDR"]:
        spec["podCIDRs"] = [spec["podCIDR"]]
    elif spec.get("podCIDRs") and not spec.get("podCIDR"):
        spec["podCIDR"] = spec["podCIDRs"][0]


def _pod_status(obj: Object) -> None:
    _pod(obj)
    status = obj.get("status") or {}
    if status.get("podIP") and ((status.get("podIPs") or [{}])[0].get("ip") or "") != status["podIP"]:
        status["podIPs"] = [{"ip": status["podIP"]}]
    elif status.get("podIPs") and not status.get("podIP"):
        status["podIP"] = status["podIPs"][0].get("ip", "")


_CONVERSIONS: dict[tuple[str, str], Callable[[Object], None]] = {
    ("", "pods"): _pod_status,
    ("", "podtemplates"): _pod_template,
    ("", "replicationcontrollers"): _template,
    ("", "secrets"): _secret,
    ("", "nodes"): _node,
    ("apps", "deployments"): _template,
    ("apps", "replicasets"): _template,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "statefulsets"): _stateful_set,
    ("batch", "jobs"): _template,
    ("batch", "cronjobs"): _cron_job,
}


def settle(table: tuple[str, str], obj: Object) -> None:
    """Brings doubled fields of an object in step, in place."""
    function = _CONVERSIONS.get(table)
    if function is not None:
        function(obj)
