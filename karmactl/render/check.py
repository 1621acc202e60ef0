"""What `clusters check` found, for people: a line a member, and under it what is missing there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from karmactl.core.model.ports import Access
from karmactl.core.model.reason import Reason
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import counted
from karmactl.render.text import Line, Page, Span, Style
from karmactl.render.words import say

__all__ = ["CheckedMember", "render_check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedMember:
    """One member: what it said, or `error`; `denied` is what the identity may not do, `not_served` kinds it lacks."""

    name: str
    version: str = ""
    uid: str = ""
    is_locked: bool = False
    is_wrong: bool = False
    error: str = ""
    denied: tuple[Access, ...] = ()
    not_served: tuple[str, ...] = ()
    warnings: tuple[Reason, ...] = ()


def render_check(members: Sequence[CheckedMember], page: Page) -> list[Line]:
    """The table, and the details of members that lack something."""
    rows: list[list[Cell]] = [["NAME", "REACH", "VERSION", "IDENTITY", "PERMISSIONS", "KINDS"]]
    rows += [_row(member) for member in members]
    lines = columns(rows, page)
    for member in members:
        lines += [part for text in _details(member) for part in wrapped(f"{member.name}: {text}", page)]
    return lines


def _row(member: CheckedMember) -> list[Cell]:
    name = Span(member.name, Style.STRONG)
    if member.error:
        return [name, Span("✗ no answer", Style.BAD), "?", "?", "?", "?"]
    identity = f"{member.uid[:8] or '?'} {'locked' if member.is_locked else 'not locked'}"
    return [
        name,
        Span("✓", Style.GOOD),
        member.version or "?",
        Span(f"✗ {member.uid[:8]}", Style.BAD) if member.is_wrong else identity,
        Span(f"✗ {len(member.denied)} missing", Style.BAD) if member.denied else Span("✓", Style.GOOD),
        Span(f"✗ {counted(len(member.not_served), 'kind')} not served", Style.BAD)
        if member.not_served
        else Span("✓", Style.GOOD),
    ]


def _details(member: CheckedMember) -> list[str]:
    details = [member.error] if member.error else []
    verbs: dict[tuple[str, str], list[str]] = {}
    for access in member.denied:
        what = f"{access.resource}.{access.group}" if access.group else access.resource
        verbs.setdefault((what, access.namespace), []).append(access.verb)
    details += [
        f"may not {', '.join(found)} {what}{f' in {namespace}' if namespace else ''}"
        for (what, namespace), found in verbs.items()
    ]
    details += [f"does not serve {kind}" for kind in member.not_served]
    return details + [say(warning) for warning in member.warnings]
