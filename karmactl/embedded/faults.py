"""Clusters that misbehave on demand: which faults are in force, and what each does to a request.

A fault is set by `Cluster.fail` and lasts until `heal`. What happens to connections (refused, cut) is done by the
listener; this module decides.
"""

import asyncio
import random
from collections.abc import AsyncIterator

from karmactl.embedded.authn import User
from karmactl.embedded.encode import refuse
from karmactl.embedded.http import Abort, Request, Response
from karmactl.embedded.refusals import ApiError, unauthorized
from karmactl.embedded.spec import Fault

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Faults:
    """The faults that are in force in one cluster, by kind."""

    def __init__(self) -> None:
        """No faults."""
        self.active: dict[str, Fault] = {}
        self._healed = asyncio.Event()
        self._random = random.Random(0)

    def set(self, fault: Fault) -> None:
        """Puts a fault in force, in place of one of the same kind."""
        self.active[fault.kind] = fault
        self._healed = asyncio.Event()

    def clear(self) -> None:
        """Ends all faults; requests that hang are cut."""
        self.active.clear()
        self._healed.set()

    def watch_cut(self) -> float | None:
        """Seconds after which watches end without a word, or None."""
        fault = self.active.get("watch-cut")
        return fault.seconds if fault is not None else None

    @property
    def skew(self) -> float:
        """By how many seconds the cluster's clock is off."""
        fault = self.active.get("clock-skew")
        return fault.seconds if fault is not None else 0.0

    async def before(self, request: Request) -> Response | None:
        """What happens to a request before it is served: an answer in its place, a delay, or Abort."""
        if "reset" in self.active or "down" in self.active:
            raise Abort
        if "hang" in self.active:
            await self._healed.wait()
            raise Abort
        if slow := self.active.get("slow"):
            await asyncio.sleep(slow.seconds)
        if (error := self.active.get("error")) and self._random.random() < error.rate:
            return refuse(_injected(error.status))
        if "expired-token" in self.active:
            return refuse(unauthorized())
        return None

    def check_write(self, request: Request, user: User) -> None:
        """Raises ApiError 403 for writes to a cluster that is read-only."""
        if "read-only" in self.active and request.method in _WRITES:
            raise ApiError(403, "Forbidden", "the sandbox cluster is read-only by an injected fault", {})

    def after(self, response: Response) -> Response:
        """What happens to an answer on its way out."""
        if "partial" in self.active and response.stream is None and len(response.body) > 1:
            body = response.body
            response.body = b""
            response.stream = _half(body)
        return response


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise Abort


def _injected(status: int) -> ApiError:
    if status == 429:
        return ApiError(
            429,
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later",
            {"retryAfterSeconds": 1},
            {"Retry-After": "1"},
        )
    reasons = {500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}
    return ApiError(status, reasons.get(status, ""), f"an injected fault: {status}", {})
