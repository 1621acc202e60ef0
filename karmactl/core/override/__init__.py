"""Overrides: what each cluster's copy of an object differs in, by OverridePolicy and ClusterOverridePolicy.

`OverrideSet(policies, clusters)` prepares the policies once, `.match(template)` finds an object's rules once, and
`.apply(manifest, cluster)` makes the copy for one cluster, with the rules that applied and every field they changed.
Policies are taken as they are: defaults and validation lie elsewhere. Source: Karmada pkg/util/overridemanager.
"""

from __future__ import annotations

from karmactl.core.override.policies import ObjectOverrides, OverrideSet
from karmactl.core.override.trace import trace_overrides

__all__ = ["ObjectOverrides", "OverrideSet", "trace_overrides"]
