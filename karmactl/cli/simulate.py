"""`karmactl simulate`: what if a cluster fails? The failover of `watch`, played through before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.answers import simulation_answers
from karmactl.cli.exits import Exit
from karmactl.cli.offline import open_offline
from karmactl.cli.options import AskFlags, FleetFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.cli.values import parse_duration, split_values
from karmactl.cli.wiring import load_project, system_clock, witness_of
from karmactl.core.model.cluster import Cluster, Taint
from karmactl.core.model.failover import FailoverSettings
from karmactl.core.model.plan import Standing
from karmactl.core.model.simulation import Outage, Scenario, SimulationSettings
from karmactl.core.pipeline import Decided
from karmactl.core.simulate import every_loss, simulate
from karmactl.engine.session import look
from karmactl.errors import UsageError

__all__ = ["command"]

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_CORDON = Taint(key="cluster.karmada.io/unschedulable", effect="NoSchedule")


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    ask: AskFlags,
    show: ShowFlags,
    down: Annotated[
        list[str] | None, typer.Option("--down", help="CLUSTER, or CLUSTER=DURATION, that stops answering; repeatable.")
    ] = None,
    taint: Annotated[
        list[str] | None, typer.Option("--taint", help="CLUSTER=KEY[=VALUE]:EFFECT that somebody sets; repeatable.")
    ] = None,
    cordon: Annotated[list[str] | None, typer.Option("--cordon", help="CLUSTER that takes nothing new.")] = None,
    is_every_loss: Annotated[
        bool, typer.Option("--every-loss", help="The loss of each cluster, and of each region, one after the other.")
    ] = False,
    loss_duration: Annotated[
        str, typer.Option("--loss-duration", help="With --every-loss: how long each loss lasts; for good without it.")
    ] = "",
    default_toleration: Annotated[
        str,
        typer.Option("--default-toleration", help="Where a policy does not say how long a dead cluster is tolerated."),
    ] = "300s",
    ready_after: Annotated[str, typer.Option("--ready-after", help="How long a new copy takes to be ready.")] = "30s",
    allow_minority: Annotated[
        bool, typer.Option("--allow-minority", help="Move also where most of the fleet does not answer.")
    ] = False,
    allow_stateful: Annotated[bool, typer.Option("--allow-stateful", help="Let StatefulSets move.")] = False,
) -> int:
    """Play through what happens when clusters fail; exit 1 where a workload falls below its minimum."""
    request = Request(fleet=fleet, inputs=inputs, plan=plan)
    settings = SimulationSettings(
        failover=FailoverSettings(
            default_toleration_seconds=int(parse_duration(default_toleration, "--default-toleration")),
            allow_minority=allow_minority,
            allow_stateful=allow_stateful,
        ),
        ready_after_seconds=int(parse_duration(ready_after, "--ready-after")),
        has_witness=bool(witness_of(load_project())),
    )
    happening = _Happening(
        down=split_values(down),
        taint=split_values(taint),
        cordon=split_values(cordon),
        is_every_loss=is_every_loss,
        loss_duration=loss_duration,
    )
    happening.check()
    printer = Printer(show)
    if ask.is_offline:
        offline = open_offline(request)
        printer.warn_of_inputs(offline.inputs.warnings)
        return _answer(printer, offline.decided, happening, settings, Exit.DONE)
    return run_async(lambda: _simulate(request, printer, happening, settings))


async def _simulate(request: Request, printer: Printer, happening: _Happening, settings: SimulationSettings) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            printer.warn_of_inputs(running.inputs.warnings)
            decided, view = await look(running.session)
    return _answer(printer, decided, happening, settings, Exit.PARTIAL if view.failures else Exit.DONE)


class _Happening:
    """What the flags say will happen."""

    def __init__(
        self,
        *,
        down: Sequence[str],
        taint: Sequence[str],
        cordon: Sequence[str],
        is_every_loss: bool,
        loss_duration: str,
    ) -> None:
        self._down = tuple(_outage(text) for text in down)
        self._taints = (*(_taint(text) for text in taint), *((name, _CORDON) for name in cordon))
        self._is_every_loss = is_every_loss
        self._loss_seconds = int(parse_duration(loss_duration, "--loss-duration")) if loss_duration else None

    def check(self) -> None:
        """Raise UsageError `bad-usage` where nothing is to happen, or two things that exclude each other."""
        has_own = bool(self._down or self._taints)
        if has_own == self._is_every_loss:
            raise UsageError(
                "bad-usage",
                "--every-loss goes with no other event" if has_own else "nothing is to happen",
                hint="say --down CLUSTER[=DURATION], --taint, --cordon, or --every-loss alone",
            )
        if self._loss_seconds is not None and not self._is_every_loss:
            raise UsageError("bad-usage", "--loss-duration goes with --every-loss", hint="say --down CLUSTER=DURATION")

    def scenarios(self, clusters: Sequence[Cluster]) -> tuple[Scenario, ...]:
        """What to play. Raises UsageError `unknown-member`."""
        if self._is_every_loss:
            return every_loss(clusters, duration_seconds=self._loss_seconds)
        known = sorted(cluster.name for cluster in clusters)
        named = [*(outage.cluster for outage in self._down), *(name for name, _ in self._taints)]
        for name in named:
            if name not in known:
                raise UsageError(
                    "unknown-member", f"{name}: there is no such member", hint=f"members: {', '.join(known)}"
                )
        taints: dict[str, tuple[Taint, ...]] = {}
        for name, added in self._taints:
            taints[name] = (*taints.get(name, ()), added)
        return (Scenario(name=", ".join(dict.fromkeys(named)), outages=self._down, taints=taints),)


def _answer(printer: Printer, decided: Decided, happening: _Happening, settings: SimulationSettings, code: Exit) -> int:
    for decision in decided.decisions:
        if decision.standing in (Standing.UNPLACEABLE, Standing.UNMATCHED) and decision.binding is not None:
            printer.note_text(f"warning: {decision.ref} has no place now, so it is not in the simulation")
    start = system_clock().now()
    scenarios = happening.scenarios(decided.clusters)
    simulations = [simulate(decided.given, scenario, settings, start=start) for scenario in scenarios]
    if code is Exit.DONE and any(simulation.below for simulation in simulations):
        code = Exit.DIFFERENCES
    printer.answer(simulation_answers(simulations, code))
    return code


def _outage(text: str) -> Outage:
    name, sign, duration = text.partition("=")
    seconds = int(parse_duration(duration, "--down")) if sign else None
    return Outage(cluster=name, duration_seconds=seconds)


def _taint(text: str) -> tuple[str, Taint]:
    """`CLUSTER=KEY[=VALUE]:EFFECT`. Raises UsageError `bad-usage`."""
    name, _, rest = text.partition("=")
    pair, _, effect = rest.rpartition(":")
    key, _, value = pair.partition("=")
    if not name or not key or effect not in _EFFECTS:
        raise UsageError(
            "bad-usage",
            f"--taint {text!r} is no taint of a cluster",
            hint=f"say CLUSTER=KEY[=VALUE]:EFFECT, with {', '.join(_EFFECTS)}",
        )
    return name, Taint(key=key, value=value, effect=effect)
