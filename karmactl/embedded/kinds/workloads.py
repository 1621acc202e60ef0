"""Workloads: Deployments and their kin, Jobs and CronJobs."""

from typing import TYPE_CHECKING

from karmactl.embedded.kinds.conversion import TEMPLATE_GENERATION
from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, equal

if TYPE_CHECKING:
    from karmactl.embedded.call import Call

_UID_LABELS = ("batch.kubernetes.io/controller-uid", "controller-uid")
_NAME_LABELS = ("batch.kubernetes.io/job-name", "job-name")


def _daemon_create(call: "Call", obj: Object) -> None:
    obj["metadata"].setdefault("annotations", {})[TEMPLATE_GENERATION] = "1"


def _daemon_update(call: "Call", new: Object, old: Object) -> None:
    """The old annotation counts the changes of the template."""
    before = (old["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION) or "1"
    count = int(before) if before.isdigit() else 1
    if not equal(new["spec"].get("template"), old["spec"].get("template")):
        count += 1
    new["metadata"].setdefault("annotations", {})[TEMPLATE_GENERATION] = str(count)


def _job_create(call: "Call", obj: Object) -> None:
    """A Job selects by its own uid, unless it brings a selector."""
    spec, uid = obj["spec"], obj["metadata"]["uid"]
    if not spec.get("manualSelector"):
        template_meta = spec["template"].setdefault("metadata", {})
        labels = template_meta.setdefault("labels", {})
        # labels that came from the template by default are the same map upstream, and grow with it
        shared = not obj["metadata"].get("labels") or obj["metadata"]["labels"] == labels
        for key in _UID_LABELS:
            labels[key] = uid
        for key in _NAME_LABELS:
            labels[key] = obj["metadata"].get("name") or ""
        if shared:
            obj["metadata"]["labels"] = dict(labels)
        selector = spec.get("selector") or {}
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), _UID_LABELS[0]: uid}
        spec["selector"] = selector


DEPLOYMENT = Strategy(generation=True, generation_with="annotations")  # copied to its ReplicaSets
REPLICA_SET = Strategy(generation=True)
REPLICATION_CONTROLLER = Strategy(generation=True, orphans_by_default=True)
STATEFUL_SET = Strategy(generation=True, name="label")
DAEMON_SET = Strategy(generation=True, prepare_create=_daemon_create, prepare_update=_daemon_update)
JOB = Strategy(generation=True, orphans_by_default=True, prepare_create=_job_create)
CRON_JOB = Strategy(generation=True)
