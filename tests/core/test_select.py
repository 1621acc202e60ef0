"""Which policy claims a template, and why the others did not."""

from __future__ import annotations

import pytest

from karmactl.core.model.binding import PolicyMatch
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy, PropagationSpec, ResourceSelector
from karmactl.core.model.selector import LabelSelector
from karmactl.core.select import is_reserved_namespace, match_policies


def template(namespace: str = "shop", name: str = "web") -> Manifest:
    metadata: Manifest = {"name": name, "labels": {"app": "web"}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}


def policy(
    name: str,
    *,
    namespace: str = "",
    selects: str = "",
    labels: LabelSelector | None = None,
    priority: int | None = None,
    deleting: bool = False,
    overrides: tuple[str, ...] = (),
) -> PropagationPolicy:
    selector = ResourceSelector(api_version="apps/v1", kind="Deployment", name=selects, label_selector=labels)
    return PropagationPolicy(
        name=name,
        namespace=namespace,
        is_deleting=deleting,
        spec=PropagationSpec(resource_selectors=(selector,), priority=priority, dependent_overrides=overrides),
    )


def match_one(*policies: PropagationPolicy, to: Manifest | None = None) -> PolicyMatch:
    (match,) = match_policies([to or template()], policies)
    return match


def winner(match: PolicyMatch) -> str:
    return "" if match.winner is None else match.winner.policy.name


def lost(match: PolicyMatch) -> list[tuple[str, str]]:
    return [(candidate.policy.name, reason.code) for candidate, reason in match.losers]


def test_namespaced_beats_cluster_wide_whatever_the_priority() -> None:
    match = match_one(policy("wide", priority=100, selects="web"), policy("own", namespace="shop"))
    assert winner(match) == "own"
    assert lost(match) == [("wide", "namespaced-wins")]


def test_priority_then_precision_then_name() -> None:
    match = match_one(
        policy("b", selects="web"),
        policy("a", selects="web"),
        policy("low", selects="web", priority=-1),
        policy("labels", labels=LabelSelector()),
        policy("kind"),
    )
    assert winner(match) == "a"
    assert lost(match) == [
        ("b", "name-order"),
        ("labels", "less-specific"),
        ("kind", "less-specific"),
        ("low", "lower-priority"),
    ]
    reason = match.losers[-1][1]
    assert reason.params == {"winner": "a", "winnerValue": 0, "value": -1}


def test_the_order_of_policies_does_not_matter() -> None:
    policies = [policy("c"), policy("b", selects="web"), policy("a", labels=LabelSelector())]
    assert match_one(*policies) == match_one(*reversed(policies))


def test_deleting_and_foreign_policies_claim_nothing() -> None:
    match = match_one(policy("gone", deleting=True), policy("else", namespace="other"))
    assert match.winner is None
    assert match.losers == ()


def test_cluster_scoped_templates_see_cluster_wide_policies_alone() -> None:
    match = match_one(policy("own", namespace="shop"), policy("wide"), to=template(namespace=""))
    assert winner(match) == "wide"


@pytest.mark.parametrize(
    ("namespace", "is_reserved"),
    [
        ("karmada-system", True),
        ("karmada-cluster", True),
        ("karmada-es-m1", True),
        ("kube-system", True),
        ("default", False),
        ("karmada", False),
        ("kubeflow", False),
        ("my-kube-system", False),
    ],
)
def test_reserved_namespaces(namespace: str, is_reserved: bool) -> None:
    assert is_reserved_namespace(namespace) is is_reserved
    assert match_one(policy("wide"), to=template(namespace)).is_skipped is is_reserved


def test_missing_dependent_overrides_are_told() -> None:
    claims = policy("own", namespace="shop", overrides=("here", "missing", "wide"))
    overrides = [OverridePolicy(name="here", namespace="shop"), OverridePolicy(name="wide")]
    (match,) = match_policies([template()], [claims, policy("other")], override_policies=overrides)
    assert winner(match) == "own"
    assert match.missing_overrides == ("missing", "wide")
