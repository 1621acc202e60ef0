"""`karmactl why`: the whole decision about an object: policies, clusters, filters, arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from difflib import get_close_matches
from typing import Annotated

import typer

from karmactl.cli.answers import patch_answers, why_answers
from karmactl.cli.exits import Exit
from karmactl.cli.kind_words import kinds_of_word
from karmactl.cli.offline import open_offline
from karmactl.cli.options import AskFlags, FleetFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.cli.values import split_values
from karmactl.core.counterfactual import explained, why_not
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.plan import Decision
from karmactl.core.model.trace import OverrideTrace
from karmactl.core.model.work import Work
from karmactl.core.override import trace_overrides
from karmactl.core.pipeline import Decided
from karmactl.core.variation import variation
from karmactl.engine.session import look
from karmactl.errors import UsageError
from karmactl.render.overrides import render_overrides
from karmactl.render.text import Line, Page
from karmactl.render.why import render_why

__all__ = ["command"]


@bundled
def command(
    resource: Annotated[str, typer.Argument(help="KIND/NAME, kubectl's short names too (deploy/web).")],
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    ask: AskFlags,
    show: ShowFlags,
    patch: Annotated[
        bool, typer.Option("--patch", help="How each cluster's object varies from the template, as a JSON Patch.")
    ] = False,
    score: Annotated[
        bool, typer.Option("--score", help="The numbers too: scores, room, weights, each replica's turn.")
    ] = False,
) -> int:
    """Explain where an object goes and why; with -C CLUSTER why that one did not get it, and what would change that."""
    request = Request(fleet=fleet, inputs=inputs, plan=plan)
    printer = Printer(show)
    if ask.is_offline:
        offline = open_offline(request)
        printer.warn_of_inputs(offline.inputs.warnings)
        return _answer(request, printer, offline.decided, resource, Exit.DONE, is_patch=patch, has_scores=score)
    return run_async(lambda: _why(request, printer, resource, is_patch=patch, has_scores=score))


async def _why(request: Request, printer: Printer, resource: str, *, is_patch: bool, has_scores: bool) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            printer.warn_of_inputs(running.inputs.warnings)
            decided, view = await look(running.session)
        code = Exit.PARTIAL if view.failures else Exit.DONE
        return _answer(request, printer, decided, resource, code, is_patch=is_patch, has_scores=has_scores)


def _answer(
    request: Request,
    printer: Printer,
    decided: Decided,
    resource: str,
    code: Exit,
    *,
    is_patch: bool,
    has_scores: bool,
) -> int:
    chosen = _find(decided.decisions, resource, request.inputs.namespace)
    clusters = split_values(request.fleet.cluster)
    if is_patch:
        printer.answer(patch_answers(_variations(decided, chosen, clusters)))
        return code
    chosen = [explained(decided, decision) for decision in chosen]
    asked = [(decision, why_not(decided, decision, cluster)) for decision in chosen for cluster in clusters]
    traces = {decision.ref: _overrides(decided, decision, clusters) for decision in chosen}

    def overridden(decision: Decision, page: Page) -> list[Line]:
        return render_overrides(traces[decision.ref], [cluster.name for cluster in decided.clusters], page)

    def human(page: Page) -> list[Line]:
        if not clusters:
            parts = [
                [*render_why(decision, page, has_scores=has_scores), *overridden(decision, page)] for decision in chosen
            ]
        else:
            parts = [
                render_why(decision, page, cluster=answer.cluster, why_not=answer, has_scores=has_scores)
                for decision, answer in asked
            ]
            parts += [found[1:] for decision in chosen if (found := overridden(decision, page))]
        return [spans for part in parts for spans in ((), *part)][1:]

    printer.answer(why_answers(human, chosen, code, asked, traces))
    return code


def _overrides(decided: Decided, decision: Decision, only: Sequence[str]) -> tuple[OverrideTrace, ...]:
    """What overrides do to one object, in the clusters asked about or wherever it goes."""
    works = [
        work
        for target in decision.targets
        if not only or target.name in only
        for work in decided.works(target.name, kind=decision.ref.kind)
        if work.resource == decision.ref
    ]
    return trace_overrides(works, decision.template.manifest, decided.given.inputs.override_policies)


def _find(decisions: Sequence[Decision], resource: str, namespace: str) -> list[Decision]:
    """The decisions that a `kind/name` names. Raises UsageError `not-in-files` with the nearest names."""
    word, slash, name = resource.partition("/")
    if not slash or not name:
        raise UsageError("bad-usage", f"{resource!r} names no object", hint="say KIND/NAME, such as deploy/web")
    kinds = kinds_of_word(word, {decision.ref.kind for decision in decisions})
    found = [
        decision
        for decision in decisions
        if decision.ref.kind in kinds
        and decision.ref.name == name
        and (not namespace or decision.ref.namespace == namespace)
    ]
    if not found:
        known = [f"{decision.ref.kind.lower()}/{decision.ref.name}" for decision in decisions]
        near = get_close_matches(f"{next(iter(kinds), word).lower()}/{name}", known, n=3, cutoff=0.4)
        raise UsageError(
            "not-in-files",
            f"there is no {resource} in the files",
            hint=f"did you mean {', '.join(near)}?" if near else "karmactl plan lists what there is",
        )
    return found


def _variations(
    decided: Decided, chosen: Sequence[Decision], only: Sequence[str]
) -> dict[str, dict[str, list[JSONValue]]]:
    """JSON Patches by object and cluster."""
    found: dict[str, dict[str, list[JSONValue]]] = {str(decision.ref): {} for decision in chosen}
    templates = {decision.ref: decision.template.manifest for decision in chosen}
    kinds = sorted({decision.ref.kind for decision in chosen})
    for cluster in sorted({target.name for decision in chosen for target in decision.targets}):
        if only and cluster not in only:
            continue
        for work in (work for kind in kinds for work in decided.works(cluster, kind=kind)):
            if isinstance(work, Work) and work.resource in templates:
                found[str(work.resource)][cluster] = variation(templates[work.resource], work)
    return found
