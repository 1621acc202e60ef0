"""Flux: sources, HelmRelease and Kustomization; and Kyverno's policies, whose conditions are merged the same way.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations, *.toolkit.fluxcd.io and kyverno.io.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from karmactl.core.interpret.tables import failed
from karmactl.core.interpret.thirdparty.rules import (
    Aggregate,
    Globals,
    KindRules,
    begin_status,
    count_up_to_date,
    merge_conditions,
    ready_health,
    reference,
    reflect_fields,
    retain_suspend,
    with_status,
)
from karmactl.core.interpret.thirdparty.values import at, items_of, number, statuses_of
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping

__all__ = ["flux_rules"]

_SECRET_REF: Final = ("secretRef",)
_VERIFY: Final = ("verify", "secretRef")
_CERT: Final = ("certSecretRef",)
_KUBE_CONFIG: Final = ("kubeConfig", "secretRef")
_SUCCEEDED: Final = ("Succeeded",)
_RECONCILED: Final = ("ReconciliationSucceeded",)

_HELM_TEXTS: Final = ("lastAttemptedRevision", "lastAppliedRevision", "lastAttemptedValuesChecksum", "helmChart")
_HELM_FAILURES: Final = ("failures", "upgradeFailures", "installFailures")
_REVISIONS: Final = ("lastAttemptedRevision", "lastAppliedRevision")
_RULE_COUNTS: Final = ("validate", "generate", "mutate", "verifyimages")


def flux_rules(leaked: Globals | None) -> dict[tuple[str, str], KindRules]:
    """The rules by (apiVersion, kind); `leaked` is what scripts leave behind, None where they leave nothing."""
    beta = "source.toolkit.fluxcd.io/v1beta2"
    kyverno = KindRules(
        aggregate=_aggregate_kyverno,
        status=reflect_fields(("ready", "conditions", "autogen", "rulecount"), has_generations=False),
        health=_kyverno_health,
    )
    return {
        ("source.toolkit.fluxcd.io/v1", "GitRepository"): _source(
            texts=(),
            fields=("observedIgnore", "observedRecurseSubmodules"),
            secrets=(_SECRET_REF, _VERIFY),
        ),
        (beta, "Bucket"): _source(texts=("url",), fields=("observedIgnore",), secrets=(_SECRET_REF,)),
        (beta, "HelmRepository"): _source(texts=("url",), fields=(), secrets=(_SECRET_REF,)),
        (beta, "OCIRepository"): _source(
            texts=("url",),
            fields=("observedIgnore", "observedLayerSelector"),
            secrets=(_SECRET_REF, _VERIFY, _CERT),
            needs_account=True,
        ),
        (beta, "HelmChart"): _helm_chart(leaked),
        ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"): KindRules(
            retain=retain_suspend,
            aggregate=_aggregate_helm_release,
            status=reflect_fields(
                ("conditions", "observedGeneration", *_HELM_TEXTS, "lastReleaseRevision", *_HELM_FAILURES)
            ),
            health=ready_health(_RECONCILED),
            dependencies=_helm_release_references,
        ),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"): KindRules(
            retain=retain_suspend,
            aggregate=_aggregate_kustomization,
            status=reflect_fields(("conditions", *_REVISIONS, "observedGeneration")),
            health=ready_health(_RECONCILED),
            dependencies=_references((("decryption", "secretRef"), _KUBE_CONFIG), account="optional"),
        ),
        ("kyverno.io/v1", "ClusterPolicy"): kyverno,
        ("kyverno.io/v1", "Policy"): kyverno,
    }


def _source(
    *,
    texts: Sequence[str],
    fields: Sequence[str],
    secrets: Sequence[tuple[str, ...]],
    needs_account: bool = False,
) -> KindRules:
    """A kind that fetches an artifact."""
    return KindRules(
        retain=retain_suspend,
        aggregate=_aggregate_source(texts),
        status=reflect_fields(("conditions", "artifact", "observedGeneration", *texts, *fields)),
        health=ready_health(_SUCCEEDED),
        dependencies=_references(secrets, account="required" if needs_account else ""),
    )


def _helm_chart(leaked: Globals | None) -> KindRules:
    texts = ("observedSourceArtifactRevision", "observedChartName", "url")
    reflect_all = reflect_fields(("conditions", "artifact", "observedGeneration", *texts))

    def reflect(manifest: Manifest) -> JSONValue:
        status = as_mapping(reflect_all(manifest))
        if leaked is not None and status:
            # The script reads a global variable where it means the chart's own field.
            status["observedGeneration"] = leaked.observed_generation
        return status

    return KindRules(
        retain=retain_suspend,
        aggregate=_aggregate_source(texts),
        status=reflect,
        health=ready_health(("Succeeded", "ChartPullSucceeded")),
        dependencies=_references((_VERIFY,)),
    )


# --- Status --------------------------------------------------------------------------------------------------------


def _aggregate_source(texts: Sequence[str]) -> Aggregate:
    """The last artifact and texts that members have, and the conditions of all."""

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        manifest, status, generation = begin_status(manifest)
        last: dict[str, JSONValue] = dict.fromkeys(texts, "")
        artifact: JSONValue = None
        for _, member in statuses_of(items):
            artifact = artifact if member.get("artifact") is None else member["artifact"]
            last |= {key: member[key] for key in texts if member.get(key) not in (None, "")}
        return with_status(
            manifest,
            {
                **status,
                "artifact": artifact,
                "conditions": merge_conditions(items),
                **last,
                "observedGeneration": _observed(items, status, generation),
            },
        )

    return aggregate


def _observed(items: Sequence[AggregatedStatusItem], status: Manifest, generation: JSONValue) -> JSONValue:
    """The template's generation when all members have seen it, else what the template had observed."""
    return generation if count_up_to_date(items, generation) == len(items) else status["observedGeneration"]


def _aggregate_kustomization(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    del now
    manifest, status, generation = begin_status(manifest)
    result = {
        **status,
        "conditions": merge_conditions(items),
        "observedGeneration": _observed(items, status, generation),
    }
    if not items:
        return with_status(manifest, {**result, **dict.fromkeys(_REVISIONS, "")})
    for _, member in statuses_of(items):
        result |= {key: member[key] for key in _REVISIONS if member.get(key) not in (None, "")}
    return with_status(manifest, result)


def _aggregate_helm_release(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    del now
    manifest, status, generation = begin_status(manifest)
    result = {
        **status,
        "conditions": merge_conditions(items),
        "observedGeneration": _observed(items, status, generation),
    }
    if not items:
        texts: dict[str, JSONValue] = dict.fromkeys((*_HELM_TEXTS, "lastReleaseRevision"), "")
        zeros: dict[str, JSONValue] = dict.fromkeys(_HELM_FAILURES, 0)
        return with_status(manifest, {**result, **texts, **zeros})
    for _, member in statuses_of(items):
        result |= {key: member[key] for key in _HELM_TEXTS if member.get(key) not in (None, "")}
        if member.get("lastReleaseRevision") is not None:
            result["lastReleaseRevision"] = member["lastReleaseRevision"]
        for key in _HELM_FAILURES:
            # Failures are added to what the template has, and only where it has something.
            if member.get(key) is not None and status.get(key) is not None:
                result[key] = number(result[key]) + number(member[key])
    return with_status(manifest, result)


def _aggregate_kyverno(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    del now
    if not items:
        return manifest
    counts: dict[str, JSONValue] = dict.fromkeys(_RULE_COUNTS, 0)
    last: dict[str, JSONValue] = {}
    for _, member in statuses_of(items):
        last |= {key: member[key] for key in ("autogen", "ready") if member.get(key) is not None}
        if member.get("rulecount") is not None:
            for key in _RULE_COUNTS:
                counts[key] = number(counts[key]) + number(at(member["rulecount"], key))
    return with_status(manifest, {**last, "rulecount": counts, "conditions": merge_conditions(items)})


def _kyverno_health(manifest: Manifest) -> JSONValue:
    status = manifest.get("status")
    ready = None if status is None else at(status, "ready")
    return ready_health(_SUCCEEDED)(manifest) if ready is None else ready


# --- References ----------------------------------------------------------------------------------------------------


def _references(secrets: Sequence[tuple[str, ...]], *, account: str = "") -> Callable[[Manifest], JSONValue]:
    """Secrets at these paths of the spec; the service account too, if it is there (`optional`) or in any case."""

    def interpret(manifest: Manifest) -> JSONValue:
        spec = at(manifest, "spec")
        if spec is None:
            raise failed("there is no spec")
        names = [("Secret", name) for name in _secret_names(spec, secrets)]
        if account:
            names += _account(at(spec, "serviceAccountName"), is_required=account == "required")
        return _as_references(names, manifest)

    return interpret


def _secret_names(spec: JSONValue, paths: Sequence[tuple[str, ...]]) -> list[JSONValue]:
    names = []
    for path in paths:
        current = spec
        for step in path:
            current = None if current is None else at(current, step)
        if current is not None and at(current, "name") != "":
            names.append(_key(at(current, "name")))
    return names


def _account(name: JSONValue, *, is_required: bool) -> list[tuple[str, JSONValue]]:
    if name == "" or (name is None and not is_required):
        return []
    return [("ServiceAccount", _key(name))]


def _key(name: JSONValue) -> JSONValue:
    """The name as the key of a set, which nothing cannot be."""
    if name is None:
        raise failed("table index is nil")
    return name


def _as_references(names: Sequence[tuple[str, JSONValue]], manifest: Manifest) -> JSONValue:
    unique = dict.fromkeys(names)
    return [reference(kind, name, manifest) for kind, name in unique]


def _helm_release_references(manifest: Manifest) -> JSONValue:
    spec = at(manifest, "spec")
    names: list[tuple[str, JSONValue]] = []
    for source in items_of(at(spec, "valuesFrom") or []):
        kind = at(source, "kind")
        if kind in ("Secret", "ConfigMap"):
            names.append((str(kind), _key(at(source, "name"))))
    paths = (("chart", "spec", *_VERIFY), _KUBE_CONFIG)
    names += [("Secret", name) for name in _secret_names(spec, paths)]
    names += _account(at(spec, "serviceAccountName"), is_required=False)
    return _as_references(names, manifest)
