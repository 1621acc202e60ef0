"""Where templates go: filters, scores, spread constraints, replica division, each with its reasons.

A pure reimplementation of what Karmada's scheduler decides. `Scheduler` is prepared for a fleet and asked for each
binding; the modules follow Karmada's order: filter, spread (choosing), assign. Which policy claims a template is
`core.select`'s to say, what an object then looks like in a cluster `core.override`'s.
"""

from karmactl.core.schedule.scheduler import ScheduleOptions, Scheduler, schedule

__all__ = ["ScheduleOptions", "Scheduler", "schedule"]
