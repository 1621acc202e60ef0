"""Plans made by hand for the tests of rendering: the shop of the documentation, and one with hostile data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from karmactl.core.model.binding import (
    Binding,
    ClusterVerdict,
    PolicyCandidate,
    PolicyMatch,
    ReplicaRequirements,
    ScheduleError,
    ScheduleErrorReason,
    ScheduleResult,
    TargetCluster,
)
from karmactl.core.model.change import (
    Action,
    Change,
    ChangeSet,
    FieldChange,
    FieldHolder,
    Guard,
    Masked,
    Unknown,
    Verdict,
)
from karmactl.core.model.cluster import APIEnablement, APIResource, Cluster, Taint
from karmactl.core.model.input import InputFile, Template
from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.plan import Decision, FleetMember, Plan, Standing
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.reason import Reason
from karmactl.core.model.work import FieldOrigin
from karmactl.errors import Location


def ref(kind: str, name: str, *, namespace: str = "shop", group: str | None = None) -> ResourceRef:
    """A reference; workloads are of apps/v1 unless said otherwise."""
    default = "apps" if kind in ("Deployment", "StatefulSet", "DaemonSet") else ""
    return ResourceRef(
        group=default if group is None else group, version="v1", kind=kind, namespace=namespace, name=name
    )


def template(resource: ResourceRef, file: str = "shop/all.yaml", line: int = 1) -> Template:
    """A template of nothing but its name."""
    manifest: Manifest = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": resource.name, "namespace": resource.namespace},
    }
    return Template(manifest=manifest, ref=resource, location=Location(file=file, line=line))


def policy(name: str, *, namespace: str = "shop", file: str = "policies/shop.yaml", line: int = 1) -> PropagationPolicy:
    """A policy of nothing but its name."""
    return PropagationPolicy(name=name, namespace=namespace, location=Location(file=file, line=line))


def candidate(of: PropagationPolicy) -> PolicyCandidate:
    """It matched by kind."""
    return PolicyCandidate(policy=of, priority=0, implicit_priority=1)


def targets(replicas_by_cluster: Mapping[str, int]) -> tuple[TargetCluster, ...]:
    """The mapping as a placement."""
    return tuple(TargetCluster(name=name, replicas=count) for name, count in sorted(replicas_by_cluster.items()))


def decision(
    resource: ResourceRef,
    now: Mapping[str, int],
    before: Mapping[str, int] | None = None,
    *,
    standing: Standing = Standing.PLACED,
    result: ScheduleResult | None = None,
    has_replicas: bool = True,
    losers: Sequence[tuple[PropagationPolicy, Reason]] = (),
    policy_name: str = "weighted",
    notes: tuple[Reason, ...] = (),
    required_by: tuple[ResourceRef, ...] = (),
) -> Decision:
    """A decision for a template, with a binding of as many replicas as are placed."""
    made = template(resource)
    winner = None if standing is Standing.UNMATCHED else candidate(policy(policy_name))
    return Decision(
        template=made,
        standing=standing,
        match=PolicyMatch(
            template=made.manifest,
            winner=winner,
            losers=tuple((candidate(loser), reason) for loser, reason in losers),
        ),
        binding=Binding(
            resource=resource,
            replicas=sum(now.values()),
            replica_requirements=ReplicaRequirements() if has_replicas else None,
        ),
        result=result,
        targets=targets(now),
        previous=targets(before or {}),
        required_by=required_by,
        notes=notes,
    )


def untolerated(cluster: str, taint: str) -> Reason:
    """Karmada's refusal for a taint."""
    text = f"cluster(s) had untolerated taint {{{taint}}}"
    return Reason(code="TaintToleration", subject=cluster, params={"text": text})


def wrong_affinity(cluster: str) -> Reason:
    """Karmada's refusal for an affinity."""
    text = "cluster(s) did not match the placement cluster affinity constraint"
    return Reason(code="ClusterAffinity", subject=cluster, params={"text": text})


def weighted_result(weights: Mapping[str, int], shares: Mapping[str, int]) -> ScheduleResult:
    """A division by static weights, with two clusters that were left out."""
    verdicts = [
        ClusterVerdict(
            cluster=name,
            is_selected=True,
            score=100,
            weight=weights[name],
            replicas=shares.get(name),
        )
        for name in weights
    ]
    verdicts += [
        ClusterVerdict(cluster="us-2", filters=(untolerated("us-2", "gpu=only:NoSchedule"),)),
        ClusterVerdict(cluster="ap-1", filters=(untolerated("ap-1", "cordoned:NoSchedule"), wrong_affinity("ap-1"))),
    ]
    return ScheduleResult(
        clusters=targets(shares),
        strategy="StaticWeight",
        verdicts=tuple(sorted(verdicts, key=lambda verdict: verdict.cluster)),
        steps=(
            Reason(
                code="spread-constraint-unused",
                subject="cluster",
                params={"minGroups": 2, "maxGroups": 2, "why": "static-weight"},
            ),
            Reason(
                code="division",
                subject="StaticWeight",
                params={
                    "mode": "static",
                    "replicas": sum(shares.values()),
                    "weightSum": sum(weights.values()),
                    "weights": dict(weights),
                },
            ),
        ),
    )


def change(
    cluster: str,
    action: Action,
    resource: ResourceRef,
    *,
    code: str = "changed",
    params: Mapping[str, str] | None = None,
    fields: tuple[FieldChange, ...] = (),
    after: tuple[str, ...] = (),
    wave: int = 7,
    unverified: str = "",
) -> Change:
    """A change with the id that the planner gives."""
    return Change(
        id=f"{cluster}/{resource.kind}.{resource.group}/{resource.namespace}/{resource.name}",
        cluster=cluster,
        action=action,
        resource=resource,
        reason=Reason(code=code, params=dict(params or {})),
        fields=fields,
        wave=wave,
        after=after,
        unverified=unverified,
        live_uid="" if action is Action.CREATE else f"uid-{cluster}",
        live_resource_version="" if action is Action.CREATE else "8841",
    )


def image_field(before: str, after: str) -> FieldChange:
    """An image that changed in its file."""
    return FieldChange(
        path="/spec/template/spec/containers/0/image",
        keyed_path="spec.template.spec.containers[server].image",
        op="replace",
        before=before,
        after=after,
        origin=FieldOrigin(
            path="/spec/template/spec/containers/0/image",
            type="template",
            location=Location(file="shop/frontend.yaml", line=41, column=18),
        ),
    )


def replicas_field(before: int, after: int) -> FieldChange:
    """Replicas that a policy changed."""
    return FieldChange(
        path="/spec/replicas",
        keyed_path="spec.replicas",
        op="replace",
        before=before,
        after=after,
        origin=FieldOrigin(
            path="/spec/replicas", type="placement", location=Location(file="policies/shop.yaml", line=18, column=7)
        ),
    )


def fleet(*names: str, silent: str = "") -> tuple[FleetMember, ...]:
    """Members with a few facts; one of them may not answer."""
    return tuple(
        FleetMember(
            name=name,
            context=f"prod-{name}",
            uid=f"uid-{name}",
            version="v1.36.0",
            is_reachable=name != silent,
            error_code="connection-refused" if name == silent else "",
            error="connect to 10.0.0.7:6443: refused" if name == silent else "",
            facts=Cluster(
                name=name,
                labels={"tier": "prod"},
                region=name.partition("-")[0],
                taints=(Taint(key="a", effect="NoSchedule"),) if name == "us-1" else (),
                api_enablements=(
                    APIEnablement(
                        group_version="apps/v1", resources=(APIResource(name="deployments", kind="Deployment"),)
                    ),
                ),
            ),
            facts_age_seconds=3.5,
        )
        for name in names
    )


FRONTEND = ref("Deployment", "frontend")
CART = ref("Deployment", "redis-cart")
KEYS = ref("Secret", "api-keys")


def shop_plan() -> Plan:
    """The plan of the documentation: a new image, a new division, a move, a Secret, a prune."""
    image = image_field("frontend:v0.10.3", "frontend:v0.10.4")
    cart_moves = change("eu-1", Action.CREATE, CART, code="new")
    decisions = (
        decision(
            FRONTEND,
            {"eu-1": 4, "eu-2": 2, "us-1": 2},
            {"eu-1": 3, "eu-2": 3, "us-1": 2},
            result=weighted_result({"eu-1": 2, "eu-2": 1, "us-1": 1}, {"eu-1": 4, "eu-2": 2, "us-1": 2}),
            losers=(
                (
                    policy("all", namespace="", file="policies/all.yaml", line=3),
                    Reason(code="namespaced-wins", subject="all", params={"winner": "weighted"}),
                ),
            ),
        ),
        decision(
            CART,
            {"eu-1": 1},
            {"eu-2": 1},
            result=ScheduleResult(
                clusters=targets({"eu-1": 1}),
                strategy="Duplicated",
                verdicts=(
                    ClusterVerdict(cluster="eu-1", is_selected=True, score=0, replicas=1),
                    ClusterVerdict(cluster="eu-2", filters=(untolerated("eu-2", "disk=slow:NoSchedule"),)),
                    ClusterVerdict(cluster="us-1", filters=(wrong_affinity("us-1"),)),
                ),
            ),
        ),
        decision(KEYS, {"us-1": 0}, {"us-1": 0}, has_replicas=False),
        decision(ref("Deployment", "adservice"), {"us-1": 3}, {"us-1": 3}),
        decision(ref("ConfigMap", "orphan"), {}, standing=Standing.UNMATCHED, has_replicas=False),
    )
    change_sets = (
        ChangeSet(
            cluster="eu-1",
            changes=(
                change("eu-1", Action.UPDATE, FRONTEND, fields=(image, replicas_field(3, 4))),
                cart_moves,
                change("eu-1", Action.PRUNE, ref("ConfigMap", "old-flags"), code="left-the-files", wave=90015),
            ),
            unchanged=12,
        ),
        ChangeSet(
            cluster="eu-2",
            changes=(
                change("eu-2", Action.UPDATE, FRONTEND, fields=(image, replicas_field(3, 2))),
                change("eu-2", Action.WITHDRAW, CART, code="placement", after=(cart_moves.id,), wave=90012),
            ),
            unchanged=10,
        ),
        ChangeSet(
            cluster="us-1",
            changes=(
                change("us-1", Action.UPDATE, FRONTEND, fields=(image,)),
                change(
                    "us-1",
                    Action.UPDATE,
                    KEYS,
                    wave=4,
                    fields=(
                        FieldChange(
                            path="/data/token",
                            keyed_path="data.token",
                            op="replace",
                            before=Masked(mark=1),
                            after=Masked(mark=2),
                            origin=FieldOrigin(
                                path="/data/token",
                                type="override",
                                source="us-keys",
                                rule_index=0,
                                location=Location(file="policies/us-keys.yaml", line=9, column=9),
                            ),
                        ),
                    ),
                ),
            ),
            unchanged=10,
            leftovers=(ref("Service", "old"),),
        ),
    )
    return Plan(
        id="7c1e9f0a" + "0" * 56,
        set_name="shop",
        decisions=decisions,
        change_sets=change_sets,
        guards=(
            Guard(name="conflicts", verdict=Verdict.PASS, measured="0", limit="0"),
            Guard(name="delete", verdict=Verdict.PASS, cluster="eu-1", measured="1 of 33", limit="20 %"),
            Guard(name="move", verdict=Verdict.PASS, measured="2 of 12 replicas", limit="30 %"),
        ),
        fleet=fleet("eu-1", "eu-2", "us-1"),
        files=(
            InputFile(path="shop/all.yaml", digest="d1", kinds={"Deployment": 3, "Secret": 1, "ConfigMap": 1}),
            InputFile(path="policies/shop.yaml", digest="d2", kinds={"PropagationPolicy": 2, "OverridePolicy": 1}),
        ),
        waves=((4, "configuration", ("us-1/Secret./shop/api-keys",)), (7, "workloads", (cart_moves.id,))),
        options={"prune": True},
        generation=41,
    )


def drift_plan() -> Plan:
    """Drift in one member, a conflict and something unknown in another, a text of many lines."""
    before = "".join(f"line {number}\n" for number in range(1, 31))
    after = before.replace("line 15\n", "line fifteen\n").replace("line 28\n", "")
    hpa = ref("HorizontalPodAutoscaler", "frontend", group="autoscaling")
    return Plan(
        id="",
        set_name="shop",
        change_sets=(
            ChangeSet(
                cluster="eu-2",
                changes=(
                    change(
                        "eu-2",
                        Action.UPDATE,
                        hpa,
                        code="drift",
                        fields=(
                            FieldChange(
                                path="/spec/maxReplicas",
                                keyed_path="spec.maxReplicas",
                                op="replace",
                                before=10,
                                after=6,
                                drift=FieldHolder(manager="kubectl-edit", time="2026-03-01T10:00:00Z"),
                            ),
                        ),
                    ),
                    change(
                        "eu-2",
                        Action.UPDATE,
                        ref("ConfigMap", "settings"),
                        wave=4,
                        fields=(
                            FieldChange(
                                path="/data/app.conf",
                                keyed_path='data["app.conf"]',
                                op="replace",
                                before=before,
                                after=after,
                            ),
                            FieldChange(path="/data/extra", keyed_path="data.extra", op="add", after="on"),
                            FieldChange(path="/data/less", keyed_path="data.less", op="remove", before="10"),
                        ),
                    ),
                ),
                unchanged=20,
            ),
            ChangeSet(
                cluster="us-1",
                changes=(
                    change(
                        "us-1",
                        Action.CONFLICT,
                        ref("Deployment", "adservice"),
                        code="field-conflict",
                        params={"message": "Apply failed with 1 conflict"},
                        fields=(
                            FieldChange(
                                path=".spec.minReadySeconds",
                                keyed_path="spec.minReadySeconds",
                                op="replace",
                                conflict=FieldHolder(manager="rollout-bot"),
                            ),
                        ),
                    ),
                ),
                unchanged=12,
                unknowns=(
                    Unknown(cluster="us-1", code="list-failed", message="forbidden", resource="StatefulSet (apps/v1)"),
                ),
            ),
        ),
        fleet=fleet("eu-1", "eu-2", "us-1"),
        is_complete=False,
    )


def unplaceable_plan() -> Plan:
    """A workload that fits nowhere, a member that does not answer, a guard that refuses."""
    names = ("eu-1", "eu-2", "us-1")
    gpu = decision(
        ref("Deployment", "gpu"),
        {},
        standing=Standing.UNPLACEABLE,
        result=ScheduleResult(
            error=ScheduleError(
                reason=ScheduleErrorReason.NO_CLUSTER_FIT,
                message="0/3 clusters are available: 3 cluster(s) had untolerated taint {gpu:NoSchedule}.",
            ),
            verdicts=tuple(
                ClusterVerdict(cluster=name, filters=(untolerated(name, "gpu:NoSchedule"),)) for name in names
            ),
        ),
    )
    held = decision(
        ref("Deployment", "held"),
        {"eu-1": 1, "us-1": 1},
        {"eu-1": 1, "us-1": 1},
        standing=Standing.HELD,
        notes=(Reason(code="held-unreachable", subject="us-1"),),
    )
    return Plan(
        id="ab" * 32,
        set_name="shop",
        decisions=(gpu, held),
        change_sets=(
            ChangeSet(
                cluster="eu-1",
                changes=(change("eu-1", Action.PRUNE, ref("ConfigMap", "a"), code="left-the-files", wave=90015),),
            ),
            ChangeSet(
                cluster="us-1",
                unknowns=(Unknown(cluster="us-1", code="connection-refused", message="no answer"),),
            ),
        ),
        guards=(
            Guard(
                name="delete",
                verdict=Verdict.REFUSE,
                cluster="eu-1",
                measured="8 of 33",
                limit="20 %",
                flag="--max-delete 8",
                detail="eu-1 ConfigMap shop/a",
            ),
        ),
        fleet=fleet(*names, silent="us-1"),
        is_complete=False,
    )


def large_plan(number: int = 46) -> Plan:
    """A fleet that no table has room for: one member differs, one has nothing."""
    names = [f"member-{position:02d}" for position in range(1, number + 1)]
    now = dict.fromkeys(names[:-1], 2)
    before = {**now, names[0]: 1}
    image = image_field("a:1", "a:2")
    return Plan(
        id="cd" * 32,
        set_name="large",
        decisions=(
            decision(ref("Deployment", "web"), now, before, result=ScheduleResult(strategy="DynamicWeight")),
            decision(ref("ConfigMap", "flags"), dict.fromkeys(names, 0), has_replicas=False),
        ),
        change_sets=tuple(
            ChangeSet(
                cluster=name,
                changes=(
                    change(name, Action.CREATE, ref("ConfigMap", "flags"), code="new", wave=4),
                    *([change(name, Action.UPDATE, ref("Deployment", "web"), fields=(image,))] if name in now else []),
                ),
            )
            for name in names
        ),
        fleet=fleet(*names),
    )


HOSTILE = ("cluster[a]", "[prod]", ":smile:", "[/spec/x]", "[bold red]x", "a|b `c` <b>d</b> *e* _f_")


def hostile_plan() -> Plan:
    """Names and values that markup of any kind would eat."""
    cluster, namespace, emoji, tag, bold, table = HOSTILE
    resource = ref("Deployment", emoji, namespace=namespace)
    field = FieldChange(
        path="/spec/x", keyed_path=f"spec{tag}", op="replace", before=bold, after=table + "\x1b[31m\nnext line → ü"
    )
    return Plan(
        id="ee" * 32,
        set_name=namespace,
        decisions=(
            decision(
                resource,
                {cluster: 2},
                {cluster: 1},
                result=ScheduleResult(
                    strategy="Duplicated",
                    clusters=targets({cluster: 2}),
                    verdicts=(
                        ClusterVerdict(cluster=cluster, is_selected=True, replicas=2),
                        ClusterVerdict(cluster=bold, filters=(untolerated(bold, f"{tag}={table}:NoSchedule"),)),
                    ),
                ),
                policy_name=table,
            ),
        ),
        change_sets=(
            ChangeSet(
                cluster=cluster,
                changes=(
                    change(cluster, Action.UPDATE, resource, fields=(field,)),
                    change(
                        cluster,
                        Action.UNKNOWN,
                        ref("Service", tag, namespace=namespace),
                        code="server-rejected",
                        params={"message": f"{table} {bold}"},
                    ),
                ),
                unknowns=(Unknown(cluster=cluster, code="list-failed", message=emoji, resource=tag),),
            ),
        ),
        guards=(Guard(name="delete", verdict=Verdict.REFUSE, cluster=cluster, measured=table, detail=bold),),
        fleet=fleet(cluster),
    )
