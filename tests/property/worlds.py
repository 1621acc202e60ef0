"""Made-up worlds for the pipeline: members, policies of every kind, templates that they claim or do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from karmactl.core.decode import decode_cluster, decode_override_policy, decode_propagation_policy
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import InputSet, Template
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.state import Record
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.errors import Location

APIS: JSONValue = [
    {"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]},
    {
        "groupVersion": "v1",
        "resources": [{"name": "configmaps", "kind": "ConfigMap"}, {"name": "namespaces", "kind": "Namespace"}],
    },
]
NAMES = ("a", "b", "eu-1", "eu-2", "m1", "us-1", "us-2", "z")
DIVIDED: Manifest = {"replicaSchedulingType": "Divided"}
SCHEDULINGS: Mapping[str, Manifest] = {
    "Duplicated": {"replicaSchedulingType": "Duplicated"},
    "Aggregated": {**DIVIDED, "replicaDivisionPreference": "Aggregated"},
    "DynamicWeight": {
        **DIVIDED,
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"},
    },
    "StaticWeight": {
        **DIVIDED,
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {
            "staticWeightList": [
                {"targetCluster": {"labelSelector": {"matchLabels": {"tier": "gold"}}}, "weight": 3},
                {"targetCluster": {"clusterNames": ["a", "us-1"]}, "weight": 2},
            ]
        },
    },
    "equal": {**DIVIDED, "replicaDivisionPreference": "Weighted"},
}
SPREADS: tuple[JSONValue, ...] = (
    [],
    [],
    [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 3}],
    [
        {"spreadByField": "region", "minGroups": 1, "maxGroups": 2},
        {"spreadByField": "cluster", "minGroups": 1, "maxGroups": 4},
    ],
)
AFFINITIES: tuple[Manifest, ...] = (
    {},
    {"clusterAffinity": {"exclude": ["m1", "z"]}},
    {
        "clusterAffinity": {
            "fieldSelector": {"matchExpressions": [{"key": "region", "operator": "NotIn", "values": ["ap"]}]}
        }
    },
    {
        "clusterAffinities": [
            {"affinityName": "home", "labelSelector": {"matchLabels": {"tier": "gold"}}},
            {"affinityName": "away"},
        ]
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The documents of a world, as they would lie in files."""

    clusters: tuple[Manifest, ...]
    policies: tuple[Manifest, ...]
    overrides: tuple[Manifest, ...]
    templates: tuple[Manifest, ...]

    def given(self, record: Record | None = None) -> PipelineInput:
        """The world as the pipeline gets it."""
        return PipelineInput(
            inputs=InputSet(
                templates=tuple(as_template(manifest) for manifest in self.templates),
                propagation_policies=tuple(decode_propagation_policy(manifest)[0] for manifest in self.policies),
                override_policies=tuple(decode_override_policy(manifest)[0] for manifest in self.overrides),
            ),
            clusters=tuple(as_cluster(manifest) for manifest in self.clusters),
            interpreter=NativeInterpreter(),
            record=record or Record(),
        )

    def decide(self, record: Record | None = None) -> Decided:
        """The decisions of the world."""
        return decide(self.given(record))


def as_template(manifest: Manifest) -> Template:
    """A template with a place that says which one it is."""
    ref = ref_of(manifest)
    return Template(manifest=manifest, ref=ref, location=Location(file=f"{ref.kind}-{ref.name}.yaml", line=1, column=1))


def as_cluster(manifest: Manifest) -> Cluster:
    """A member from its Cluster document."""
    return decode_cluster(manifest)[0]


@st.composite
def cluster_documents(draw: st.DrawFn, name: str) -> Manifest:
    taints = draw(st.sampled_from([[], [], [{"key": "k", "effect": "NoSchedule"}]]))
    region = draw(st.sampled_from(["eu", "us", "ap", ""]))
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name, "labels": {"tier": draw(st.sampled_from(["gold", "silver"]))}},
        "spec": {"syncMode": "Push", "taints": taints, **({"region": region} if region else {})},
        "status": {
            "apiEnablements": APIS,
            "resourceSummary": {"allocatable": {"cpu": str(draw(st.integers(0, 60))), "pods": "110"}},
        },
    }


@st.composite
def policy_documents(draw: st.DrawFn, number: int, schedulings: Sequence[str], *, is_spread: bool) -> Manifest:
    selector: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment"}
    narrowed = draw(st.sampled_from([{}, {"labelSelector": {"matchLabels": {"app": "x"}}}, {"name": "web-0"}]))
    selectors: list[JSONValue] = [{**selector, **narrowed}]
    if draw(st.booleans()):
        selectors.append({"apiVersion": "v1", "kind": "ConfigMap"})
    placement: Manifest = {
        **draw(st.sampled_from(AFFINITIES)),
        "spreadConstraints": draw(st.sampled_from(SPREADS)) if is_spread else [],
        "replicaScheduling": SCHEDULINGS[draw(st.sampled_from(schedulings))],
    }
    is_namespaced = draw(st.booleans())
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "PropagationPolicy" if is_namespaced else "ClusterPropagationPolicy",
        "metadata": {"name": f"policy-{number}", **({"namespace": "shop"} if is_namespaced else {})},
        "spec": {
            "resourceSelectors": selectors,
            "placement": placement,
            "priority": draw(st.sampled_from([0, 0, 1])),
            "propagateDeps": draw(st.booleans()),
        },
    }


@st.composite
def deployment_documents(draw: st.DrawFn, number: int) -> Manifest:
    container: Manifest = {
        "name": "main",
        "image": "registry.example/app:1",
        "resources": {"requests": {"cpu": draw(st.sampled_from(["500m", "1", "2"]))}},
    }
    if draw(st.booleans()):
        container = {**container, "envFrom": [{"configMapRef": {"name": "settings"}}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"web-{number}", "namespace": "shop", "labels": {"app": draw(st.sampled_from("xy"))}},
        "spec": {
            "replicas": draw(st.integers(1, 40)),
            "selector": {"matchLabels": {"pods": "web"}},
            "template": {"metadata": {"labels": {"pods": "web"}}, "spec": {"containers": [container]}},
        },
    }


def override_document(number: int, registry: str) -> Manifest:
    """A policy that rewrites images in the silver clusters."""
    rule: Manifest = {
        "targetCluster": {"labelSelector": {"matchLabels": {"tier": "silver"}}},
        "overriders": {"imageOverrider": [{"component": "Registry", "operator": "replace", "value": registry}]},
    }
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "ClusterOverridePolicy",
        "metadata": {"name": f"images-{number}"},
        "spec": {
            "resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}],
            "overrideRules": [rule],
        },
    }


@st.composite
def worlds(draw: st.DrawFn, schedulings: Sequence[str] = tuple(SCHEDULINGS), *, is_spread: bool = True) -> World:
    """One to six members, up to three policies, up to four workloads, a ConfigMap and the Namespace."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    policies = range(draw(st.integers(1, 3)))
    config: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}}
    namespace: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    workloads = [draw(deployment_documents(number)) for number in range(draw(st.integers(1, 4)))]
    return World(
        clusters=tuple(draw(cluster_documents(name)) for name in names),
        policies=tuple(draw(policy_documents(number, schedulings, is_spread=is_spread)) for number in policies),
        overrides=tuple(override_document(n, f"mirror-{n}.example") for n in range(draw(st.integers(0, 2)))),
        templates=(namespace, config, *workloads),
    )


@st.composite
def shuffled(draw: st.DrawFn, world: World) -> World:
    """The same world in another order."""
    return replace(
        world,
        clusters=tuple(draw(st.permutations(world.clusters))),
        policies=tuple(draw(st.permutations(world.policies))),
        overrides=tuple(draw(st.permutations(world.overrides))),
        templates=tuple(draw(st.permutations(world.templates))),
    )
