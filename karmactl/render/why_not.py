"""Why a cluster does not get an object, and after which change it would, for people."""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.counterfactual import Remedy, WhyNot
from karmactl.render.layout import wrapped
from karmactl.render.names import counted
from karmactl.render.text import Line, Page, Style, line
from karmactl.render.words import say

__all__ = ["render_why_not"]

_MOST_TARGETS = 12


def render_why_not(answer: WhyNot, page: Page, *, has_replicas: bool) -> list[Line]:
    """The obstacles, one a line, and the smallest changes that cure them with the placement that follows."""
    lines = wrapped(f"{answer.cluster} does not get it.", page, indent=2, style=Style.STRONG)
    for reason in answer.obstacles:
        lines += _item(say(reason), page)
    if not answer.remedies:
        return [*lines, *_no_remedy(answer, page)]
    count = len(answer.remedies[0].changes)
    head = "One change would do:" if count == 1 else f"It takes {count} changes:"
    if len(answer.remedies) > 1:
        head = "Any one of these would do:" if count == 1 else f"It takes {count} changes, any of these together:"
    lines += wrapped(head, page, indent=2, style=Style.STRONG)
    for remedy in answer.remedies:
        lines += _remedy_lines(remedy, page, has_replicas=has_replicas)
    if answer.is_cut_short:
        lines += wrapped(
            f"There may be smaller ones: the search ended after {answer.questions} questions.", page, indent=2
        )
    return lines


def _item(text: str, page: Page) -> list[Line]:
    first, *rest = wrapped(text, page, indent=4)
    return [line("  · ", *first[1:]), *rest]


def _remedy_lines(remedy: Remedy, page: Page, *, has_replicas: bool) -> list[Line]:
    text = ", and ".join(say(change) for change in remedy.changes)
    after = f"after: {_targets_text(remedy.targets, has_replicas=has_replicas)}"
    return [*_item(text, page), *wrapped(after, page, indent=6, style=Style.DIM)]


def _targets_text(targets: Sequence[TargetCluster], *, has_replicas: bool) -> str:
    if len(targets) > _MOST_TARGETS:
        replicas = f", {sum(target.replicas for target in targets)} replicas" if has_replicas else ""
        return f"{counted(len(targets), 'cluster')}{replicas}"
    return "   ".join(f"{target.name} {target.replicas}" if has_replicas else target.name for target in targets)


def _no_remedy(answer: WhyNot, page: Page) -> list[Line]:
    if not answer.questions:
        return wrapped("Nothing about this decision could be changed for it.", page, indent=2)
    what = "No one or two changes" if answer.size_tried > 1 else "No change"
    tail = "; not everything could be tried" if answer.is_cut_short else ""
    return wrapped(f"{what} would do: {answer.questions} were tried{tail}.", page, indent=2)
