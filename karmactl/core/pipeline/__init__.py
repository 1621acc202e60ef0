"""The pipeline: inputs, facts and the recorded placement in; decisions, Works and the next record out.

It joins the stages (select, bind, schedule, depend, works) and adds what karmactl decides differently from Karmada on
purpose: a placement that nothing asks to change stays, silence of a member moves nothing, a Namespace of the folder
follows its objects, and what no longer has a place is withdrawn only with a positive cause. Pure: no clock, no
network; Works are made one cluster at a time and never all held.
"""

from karmactl.core.pipeline.decide import decide, decide_removal
from karmactl.core.pipeline.decided import NOT_SELECTED, Decided
from karmactl.core.pipeline.failover import decide_failover, movable_of
from karmactl.core.pipeline.given import PipelineInput, stand_in_uid

__all__ = [
    "NOT_SELECTED",
    "Decided",
    "PipelineInput",
    "decide",
    "decide_failover",
    "decide_removal",
    "movable_of",
    "stand_in_uid",
]
