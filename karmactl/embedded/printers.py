"""The columns of each kind's table, and how a row's cells come from an object."""

import time
from typing import Any

from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object, parse_time


def age(text: str | None) -> str:
    """The time since a timestamp, as short as kubectl shows it."""
    moment = parse_time(text) if text else None
    if moment is None:
        return "<unknown>"
    return human_duration(time.time() - moment.timestamp())


def human_duration(seconds: float) -> str:
    """A duration with at most two units (k8s.io/apimachinery/pkg/util/duration.HumanDuration)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        rest = whole % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        rest = hours % 24
        return f"{hours // 24}d{rest}h" if rest else f"{hours // 24}d"
    days = hours // 24
    if days < 730:
        return f"{days}d"
    if days < 2920:
        rest = days % 365
        return f"{days // 365}y{rest}d" if rest else f"{days // 365}y"
    return f"{days // 365}y"


def columns_of(resource: Resource) -> list[Object]:
    """The column definitions of a resource."""
    return [
        {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0},
        {"name": "Age", "type": "string", "format": "", "description": "", "priority": 0},
    ]


def row_of(resource: Resource, obj: Object) -> list[Any]:
    """The cells of one object's row."""
    return [obj["metadata"].get("name"), age(obj["metadata"].get("creationTimestamp"))]
