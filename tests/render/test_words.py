"""Reasons in words: every code that the program gives has words, and an unknown one is still shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import karmactl
from karmactl.core.model.reason import Reason
from karmactl.render.words import FILTER_COLUMNS, REASONS, say, say_code, say_shortly

_PACKAGE = Path(karmactl.__file__).parent


def _codes_given() -> set[str]:
    """The literal codes of reasons in the source."""
    found: set[str] = set()
    for path in _PACKAGE.rglob("*.py"):
        found |= set(re.findall(r'Reason\(\s*code="([^"]+)"', path.read_text(encoding="utf-8")))
    return found


def test_every_code_has_words() -> None:
    codes = _codes_given()
    assert len(codes) > 20
    assert sorted(codes - set(REASONS) - {"division"}) == []


def test_every_filter_has_words_and_a_column() -> None:
    source = (_PACKAGE / "core" / "schedule" / "filter.py").read_text(encoding="utf-8")
    plugins = set(re.findall(r'"([\w-]+)": _Filter\(', source))
    assert len(plugins) >= 7
    assert sorted(plugins - {code for code, _ in FILTER_COLUMNS}) == []
    assert sorted(plugins - set(REASONS)) == []


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            Reason(code="lower-priority", subject="b", params={"winner": "a", "winnerValue": 5, "value": 0}),
            "a wins: its priority is 5, not 0",
        ),
        (Reason(code="namespaced-wins", params={"winner": "{loser}"}), "{loser} wins: a namespaced policy goes before"),
        (Reason(code="foreign-object", params={"managers": ["helm", "kubectl"]}), "held by helm, kubectl"),
        (
            Reason(code="unknown-cluster", subject="eu1", params={"policy": "p", "nearest": "eu-1"}),
            "p names the cluster eu1, which is not in the fleet; did you mean eu-1?",
        ),
        (
            Reason(
                code="spread-constraint-unused",
                subject="zone",
                params={"minGroups": 1, "maxGroups": 2, "why": "filters-only"},
            ),
            "spread by zone has no effect: only region and cluster choose; it acts as a filter",
        ),
        (
            Reason(code="affinity-term", subject="near", params={"outcome": "NoClusterFit", "message": "0/3"}),
            "affinity term near: NoClusterFit: 0/3",
        ),
        (
            Reason(
                code="ClusterAffinity",
                params={
                    "text": "no match",
                    "mismatches": [
                        {
                            "code": "label-mismatch",
                            "subject": "tier",
                            "params": {"has": "dev", "operator": "In", "values": ["prod", "test"]},
                        },
                        {"code": "cluster-not-named", "subject": "us", "params": {"clusterNames": ["eu", "ap"]}},
                    ],
                },
            ),
            "no match: label tier is dev, wanted one of prod, test, it is not among the cluster names eu, ap",
        ),
        (
            Reason(code="TaintToleration", params={"text": "untolerated {a:NoSchedule}", "taints": ["a", "b", "c"]}),
            "untolerated {a:NoSchedule}, and b, c",
        ),
        (
            Reason(code="not-chosen", params={"score": 0, "available": 3, "chosen": ["eu", "us"]}),
            "it passed every filter with score 0 and room for 3, and eu, us came first",
        ),
        (
            Reason(code="no-share", params={"weight": 1, "weights": {"eu": 90, "us": 1}, "replicas": 4}),
            "its weight 1 of 91 in all is too small for one of 4 replicas",
        ),
    ],
)
def test_a_reason_is_said_with_its_values(reason: Reason, text: str) -> None:
    assert text in say(reason)


def test_an_unknown_code_is_shown_with_everything() -> None:
    reason = Reason(code="brand-new", subject="eu-1", params={"b": [1, "x"], "a": {"k": True}})
    assert say(reason) == 'brand-new eu-1 (a: {"k": true}, b: 1, x)'
    assert say_code("brand-new") == "brand-new"


def test_a_reason_without_its_values_is_shown_bare() -> None:
    assert say(Reason(code="lower-priority", subject="x")) == "lower-priority x"


def test_a_refusal_in_a_word_or_two() -> None:
    taint = Reason(code="TaintToleration", params={"text": "cluster(s) had untolerated taint {a=b:NoSchedule}"})
    assert say_shortly(taint) == "a=b:NoSchedule"
    assert say_shortly(Reason(code="ClusterAffinity", params={"text": "long"})) == "affinity"
    assert say_shortly(Reason(code="Unheard", params={"text": "long"})) == "Unheard (text: long)"
