"""Failover as a pure function: `tick(state, observations, now) -> (state, decisions)`.

`health` turns probes into conditions and taints, `tolerate` says when a taint evicts, `limits` says how many clusters
may be emptied at once, `tick` joins them to graceful eviction tasks. Where the work goes is the pipeline's to decide.
"""

from karmactl.core.failover.tick import Tick, tainted, tick

__all__ = ["Tick", "tainted", "tick"]
