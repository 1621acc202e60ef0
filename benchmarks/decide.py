"""How fast karmactl decides: many templates on a fleet, and what a single cold decision costs.

    python -m benchmarks.decide [--templates 10000] [--clusters 1000] [--policies 50]

Inputs are made up from a seed: templates of mixed kinds with some dozens of different requests and replica numbers,
policies of every placement type, clusters in 11 regions of which 3 % are tainted. Decoding is timed apart: decisions
are matching and scheduling, on one core. "cold" is a Scheduler made for one decision and thrown away; "prepared" one
that knows the placement and the requirements, asked for a number of replicas that it has not seen.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from karmactl.core.decode import decode_cluster, decode_propagation_policy
from karmactl.core.model.binding import Binding, ReplicaRequirements, TargetCluster
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.schedule import Scheduler
from karmactl.core.select import match_policies

SEED = 20260821
REGIONS = 11
NAMESPACES = 20
KINDS = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
    ("v1", "ConfigMap"),
    ("v1", "Service"),
)
WORKLOADS = frozenset({"Deployment", "StatefulSet", "Job"})

DYNAMIC: Manifest = {
    "replicaSchedulingType": "Divided",
    "replicaDivisionPreference": "Weighted",
    "weightPreference": {"dynamicWeight": "AvailableReplicas"},
}
AGGREGATED: Manifest = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}
DUPLICATED: Manifest = {"replicaSchedulingType": "Duplicated"}


def region_spread(clusters: int) -> JSONValue:
    return [
        {"spreadByField": "region", "minGroups": 2, "maxGroups": 3},
        {"spreadByField": "cluster", "minGroups": 3, "maxGroups": clusters},
    ]


def placements(clusters: Sequence[Manifest]) -> dict[str, Manifest]:
    """Every type of placement, by the name that the report gives it."""
    names = [str(cluster["metadata"]["name"]) for cluster in clusters]  # type: ignore[index, call-overload]
    by_name: list[JSONValue] = [{"targetCluster": {"clusterNames": [name]}, "weight": 1} for name in names]
    static: Manifest = {**AGGREGATED, "replicaDivisionPreference": "Weighted"}
    terms: list[JSONValue] = [
        {"affinityName": "first", "labelSelector": {"matchLabels": {"tier": "gold"}}},
        {"affinityName": "second", "labelSelector": {"matchLabels": {"tier": "silver"}}},
    ]
    by_cluster: JSONValue = [{"spreadByField": "cluster", "minGroups": 2, "maxGroups": 10}]
    return {
        "duplicated": {"replicaScheduling": DUPLICATED},
        "static weight by name": {
            "replicaScheduling": {**static, "weightPreference": {"staticWeightList": by_name}},
        },
        "equal weight": {"replicaScheduling": static},
        "dynamic weight": {"replicaScheduling": DYNAMIC},
        "aggregated": {"replicaScheduling": AGGREGATED},
        "cluster + aggregated": {"replicaScheduling": AGGREGATED, "spreadConstraints": by_cluster},
        "region + dynamic": {"replicaScheduling": DYNAMIC, "spreadConstraints": region_spread(10)},
        "region + duplicated": {"replicaScheduling": DUPLICATED, "spreadConstraints": region_spread(10)},
        "labels + duplicated": {
            "replicaScheduling": DUPLICATED,
            "clusterAffinity": {"labelSelector": {"matchLabels": {"tier": "gold"}}},
        },
        "affinity terms + dynamic": {"replicaScheduling": DYNAMIC, "clusterAffinities": terms},
    }


def make_clusters(count: int) -> list[Manifest]:
    chance = random.Random(SEED)
    served: list[JSONValue] = [
        {"groupVersion": api_version, "resources": [{"name": kind.lower() + "s", "kind": kind}]}
        for api_version, kind in KINDS
    ]
    return [make_cluster(chance, number, served) for number in range(count)]


def make_cluster(chance: random.Random, number: int, served: list[JSONValue]) -> Manifest:
    cpu = chance.randrange(200, 4000)
    spec: Manifest = {"syncMode": "Push", "provider": "made-up", "region": f"region-{number % REGIONS:02}"}
    if chance.random() < 0.03:
        spec["taints"] = [{"key": "maintenance", "value": "yes", "effect": "NoSchedule"}]
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {
            "name": f"member-{number:04}",
            "labels": {"tier": chance.choice(("gold", "silver", "bronze")), "env": chance.choice(("prod", "test"))},
        },
        "spec": spec,
        "status": {
            "apiEnablements": served,
            "resourceSummary": {
                "allocatable": {"cpu": str(cpu), "memory": f"{cpu * 4}Gi", "pods": str(cpu * 5)},
                "allocated": {
                    "cpu": f"{chance.randrange(cpu * 500)}m",
                    "memory": f"{chance.randrange(cpu)}Gi",
                    "pods": "50",
                },
                "allocating": {"cpu": "500m", "pods": "3"},
            },
        },
    }


def make_policies(count: int, clusters: Sequence[Manifest]) -> list[Manifest]:
    kinds = list(placements(clusters).values())
    policies: list[Manifest] = []
    for number in range(count):
        selectors: list[JSONValue] = [
            {"apiVersion": api_version, "kind": kind, "labelSelector": {"matchLabels": {"policy": f"p{number:02}"}}}
            for api_version, kind in KINDS
        ]
        policies.append(
            {
                "apiVersion": "policy.karmada.io/v1alpha1",
                "kind": "ClusterPropagationPolicy",
                "metadata": {"name": f"policy-{number:02}"},
                "spec": {"resourceSelectors": selectors, "placement": kinds[number % len(kinds)]},
            }
        )
    return policies


def make_templates(count: int, policies: int) -> list[Manifest]:
    return [
        {
            "apiVersion": KINDS[number % len(KINDS)][0],
            "kind": KINDS[number % len(KINDS)][1],
            "metadata": {
                "name": f"app-{number:05}",
                "namespace": f"team-{number % NAMESPACES:02}",
                "labels": {"policy": f"p{number // len(KINDS) % policies:02}", "app": f"app-{number:05}"},
            },
        }
        for number in range(count)
    ]


def make_binding(manifest: Manifest, policy: PropagationPolicy, number: int) -> Binding:
    """What interpretation would give: replicas and requests for workloads, nothing for the rest."""
    chance = random.Random(SEED + number)
    binding = Binding(resource=ref_of(manifest), resource_uid=f"uid-{number}", placement=policy.spec.placement)
    if manifest["kind"] not in WORKLOADS:
        return binding
    requests = {"cpu": f"{chance.randrange(1, 9) * 100}m", "memory": f"{chance.randrange(1, 5) * 256}Mi"}
    return replace(
        binding,
        replicas=chance.choice((1, 2, 3, 5, 10, 50, 200, 1000)),
        replica_requirements=ReplicaRequirements(resource_request=requests),
    )


def decide_all(
    templates: Sequence[Manifest], policies: Sequence[PropagationPolicy], clusters: Sequence[Cluster]
) -> tuple[list[tuple[TargetCluster, ...]], dict[str, float]]:
    """All decisions, and the seconds of each part."""
    started = time.perf_counter()
    matches = match_policies(templates, policies)
    matched = time.perf_counter()
    bindings = [
        make_binding(match.template, match.winner.policy, number)
        for number, match in enumerate(matches)
        if match.winner is not None
    ]
    gc.collect()
    bound, bound_cpu = time.perf_counter(), time.process_time()
    scheduler = Scheduler(clusters)
    results = [scheduler.schedule(binding, explain=False).clusters for binding in bindings]
    ended, ended_cpu = time.perf_counter(), time.process_time()
    print(f"scheduling took {ended_cpu - bound_cpu:.2f} s of processor time")
    return results, {"match": matched - started, "schedule": ended - bound}


def microseconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """(minimum, median) of one call."""
    figures = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        figures.append((time.perf_counter() - started) * 1e6)
    return min(figures), statistics.median(figures)


def report_single(count: int, repeats: int) -> None:
    """What one decision costs by placement: cold, fresh, and when the same question was asked before."""
    manifests = make_clusters(count)
    clusters = [decode_cluster(manifest)[0] for manifest in manifests]
    for name, placement in placements(manifests).items():
        spec: Manifest = {"resourceSelectors": [], "placement": placement}
        policy = decode_propagation_policy({"kind": "ClusterPropagationPolicy", "spec": spec})[0]
        template: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
        binding = replace(make_binding(template, policy, 0), replicas=2 * count)
        cold = microseconds(lambda: Scheduler(clusters).schedule(binding, explain=False), repeats)  # noqa: B023
        warm = Scheduler(clusters)
        warm.schedule(binding, explain=False)
        numbers = iter(range(3, 10**9))
        other = microseconds(
            lambda: warm.schedule(replace(binding, replicas=2 * count + next(numbers)), explain=False),  # noqa: B023
            repeats,
        )
        why = microseconds(lambda: warm.schedule(binding), max(repeats // 4, 1))  # noqa: B023
        print(f"| {count} | {name} | {cold[0]:.0f} / {cold[1]:.0f} | {other[0]:.0f} / {other[1]:.0f} | {why[0]:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide")
    parser.add_argument("--templates", type=int, default=10_000)
    parser.add_argument("--clusters", type=int, default=1_000)
    parser.add_argument("--policies", type=int, default=50)
    parser.add_argument("--no-single", action="store_true", help="leave out the cost of single decisions")
    options = parser.parse_args()

    started = time.perf_counter()
    manifests = make_clusters(options.clusters)
    policies = [decode_propagation_policy(manifest)[0] for manifest in make_policies(options.policies, manifests)]
    clusters = [decode_cluster(manifest)[0] for manifest in manifests]
    templates = make_templates(options.templates, options.policies)
    print(f"inputs made and decoded in {time.perf_counter() - started:.2f} s")
    results, seconds = decide_all(templates, policies, clusters)
    total = sum(seconds.values())
    targets = sum(map(len, results))
    print(f"{len(results)} decisions on {len(clusters)} clusters, {len(policies)} policies: {total:.2f} s")
    print(
        f"  {len(results) / total:.0f} decisions/s; {targets} targets; "
        + ", ".join(f"{k} {v:.2f} s" for k, v in seconds.items())
    )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    if not options.no_single:
        print("| clusters | placement | cold µs min / median | prepared, new replicas µs min / median | explained µs |")
        for count, repeats in ((10, 100), (100, 40), (1000, 12)):
            report_single(count, repeats)


if __name__ == "__main__":
    main()
