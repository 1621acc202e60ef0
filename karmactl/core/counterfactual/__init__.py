"""What would have to change for a cluster to get an object: found by asking the pipeline again, never guessed.

`candidates` says what could be changed about the policy, the cluster, the template or the run; `search` makes each
change on a copy of the inputs, decides anew and looks where the object went: single changes first, then pairs. Of a
number (a weight, a maximum, room) the smallest that helps is looked for.
"""

from karmactl.core.counterfactual.search import explained, why_not

__all__ = ["explained", "why_not"]
