"""What reaches into a Pod's containers: logs, and streams. In a sandbox nothing runs: logs are empty, streams end."""

from karmactl.embedded.call import Call
from karmactl.embedded.encode import text
from karmactl.embedded.http import Response
from karmactl.embedded.refusals import ApiError, FieldError, bad_request, internal, invalid, no_route
from karmactl.embedded.values import Object, dig
from karmactl.embedded.verbs.options import int_param, parse_unsigned
from karmactl.embedded.verbs.write import find_live

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def log(call: Call) -> Response:
    """What a container said: nothing."""
    _check_log_options(call)
    pod = find_live(call)
    container = _container(call, pod)
    if not dig(pod, "spec", "nodeName"):
        return Response(status=204, content_type="")
    if dig(pod, "status", "phase") not in ("Pending", "", None):
        return text(200, "")
    raise bad_request(f'container "{container}" in pod "{call.info.name}" is waiting to start: ContainerCreating')


def stream(call: Call) -> Response:
    """A connection to a container, which there is none to; raises ApiError."""
    is_forward = call.info.subresource == "portforward"
    for port in [v for k, v in call.request.query if k == "ports"] if is_forward else ():
        try:
            parse_unsigned(port)
        except ValueError as exc:
            raise bad_request(f"cannot convert to []int32: {exc}") from exc
    pod = find_live(call)
    if not is_forward:
        _container(call, pod)
    if not dig(pod, "spec", "nodeName"):
        raise bad_request(f"pod {call.info.name} does not have a host assigned")
    raise internal("error dialing backend: the nodes of a sandbox run nothing")


def proxy(call: Call) -> Response:
    """A connection to a port, where nothing listens; raises ApiError."""
    pod = find_live(call)
    if call.resource.plural != "pods":
        raise no_route()
    if not dig(pod, "status", "podIP"):
        raise bad_request("address not allowed")
    raise ApiError(503, "ServiceUnavailable", "error trying to reach service: the nodes of a sandbox run nothing")


def _check_log_options(call: Call) -> None:
    lines, size, seconds = (int_param(call, name) for name in ("tailLines", "limitBytes", "sinceSeconds"))
    errors = []
    if lines is not None and lines < 0:
        errors.append(_invalid("tailLines", lines, "must be greater than or equal to 0"))
    if size is not None and size < 1:
        errors.append(_invalid("limitBytes", size, "must be greater than 0"))
    if seconds is not None and call.request.param("sinceTime"):
        why = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        errors.append(FieldError(field="[]", reason="FieldValueForbidden", text=f"Forbidden: {why}"))
    elif seconds is not None and seconds < 1:
        errors.append(_invalid("sinceSeconds", seconds, "must be greater than 0"))
    if call.request.param("stream"):
        errors.append(FieldError(field="stream", reason="FieldValueForbidden", text="Forbidden: may not be specified"))
    if errors:
        raise invalid("PodLogOptions", "", call.info.name, errors)


def _invalid(field: str, value: int, why: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueInvalid", text=f"Invalid value: {value}: {why}")


def _container(call: Call, pod: Object) -> str:
    """The container that is meant: the named one, or the only one; raises ApiError 400."""
    name, wanted = call.info.name, call.request.param("container")
    main = pod["spec"].get("containers") or []
    known = [c["name"] for kind in _CONTAINERS for c in pod["spec"].get(kind) or ()]
    if wanted:
        if wanted not in known:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(main) == 1:
        return str(main[0]["name"])
    listed = " ".join(known)
    raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{listed}]")
