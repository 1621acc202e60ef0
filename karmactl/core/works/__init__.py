"""Works: a placed template made into the exact manifest of each cluster.

`WorkMaker` holds what is the same for all templates, `.prepare(template, binding, policy)` what is the same for all
clusters of one, and `.on(target)` makes one Work, so that a caller can go cluster by cluster and hold none. The steps
are Karmada's: revise replicas, divide completions, override, mark, prune. Source: Karmada
pkg/controllers/binding/common.go (ensureWork), pkg/controllers/ctrlutil/work.go.
"""

from __future__ import annotations

from karmactl.core.works.maker import ObjectWorks, WorkMaker, target_clusters
from karmactl.core.works.marks import KarmactlMarks, KarmadaMarks, Marks

__all__ = ["KarmactlMarks", "KarmadaMarks", "Marks", "ObjectWorks", "WorkMaker", "target_clusters"]
