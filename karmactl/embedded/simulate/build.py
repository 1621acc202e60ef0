"""Which controllers run in a cluster, and what is there only because they do."""

from typing import TYPE_CHECKING

from karmactl.embedded.simulate.aggregation import ROLES, Aggregation
from karmactl.embedded.simulate.budgets import Budgets
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.daemonsets import DaemonSets
from karmactl.embedded.simulate.deployments import Deployments
from karmactl.embedded.simulate.garbage import Garbage
from karmactl.embedded.simulate.jobs import CronJobs, Jobs
from karmactl.embedded.simulate.loop import Controller, Controllers
from karmactl.embedded.simulate.mirroring import Mirroring
from karmactl.embedded.simulate.namespaces import NAMESPACES, Namespaces
from karmactl.embedded.simulate.pods import Kubelet
from karmactl.embedded.simulate.replicas import REPLICA_SETS, REPLICATION_CONTROLLERS, Replicas
from karmactl.embedded.simulate.services import Services
from karmactl.embedded.simulate.signing import Signing
from karmactl.embedded.simulate.statefulsets import StatefulSets
from karmactl.embedded.simulate.storage import CLASSES, Claims, Volumes

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster

STORAGE_CLASS = "standard"


def _all(controllers: Controllers) -> list[Controller]:
    return [
        Garbage(controllers),
        Namespaces(controllers),
        Kubelet(controllers),
        Replicas(controllers, REPLICA_SETS, "apps/v1", "ReplicaSet"),
        Replicas(controllers, REPLICATION_CONTROLLERS, "v1", "ReplicationController"),
        Deployments(controllers),
        StatefulSets(controllers),
        DaemonSets(controllers),
        Jobs(controllers),
        CronJobs(controllers),
        Claims(controllers),
        Volumes(controllers),
        Services(controllers),
        Budgets(controllers),
        Mirroring(controllers),
        Aggregation(controllers),
        Signing(controllers),
    ]


def start(cluster: "Cluster") -> Controllers:
    """Starts the controllers of a cluster and furnishes what is already there."""
    controllers = Controllers(cluster, _all)
    Client(cluster).create(
        CLASSES,
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": STORAGE_CLASS,
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "sandbox.karmactl.io/disk",
            "volumeBindingMode": "WaitForFirstConsumer",
        },
    )
    namespaces = Namespaces(controllers)
    for namespace in cluster.store.objects(NAMESPACES):
        namespaces.reconcile(("", namespace["metadata"]["name"]))
    aggregation = Aggregation(controllers)
    for role in cluster.store.objects(ROLES):
        aggregation.reconcile(("", role["metadata"]["name"]))
    if cluster.is_restored:
        controllers.look_at_all()
    return controllers
