"""Defaults of types that clusters configure themselves with: flow control, ingress classes, devices.

After pkg/apis/*/defaults.go, as `defaults`, which joins them.
"""

from collections.abc import Callable

from karmactl.embedded.values import Object


def _precedence(spec: Object) -> None:
    spec["matchingPrecedence"] = spec.get("matchingPrecedence") or 1000


def _shares(count: int) -> Callable[[Object], None]:
    def fill(level: Object) -> None:
        for key, value in (("nominalConcurrencyShares", count), ("lendablePercent", 0)):
            if level.get(key) is None:
                level[key] = value

    return fill


def _queuing(queuing: Object) -> None:
    for key, value in (("handSize", 8), ("queues", 64), ("queueLengthLimit", 50)):
        queuing[key] = queuing.get(key) or value


def _device_request(request: Object) -> None:
    request["allocationMode"] = request.get("allocationMode") or "ExactCount"
    if request["allocationMode"] == "ExactCount":
        request["count"] = request.get("count") or 1


def _ingress_class(obj: Object) -> None:
    parameters = (obj.get("spec") or {}).get("parameters")
    if parameters is not None and parameters.get("scope") is None:
        parameters["scope"] = "Cluster"


DEFAULTS: dict[str, Callable[[Object], None]] = {
    "flowcontrol.v1.FlowSchemaSpec": _precedence,
    "flowcontrol.v1.ExemptPriorityLevelConfiguration": _shares(0),
    "flowcontrol.v1.LimitedPriorityLevelConfiguration": _shares(30),
    "flowcontrol.v1.QueuingConfiguration": _queuing,
    "networking.v1.IngressClass": _ingress_class,
    "resource.v1.ExactDeviceRequest": _device_request,
    "resource.v1.DeviceSubRequest": _device_request,
}
