"""What stops a plan before its first write, as errors: what fits nowhere, what no server takes, what guards refuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from karmactl.core.model.change import Action, Change, FieldChange, FieldHolder, Guard, Verdict
from karmactl.core.model.plan import Decision, Plan
from karmactl.errors import GuardError, KarmactlError, PlacementError

__all__ = ["placement_errors", "refusals", "refuse_by_guards"]


def refusals(plan: Plan, *, skip_unplaceable: bool = False) -> list[KarmactlError]:
    """What stops a run before its first write.

    PlacementErrors for templates that fit nowhere and objects that no server takes (exit 2), then GuardErrors (exit 4).
    """
    errors: list[KarmactlError] = [] if skip_unplaceable else [*placement_errors(plan.decisions)]
    if not _is_skipping_refused(plan):
        errors += _unsendable_errors(plan)
        errors += [_conflict(change) for change in _changes(plan) if change.action is Action.CONFLICT]
    errors += [
        _guard_error(guard) for guard in plan.guards if guard.verdict is Verdict.REFUSE and guard.name != "conflicts"
    ]
    return _joined(errors)


def _is_skipping_refused(plan: Plan) -> bool:
    """Whether the user said to go on without what is refused."""
    return any(guard.name == "conflicts" and guard.verdict is Verdict.ACKNOWLEDGED for guard in plan.guards)


def _joined(errors: list[KarmactlError]) -> list[KarmactlError]:
    """What is wrong in the same way in many clusters, said once with their names."""
    by_content: dict[tuple[object, ...], list[KarmactlError]] = {}
    for error in errors:
        key = (type(error), error.code, error.message, error.why, error.hint, error.location, error.resource)
        by_content.setdefault(key, []).append(error)
    for alike in by_content.values():
        if len(alike) > 1:
            alike[0].cluster = ", ".join(error.cluster for error in alike if error.cluster)
    return [alike[0] for alike in by_content.values()]


def refuse_by_guards(plan: Plan, *, skip_unplaceable: bool = False) -> None:
    """Raise an ExceptionGroup of what `refusals` found, if anything."""
    errors = refusals(plan, skip_unplaceable=skip_unplaceable)
    if errors:
        raise ExceptionGroup("refused", errors)


def placement_errors(decisions: Iterable[Decision]) -> list[PlacementError]:
    """An error for each template that fits nowhere, with what every cluster said."""
    errors = []
    for decision in decisions:
        if decision.standing.value != "unplaceable":
            continue
        error = decision.result.error if decision.result else None
        refused = decision.result.diagnosis if decision.result else {}
        errors.append(
            PlacementError(
                error.reason.value if error else "unplaceable",
                f"{decision.ref}: {error.message if error else 'no decision could be made'}",
                why=_refused_text(refused),
                hint=f"karmactl why {decision.ref.kind.lower()}/{decision.ref.name} shows every cluster; "
                "--skip-unplaceable goes on without it",
                location=decision.template.location,
                resource=str(decision.ref),
            )
        )
    return errors


def _refused_text(refused: Mapping[str, Mapping[str, str]]) -> str:
    """What each cluster said; clusters that said the same stand together."""
    names_by_text: dict[str, list[str]] = {}
    for name, texts in sorted(refused.items()):
        names_by_text.setdefault(", ".join(texts.values()), []).append(name)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in names_by_text.items())


_UNSENDABLE_HINTS = {
    "kind-not-served": "apply its CustomResourceDefinition with it, or check the apiVersion",
    "namespace-missing": "add the Namespace to the files, or create it with --create-namespace",
    "server-rejected": "mend the object; `karmactl why` shows which overrides changed it",
    "forbidden": "use credentials that may do this",
    "inventory-namespace": "choose another namespace: this one holds what karmactl knows of the member",
}


def _unsendable_errors(plan: Plan) -> Iterator[PlacementError]:
    """One error for each cause: a Namespace or a kind that a cluster lacks stops all objects that need it."""
    by_cause: dict[tuple[object, ...], list[Change]] = {}
    for change in _changes(plan):
        if change.action is not Action.UNKNOWN or change.reason.code == "list-failed":
            continue
        params = change.reason.params
        cause: object = change.resource
        if change.reason.code == "namespace-missing":
            cause = params.get("namespace")
        elif change.reason.code == "kind-not-served":
            cause = (params.get("apiVersion"), change.resource.kind)
        by_cause.setdefault((change.cluster, change.reason.code, cause), []).append(change)
    return (_unsendable(changes[0], len(changes) - 1) for changes in by_cause.values())


def _unsendable(change: Change, others: int) -> PlacementError:
    """The error of a change, and of so many others with the same cause."""
    params = change.reason.params
    what = {
        "kind-not-served": f"the cluster does not serve {params.get('apiVersion')} {change.resource.kind}",
        "namespace-missing": f"namespace {params.get('namespace')!r} is neither in the files nor in the cluster",
        "server-rejected": f"the server refuses it: {params.get('message')}",
        "inventory-namespace": f"it would lie in {params.get('namespace')!r}, the inventory's own namespace",
    }
    needing = f"{change.resource}{f' and {others} more' if others else ''}"
    return PlacementError(
        change.reason.code,
        f"{needing}: {what.get(change.reason.code) or params.get('message') or change.reason.code}",
        hint=_UNSENDABLE_HINTS.get(change.reason.code, ""),
        cluster=change.cluster,
        resource="" if others else str(change.resource),
    )


_MOST_HELD = 5
_CONFLICTS = {
    "foreign-object": (
        "it is there already, and this set did not make it",
        "`karmactl import --from live --adopt` takes it over; so does conflictResolution: Overwrite in the policy",
    ),
    "other-set": ("it belongs to another set", "remove it from one of the two sets"),
    "live-karmada": (
        "it belongs to a live Karmada (work.karmada.io annotations)",
        "where the control plane is given up, `karmactl import --from karmada --adopt` takes its objects over",
    ),
    "inventory-lost": (
        "it carries this set's label, but the inventory of the member does not know it",
        "was the Secret karmactl-<set> removed there? `karmactl import --from live --adopt` takes it over again",
    ),
}


def _conflict(change: Change) -> GuardError:
    """An object that is not ours to change, or fields that somebody else holds."""
    held = [_held(field, field.conflict) for field in change.fields if field.conflict is not None]
    what, hint = _CONFLICTS.get(
        change.reason.code,
        (f"other managers hold fields that are newly claimed: {', '.join(held)}", "--force-conflicts takes them over"),
    )
    managers = change.reason.params.get("managers")
    why = f"managed by {', '.join(str(name) for name in managers)}" if isinstance(managers, list) else ""
    if why and held:
        rest = f", and {len(held) - _MOST_HELD} more" if len(held) > _MOST_HELD else ""
        why += f"; the files differ in {', '.join(held[:_MOST_HELD])}{rest}"
    return GuardError(
        change.reason.code,
        f"{change.resource}: {what}",
        why=why,
        hint=hint,
        cluster=change.cluster,
        resource=str(change.resource),
    )


def _held(field: FieldChange, holder: FieldHolder) -> str:
    since = f" since {holder.time}" if holder.time else ""
    return f"{field.keyed_path or field.path} (by {holder.manager}{since})"


def _changes(plan: Plan) -> Iterator[Change]:
    return (change for change_set in plan.change_sets for change in change_set.changes)


def _guard_error(guard: Guard) -> GuardError:
    where = f" in {guard.cluster}" if guard.cluster else ""
    return GuardError(
        f"guard-{guard.name.replace(' ', '-').lower()}",
        f"{guard.name}{where}: {guard.measured}, the limit is {guard.limit}",
        why=guard.detail,
        hint=f"if that is what you want: {guard.flag}" if guard.flag else "",
        cluster=guard.cluster or None,
    )
