"""Karmada's feature gates, as one frozen value with Karmada's own defaults.

Source: Karmada pkg/features/features.go, v1.19. Gates that only change how Karmada's own processes run (queues,
logging) are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

__all__ = ["FeatureGates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureGates:
    """Which gates are on; attribute names are the gates' names in snake_case."""

    failover: bool = False
    graceful_eviction: bool = True
    propagate_deps: bool = True
    customized_cluster_resource_modeling: bool = True
    policy_preemption: bool = field(default=False, metadata={"gate": "PropagationPolicyPreemption"})
    multi_cluster_service: bool = False
    resource_quota_estimate: bool = False
    stateful_failover_injection: bool = False
    priority_based_scheduling: bool = True
    federated_quota_enforcement: bool = False
    multiple_pod_templates_scheduling: bool = False
    workload_affinity: bool = False
    scheduling_overcommit_protection: bool = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The gates as users write them, in order of declaration."""
        return tuple(cls._attributes())

    @classmethod
    def of(cls, is_enabled_by_name: Mapping[str, bool]) -> FeatureGates:
        """The defaults with some gates set by name. Raises KeyError for a name that is no gate."""
        attributes = cls._attributes()
        return cls(**{attributes[name]: is_enabled for name, is_enabled in is_enabled_by_name.items()})

    @classmethod
    def _attributes(cls) -> dict[str, str]:
        """Gate name to attribute."""
        return {
            str(entry.metadata.get("gate") or "".join(word.capitalize() for word in entry.name.split("_"))): entry.name
            for entry in fields(cls)
        }
