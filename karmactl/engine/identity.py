"""Identity: is each context still the cluster that it was (I11)?

A member's identity is the UID of its kube-system namespace, else of the inventory's namespace. It is compared with
the lock file and the record, whichever exist. A cluster that nobody has seen before is first contact: a writing
command needs a word for it, unless it is a sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from karmactl.core.model.state import Record
from karmactl.engine.members import WITNESS, FleetView
from karmactl.errors import GuardError, InputError, KarmactlError

__all__ = ["check_identities", "first_contacts"]


def check_identities(view: FleetView, locked_uids: Mapping[str, str]) -> None:
    """Refuse contexts that point at another cluster than before, and two members that are one cluster.

    `locked_uids` is cluster name to UID from karmactl.lock. Raises an ExceptionGroup of GuardError `identity-changed`
    and InputError `same-cluster-twice`.
    """
    faults: list[KarmactlError] = []
    recorded = {entry.name: entry.uid for entry in view.record.clusters if entry.uid}
    names_by_uid = {uid: name for name, uid in recorded.items()}
    seen: dict[str, str] = {}
    for name, member in sorted(view.views.items()):
        # Who took a rebuilt cluster's new identity into the lock file has said so; the record learns it by the run.
        source, known = "karmactl.lock", locked_uids.get(name, "")
        if not known:
            source, known = "the record", recorded.get(name, "")
        if known and known != member.uid:
            faults.append(_changed(name, source, known, member.uid))
        former = names_by_uid.get(member.uid)
        if former is not None and former != name:
            faults.append(_renamed(former, name))
        if member.uid and member.uid in seen:
            faults.append(_twice(seen[member.uid], name, member.uid))
        seen.setdefault(member.uid, name)
    if view.witness is not None and view.witness.uid in seen:
        faults.append(_twice(seen[view.witness.uid], WITNESS, view.witness.uid))
    if faults:
        raise ExceptionGroup("identity", faults)


def first_contacts(view: FleetView, locked_uids: Mapping[str, str]) -> tuple[str, ...]:
    """Members that neither the lock file nor the record knows, by name."""
    recorded = known_by_record(view.record)
    return tuple(name for name in sorted(view.views) if name not in locked_uids and name not in recorded)


def known_by_record(record: Record) -> frozenset[str]:
    """The members that the record has seen."""
    return frozenset(entry.name for entry in record.clusters if entry.uid)


def _changed(name: str, source: str, known: str, found: str) -> GuardError:
    return GuardError(
        "identity-changed",
        f"this context now points at another cluster: {source} knows {known}, the cluster says {found}",
        why="its kube-system namespace has another UID",
        hint=f"if the cluster was rebuilt on purpose: karmactl clusters lock --relock {name}",
        cluster=name,
    )


def _renamed(former: str, name: str) -> GuardError:
    return GuardError(
        "member-renamed",
        f"the record knows this cluster as {former}; the fleet now calls it {name}",
        why="its placements are recorded under the former name, and would be made anew",
        hint=f"call it {former} again in karmactl.yaml",
        cluster=name,
    )


def _twice(first: str, second: str, uid: str) -> InputError:
    return InputError(
        "same-cluster-twice",
        f"members {first} and {second} are one cluster (kube-system UID {uid}): weights would count it twice",
        hint="remove one of them from the fleet",
        cluster=second,
    )
