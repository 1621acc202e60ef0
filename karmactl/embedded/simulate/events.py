"""Events: what schedulers, kubelets and controllers tell about the objects that they work on.

The same news about the same object is one Event with a count, as upstream's recorders have it. A cluster keeps the
newest LIMIT of them; upstream forgets them by the hour.
"""

import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING

from karmactl.embedded.store import Key, Table
from karmactl.embedded.values import Object, now

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster

EVENTS: Table = ("", "events")
NAMESPACES: Table = ("", "namespaces")
LIMIT = 2000
_News = tuple[str, str, str]  # UID of what it is about, reason, message


class Recorder:
    """Writes the Events of one cluster."""

    def __init__(self, cluster: "Cluster") -> None:
        """A recorder that has told nothing yet."""
        self._cluster = cluster
        self._told: OrderedDict[_News, Key] = OrderedDict()
        told = cluster.store.objects(EVENTS)
        for event in sorted(told, key=lambda e: e.get("lastTimestamp") or ""):
            news = (event["involvedObject"].get("uid", ""), event.get("reason", ""), event.get("message", ""))
            self._told[news] = (event["metadata"]["namespace"], event["metadata"]["name"])

    def tell(self, component: str, about: Object, reason: str, message: str, *, warning: bool = False) -> None:
        """Tells news about an object under the name of who found it; nothing where its namespace is going."""
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        home = self._cluster.store.get(NAMESPACES, ("", namespace))
        if home is None or "deletionTimestamp" in home["metadata"]:
            return
        news = (meta["uid"], reason, message)
        key = self._told.get(news)
        known = self._cluster.store.get(EVENTS, key) if key is not None else None
        if key is None or known is None:
            name = f"{meta['name']}.{self._cluster.store.revision:016x}"
            key = self._told[news] = (namespace, name)
            self._cluster.store.put(EVENTS, key, _event(component, about, key, reason, message, warning))
            self._forget()
        else:
            self._told.move_to_end(news)
            self._cluster.store.put(EVENTS, key, {**known, "count": known["count"] + 1, "lastTimestamp": now()})

    def _forget(self) -> None:
        """Drops the news that is longest unrepeated."""
        if len(self._told) <= LIMIT:
            return
        _, key = self._told.popitem(last=False)
        if self._cluster.store.get(EVENTS, key) is not None:
            self._cluster.store.remove(EVENTS, key)


def _event(component: str, about: Object, key: Key, reason: str, message: str, warning: bool) -> Object:
    meta, moment = about["metadata"], now()
    place = {"namespace": meta["namespace"]} if meta.get("namespace") else {}
    host = {"host": about["spec"]["nodeName"]} if component == "kubelet" else {}
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {
            "name": key[1],
            "namespace": key[0],
            "uid": str(uuid.uuid4()),
            "creationTimestamp": moment,
        },
        "involvedObject": {
            "kind": about["kind"],
            **place,
            "name": meta["name"],
            "uid": meta["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": meta.get("resourceVersion", ""),
        },
        "reason": reason,
        "message": message,
        "source": {"component": component, **host},
        "firstTimestamp": moment,
        "lastTimestamp": moment,
        "count": 1,
        "type": "Warning" if warning else "Normal",
        "eventTime": None,
        "reportingComponent": component,
        "reportingInstance": host.get("host", ""),
    }
