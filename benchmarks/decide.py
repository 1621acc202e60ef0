"""How fast karmactl decides: many templates on a fleet, the Works that follow, and what a single cold decision costs.

    python -m benchmarks.decide [--templates 10000] [--clusters 1000] [--policies 50] [--no-growth] [--no-single]

Inputs are made up from a seed: templates of mixed kinds with some dozens of different requests and replica numbers,
policies of every placement type, clusters in 11 regions of which 3 % are tainted. A run is what `plan` does between
reading and comparing: defaults, matching, interpreting, scheduling, dependencies, with all of karmactl's differences
on; reading and decoding are not in it. Works are made one cluster at a time and thrown away, for the first clusters of
the fleet. Every run has a process of its own, and its seconds are those of the processor (one core; the wall clock
beside them). "cold" is a Scheduler made for one decision and thrown away; "prepared" one that knows the placement and
the requirements, asked for a number of replicas that it has not seen; "explained" is with every cluster's verdict.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from karmactl.core.decode import decode_cluster, decode_propagation_policy
from karmactl.core.defaults import default_template
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.binding import Binding, ReplicaRequirements
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import InputSet, Template
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.work import Work
from karmactl.core.pipeline import PipelineInput, decide
from karmactl.core.schedule import Scheduler
from karmactl.errors import Location

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
REPLICAS = (1, 2, 3, 5, 10, 50, 200, 1000)
# Works of this many clusters are made: their rate does not depend on how many there are.
WORKS_OF = 20

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


def make_clusters(count: int, regions: int = REGIONS) -> list[Manifest]:
    chance = random.Random(SEED)
    served: list[JSONValue] = [
        {"groupVersion": api_version, "resources": [{"name": kind.lower() + "s", "kind": kind}]}
        for api_version, kind in KINDS
    ]
    return [make_cluster(chance, number, served, f"region-{number % regions:02}") for number in range(count)]


def make_cluster(chance: random.Random, number: int, served: list[JSONValue], region: str) -> Manifest:
    cpu = chance.randrange(200, 4000)
    spec: Manifest = {"syncMode": "Push", "provider": "made-up", "region": region}
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


def make_template(number: int, policies: int) -> Template:
    """A template as a file has it: replicas and requests for workloads."""
    chance = random.Random(SEED + number)
    api_version, kind = KINDS[number % len(KINDS)]
    name = f"app-{number:05}"
    requests: Manifest = {"cpu": f"{chance.randrange(1, 9) * 100}m", "memory": f"{chance.randrange(1, 5) * 256}Mi"}
    pod: Manifest = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "made-up/app:1", "resources": {"requests": requests}}]},
    }
    bodies: dict[str, Manifest] = {
        "Deployment": {"spec": {"replicas": chance.choice(REPLICAS), "template": pod}},
        "StatefulSet": {"spec": {"replicas": chance.choice(REPLICAS), "template": pod}},
        "Job": {"spec": {"parallelism": chance.choice(REPLICAS), "template": pod}},
        "ConfigMap": {"data": {"key": "value"}},
        "Service": {"spec": {"selector": {"app": name}, "ports": [{"port": 80}]}},
    }
    manifest: Manifest = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": f"team-{number % NAMESPACES:02}",
            "labels": {"policy": f"p{number // len(KINDS) % policies:02}", "app": name},
        },
        **bodies[kind],
    }
    return Template(manifest=manifest, ref=ref_of(manifest), location=Location(file="made-up.yaml", line=1, column=1))


# --- Many decisions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one run; seconds are of the processor but for `wall`."""

    templates: int
    clusters: int
    seconds: float
    wall: float
    targets: int
    works: int
    works_seconds: float
    mebibytes: float
    inputs_mebibytes: float


def peak() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(templates: int, clusters: int, policies: int) -> Row:
    """Decide about all templates, then make the Works of some clusters."""
    manifests = make_clusters(clusters)
    fleet = tuple(decode_cluster(manifest)[0] for manifest in manifests)
    claims = tuple(decode_propagation_policy(manifest)[0] for manifest in make_policies(policies, manifests))
    read = [make_template(number, policies) for number in range(templates)]
    gc.collect()
    before = peak()
    started, started_cpu = time.perf_counter(), time.process_time()
    defaulted = tuple(replace(template, manifest=default_template(template.manifest)) for template in read)
    inputs = InputSet(templates=defaulted, propagation_policies=claims)
    decided = decide(PipelineInput(inputs=inputs, clusters=fleet, interpreter=NativeInterpreter(), explain=False))
    seconds, wall = time.process_time() - started_cpu, time.perf_counter() - started
    assert all(decision.result is not None for decision in decided.decisions)
    started_cpu = time.process_time()
    works = sum(isinstance(work, Work) for cluster in fleet[:WORKS_OF] for work in decided.works(cluster.name))
    return Row(
        templates=templates,
        clusters=clusters,
        seconds=seconds,
        wall=wall,
        targets=sum(len(decision.targets) for decision in decided.decisions),
        works=works,
        works_seconds=time.process_time() - started_cpu,
        mebibytes=peak(),
        inputs_mebibytes=before,
    )


def report_runs(sizes: Sequence[tuple[int, int]], policies: int) -> None:
    """A line a size, each from a process of its own."""
    print("| templates | clusters | s (wall) | decisions/s | targets | Works/s | peak MiB (inputs) |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for templates, clusters in sizes:
            row = pool.submit(run, templates, clusters, policies).result()
            print(
                f"| {row.templates:,} | {row.clusters:,} | {row.seconds:.2f} ({row.wall:.2f}) "
                f"| {row.templates / row.seconds:,.0f} | {row.targets:,} | {row.works / row.works_seconds:,.0f} "
                f"| {row.mebibytes:.0f} ({row.inputs_mebibytes:.0f}) |",
                flush=True,
            )


# --- One decision ---------------------------------------------------------------------------------------------------


def microseconds(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """(minimum, median) of one call."""
    figures = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        figures.append((time.perf_counter() - started) * 1e6)
    return min(figures), statistics.median(figures)


def report_single(count: int, repeats: int) -> None:
    """What one decision costs by placement: cold, prepared, and explained."""
    manifests = make_clusters(count)
    clusters = [decode_cluster(manifest)[0] for manifest in manifests]
    for name, placement in placements(manifests).items():
        report_decision(name, placement, clusters, repeats)


def report_many_regions(count: int, repeats: int) -> None:
    """A choice among more sets of regions than could be listed."""
    clusters = [decode_cluster(manifest)[0] for manifest in make_clusters(count, 60)]
    spread: JSONValue = [
        {"spreadByField": "region", "minGroups": 5, "maxGroups": 20},
        {"spreadByField": "cluster", "minGroups": count // 5, "maxGroups": count},
    ]
    placement: Manifest = {"replicaScheduling": DYNAMIC, "spreadConstraints": spread}
    report_decision("5 to 20 of 60 regions + dynamic", placement, clusters, repeats)


def report_decision(name: str, placement: Manifest, clusters: Sequence[Cluster], repeats: int) -> None:
    """A line of the table."""
    count = len(clusters)
    spec: Manifest = {"resourceSelectors": [], "placement": placement}
    policy = decode_propagation_policy({"kind": "ClusterPropagationPolicy", "spec": spec})[0]
    binding = Binding(
        resource=make_template(0, 1).ref,
        replicas=2 * count,
        replica_requirements=ReplicaRequirements(resource_request={"cpu": "300m", "memory": "512Mi"}),
        placement=policy.spec.placement,
    )
    warm = Scheduler(clusters)
    warm.schedule(binding, explain=False)
    numbers = iter(range(2 * count + 1, 10**9))
    figures = (
        microseconds(lambda: Scheduler(clusters).schedule(binding, explain=False), repeats),
        microseconds(lambda: warm.schedule(replace(binding, replicas=next(numbers)), explain=False), repeats),
        microseconds(lambda: warm.schedule(binding), max(repeats // 4, 1)),
    )
    cells = " | ".join(f"{least:,.0f} / {median:,.0f}" for least, median in figures)
    print(f"| {count:,} | {name} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide")
    parser.add_argument("--templates", type=int, default=10_000)
    parser.add_argument("--clusters", type=int, default=1_000)
    parser.add_argument("--policies", type=int, default=50)
    parser.add_argument("--no-growth", action="store_true", help="only the size that was asked for")
    parser.add_argument("--no-single", action="store_true", help="leave out the cost of single decisions")
    options = parser.parse_args()

    largest = (options.templates, options.clusters)
    smaller = [(options.templates // 10, options.clusters)]
    smaller += [(options.templates, options.clusters // part) for part in (100, 10) if options.clusters >= part]
    report_runs([largest] if options.no_growth else [*smaller, largest], options.policies)
    if not options.no_single:
        print("\nµs, minimum / median\n")
        print("| clusters | placement | cold | prepared | explained |\n| --- | --- | --- | --- | --- |")
        for count, repeats in ((10, 100), (100, 40), (1000, 12)):
            report_single(count, repeats)
        report_many_regions(1000, 5)


if __name__ == "__main__":
    main()
