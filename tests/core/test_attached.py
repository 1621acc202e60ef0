"""An object that its own policy places and that others need elsewhere, too: the two are never mixed up."""

from __future__ import annotations

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.model.state import Record, Revision
from karmactl.core.pipeline import Decided
from tests.property.worlds import World

REVISION = Revision(generation=1, applied_at="2026-01-01T00:00:00Z", applied_by="test")


def _cluster(name: str) -> Manifest:
    served: list[JSONValue] = [
        {"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]},
        {"groupVersion": "v1", "resources": [{"name": "configmaps", "kind": "ConfigMap"}]},
    ]
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {"syncMode": "Push"},
        "status": {"apiEnablements": served},
    }


def _policy(name: str, api_version: str, kind: str, placement: Manifest, *, propagates: bool = False) -> Manifest:
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "ClusterPropagationPolicy",
        "metadata": {"name": name},
        "spec": {
            "resourceSelectors": [{"apiVersion": api_version, "kind": kind}],
            "placement": placement,
            "propagateDeps": propagates,
        },
    }


def _world(*, is_needed: bool = True) -> World:
    few: Manifest = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]}
    container: Manifest = {"name": "main", "image": "a", "envFrom": [{"configMapRef": {"name": "settings"}}]}
    return World(
        clusters=tuple(_cluster(name) for name in ("a", "b", "c", "d")),
        policies=(
            _policy("few", "v1", "ConfigMap", few),
            _policy("all", "apps/v1", "Deployment", {}, propagates=is_needed),
        ),
        overrides=(),
        templates=(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}},
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "shop"},
                "spec": {
                    "replicas": 1,
                    "selector": {"matchLabels": {"app": "web"}},
                    "template": {
                        "metadata": {"labels": {"app": "web"}},
                        "spec": {"containers": [container]},
                    },
                },
            },
        ),
    )


def _clusters(decided: Decided) -> list[str]:
    return [target.name for d in decided.decisions if d.ref.kind == "ConfigMap" for target in d.targets]


def _recorded(decided: Decided) -> Record:
    return decided.next_record(now="2026-01-01T00:00:00Z", clusters=(), revision=REVISION)


def test_the_record_tells_where_it_is_from_where_its_policy_put_it() -> None:
    record = _recorded(_world().decide())
    entry = next(entry for entry in record.templates if entry.resource.kind == "ConfigMap")
    assert [target.name for target in entry.clusters] == ["a", "b", "c", "d"]
    assert [target.name for target in entry.scheduled] == ["a", "b"]
    assert entry.attached == ("c", "d")


def test_following_others_does_not_move_its_own_placement() -> None:
    first = _world().decide()
    again = _world().decide(_recorded(first))
    assert _clusters(again) == _clusters(first) == ["a", "b", "c", "d"]
    assert not again.is_record_new


def test_what_nobody_needs_any_more_stays_where_its_policy_put_it() -> None:
    first = _world().decide()
    assert _clusters(_world(is_needed=False).decide(_recorded(first))) == ["a", "b"]
