"""Errors: place, cause and next step on a terminal; one record that tools can read elsewhere."""

from __future__ import annotations

from karmactl.errors import Conflict, GuardError, InputError, KarmactlError, Location
from karmactl.render.errors import leaves_of, render_errors
from karmactl.render.text import Page, plain

_TERMINAL = Page(width=80, is_terminal=True)
_PLACE = Location(file="policies/us-keys.yaml", line=14, column=15)
_ERROR = InputError(
    "override-path-missing",
    "the path is not in this object",
    why="the override has no resourceSelectors, so it also matched 11 Deployments",
    hint="select the Secret only: resourceSelectors with kind: Secret",
    location=_PLACE,
    resource="Deployment shop/frontend",
    cluster="us-1",
)


def test_on_a_terminal() -> None:
    text = plain(render_errors([_ERROR], _TERMINAL, excerpts={_PLACE: "      - path: /data/token"}), _TERMINAL)
    assert text == (
        "error override-path-missing: the path is not in this object\n"
        "  policies/us-keys.yaml:14:15   Deployment shop/frontend, us-1\n"
        "     14 |       - path: /data/token\n"
        "        |               ^\n"
        "  why   the override has no resourceSelectors, so it also matched 11 Deployments\n"
        "  next  select the Secret only: resourceSelectors with kind: Secret\n"
    )


def test_elsewhere_the_first_line_is_one_record() -> None:
    page = Page()
    assert plain(render_errors([_ERROR], page), page).splitlines()[0] == (
        "policies/us-keys.yaml:14:15: error: override-path-missing: the path is not in this object"
        " (Deployment shop/frontend, us-1)"
    )


def test_file_and_line_order_then_those_without_a_place() -> None:
    errors = [
        GuardError("last", "no place"),
        InputError("third", "x", location=Location(file="b.yaml", line=1)),
        InputError("second", "x", location=Location(file="a.yaml", line=10)),
        InputError("first", "x", location=Location(file="a.yaml", line=9)),
    ]
    text = plain(render_errors(errors, Page()), Page())
    assert [text.index(code) for code in ("first", "second", "third", "last")] == sorted(
        text.index(code) for code in ("first", "second", "third", "last")
    )


def test_at_most_twenty_unless_verbose() -> None:
    errors = [InputError("bad", f"number {number}") for number in range(33)]
    short = plain(render_errors(errors, Page()), Page())
    assert short.count("error: bad") == 20
    assert "and 13 more errors; -v shows all" in short
    assert plain(render_errors(errors, Page(), is_verbose=True), Page()).count("error: bad") == 33


def test_a_conflict_names_its_fields() -> None:
    error = Conflict("conflict", "2 conflicts", cluster="eu-1", causes=((".spec.replicas", 'conflict with "hpa"'),))
    for page in (Page(), _TERMINAL):
        assert '.spec.replicas: conflict with "hpa"' in plain(render_errors([error], page), page)


def test_leaves_of_nested_groups_in_order() -> None:
    first, second = KarmactlError("a", "a"), KarmactlError("b", "b")
    group = ExceptionGroup("x", [ExceptionGroup("y", [first]), ValueError("foreign"), second])
    assert list(leaves_of(group)) == [first, second]


def test_a_message_of_many_lines_stays_one_record() -> None:
    text = plain(render_errors([KarmactlError("a", "one\ntwo\x1b[2J")], Page()), Page())
    assert text == "error: a: one\\ntwo\\x1b[2J\n"
