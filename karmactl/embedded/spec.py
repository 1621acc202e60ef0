"""What a sandbox consists of and what can go wrong in it, as values.

`ClusterSpec` describes one cluster before it starts; `Fault` is a way in which a running one misbehaves. Both have a
JSON form, because the background process gets them over its control endpoint.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

FAULT_KINDS: Mapping[str, str] = {
    "down": "connections are refused",
    "hang": "requests are read and never answered",
    "reset": "connections are cut as soon as a request came in",
    "slow": "every answer waits for `seconds`",
    "error": "a share `rate` of requests is answered with `status` (429 or a 5xx)",
    "expired-token": "every token is answered with 401",
    "read-only": "writes are refused with 403",
    "watch-cut": "watches end without warning after `seconds`",
    "partial": "answers stop in the middle of the body",
    "clock-skew": "the cluster's clock is off by `seconds`",
    "api-removed": "the API `group/version` in `api` is no longer served",
}


class StartError(Exception):
    """A cluster did not come up; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A way in which a cluster misbehaves; `kind` is one of FAULT_KINDS, the rest its measure."""

    kind: str = "down"
    seconds: float = 1.0
    rate: float = 1.0
    status: int = 500
    api: str = ""

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"unknown fault {self.kind!r}: one of {', '.join(FAULT_KINDS)}")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate {self.rate} is not between 0 and 1")
        if self.seconds < 0 and self.kind != "clock-skew":
            raise ValueError(f"seconds {self.seconds} is negative")
        if self.kind == "error" and not 400 <= self.status <= 599:
            raise ValueError(f"status {self.status} is no error")
        if self.kind == "api-removed" and not self.api:
            raise ValueError("api-removed needs the api, such as batch/v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSpec:
    """One cluster of a sandbox: its place in the world, its nodes, and how fast its workloads come up.

    `ready_after` is in seconds of simulated delay before a Pod is ready. Without `controllers` nothing happens by
    itself, as on a bare API server: no Pods, no garbage collection, no emptied namespaces. `users` maps further user
    names to their groups; each gets a token of its own.
    """

    name: str
    region: str = ""
    zones: tuple[str, ...] = ()
    provider: str = ""
    nodes: int = 1
    node_cpu: str = "8"
    node_memory: str = "32Gi"
    node_pods: int = 110
    node_labels: tuple[tuple[str, str], ...] = ()
    node_taints: tuple[tuple[str, str, str], ...] = ()  # key, value, effect
    ready_after: float = 0.3
    controllers: bool = True
    users: tuple[tuple[str, tuple[str, ...]], ...] = ()
    port: int = 0

    def __post_init__(self) -> None:
        if not self.name or any(c in self.name for c in "/\\ \n"):
            raise ValueError(f"cluster name {self.name!r} is empty or has characters that a context cannot have")
        if self.ready_after < 0:
            raise ValueError(f"ready_after {self.ready_after} is negative")
        if self.nodes < 0:
            raise ValueError(f"nodes {self.nodes} is negative")


def to_json(value: ClusterSpec | Fault) -> dict[str, Any]:
    """The JSON form of a spec or fault."""
    return asdict(value)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list | tuple) else value


def cluster_from_json(value: Mapping[str, Any]) -> ClusterSpec:
    """The spec of a JSON form; raises TypeError or ValueError for what is no spec."""
    return ClusterSpec(**{k: _tuples(v) for k, v in value.items() if k in {f.name for f in fields(ClusterSpec)}})


def fault_from_json(value: Mapping[str, Any]) -> Fault:
    """The fault of a JSON form; raises TypeError or ValueError for what is no fault."""
    return Fault(**value)
