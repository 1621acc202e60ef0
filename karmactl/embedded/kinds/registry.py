"""Which strategy belongs to which resource."""

from karmactl.embedded.kinds.strategy import PLAIN, Strategy
from karmactl.embedded.resource import Resource

_STRATEGIES: dict[tuple[str, str], Strategy] = {}


def strategy_of(resource: Resource) -> Strategy:
    """The strategy of a built-in resource; resources without rules of their own share a plain one."""
    return _STRATEGIES.get(resource.table, PLAIN)
