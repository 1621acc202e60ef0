"""What if a cluster fails? The very failover and pipeline of a real run, played through on a clock that is a number.

`minimum` says how many replicas a workload must keep, `copies` which copies are ready when, `run` plays a scenario.
"""

from karmactl.core.simulate.run import every_loss, simulate

__all__ = ["every_loss", "simulate"]
