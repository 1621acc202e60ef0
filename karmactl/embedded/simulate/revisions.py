"""ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, for rollout history and undo."""

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, controller_reference, owner_uid
from karmactl.embedded.store import Table
from karmactl.embedded.values import Object, copy, dig

REVISIONS: Table = ("apps", "controllerrevisions")
LABEL = "controller-revision-hash"


def keep_revision(controllers: Controllers, client: Client, owner: Object, kind: str, hashed: str, label: str) -> str:
    """The name of the revision of the owner's present template, which is recorded as the newest one.

    `label` is the value of the revision's own label. Revisions beyond the owner's limit go, the oldest first.
    """
    meta = owner["metadata"]
    name = f"{meta['name']}-{hashed}"
    known = [r for r in controllers.dependents.of(meta["uid"], REVISIONS) if owner_uid(r) == meta["uid"]]
    newest = max((r["revision"] for r in known), default=0)
    present = next((r for r in known if r["metadata"]["name"] == name), None)
    if present is None:
        client.create(REVISIONS, _revision(owner, kind, name, label, newest + 1))
        _forget(client, known, owner["spec"].get("revisionHistoryLimit", 10))
    elif present["revision"] < newest:
        # an undone rollout: the old template is the newest again
        client.update(REVISIONS, {**copy(present), "revision": newest + 1})
    return name


def _revision(owner: Object, kind: str, name: str, label: str, number: int) -> Object:
    meta, spec = owner["metadata"], owner["spec"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": {**(dig(spec, "selector", "matchLabels") or {}), LABEL: label},
            "annotations": dict(meta.get("annotations") or {}),
            "ownerReferences": [controller_reference(owner, "apps/v1", kind)],
        },
        "data": {"spec": {"template": {**copy(spec["template"]), "$patch": "replace"}}},
        "revision": number,
    }


def _forget(client: Client, known: list[Object], limit: int) -> None:
    for old in sorted(known, key=lambda r: int(r["revision"]))[: max(len(known) - limit, 0)]:
        client.delete(REVISIONS, old["metadata"]["namespace"], old["metadata"]["name"])
