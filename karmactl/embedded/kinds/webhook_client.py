"""How the server reaches a webhook: what its URL, or its Service, has to be like.

After k8s.io/apiserver/pkg/util/webhook.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from karmactl.embedded.kinds.rules import invalid, port_faults, required, subdomain_faults
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.values import Object

_FORM = "; desired format: https://host[/path]"


def url_errors(field: str, url: str) -> Iterator[FieldError]:
    """The faults of a webhook's URL, which is https and names nothing but a host and a path."""
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        yield required(field, f"url must be a valid URL: {exc}{_FORM}")
        return
    if parts.scheme != "https":
        yield invalid(field, parts.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    user, at, host = parts.netloc.rpartition("@")
    if not host:
        yield invalid(field, "", f"host must be specified{_FORM}")
    if at:
        yield invalid(field, user, "user information is not permitted in the URL")
    if parts.fragment:
        yield invalid(field, parts.fragment, "fragments are not permitted in the URL")
    if parts.query:
        yield invalid(field, parts.query, "query parameters are not permitted in the URL")


def service_errors(field: str, service: Object) -> Iterator[FieldError]:
    """The faults of a reference to a webhook's Service."""
    for key in ("name", "namespace"):
        if not service.get(key):
            yield required(f"{field}.{key}")
    port = service.get("port", 443)
    faults = port_faults(port)
    if faults:
        yield invalid(f"{field}.port", port, f"port is not valid: {', '.join(faults)}")
    path = service.get("path")
    if path in (None, "", "/"):
        return
    if path == "//":
        yield invalid(f"{field}.path", path, "segment[0] may not be empty")
        return
    if not path.startswith("/"):
        yield invalid(f"{field}.path", path, "must start with a '/'")
    for index, step in enumerate(path[1:].removesuffix("/").split("/")):
        for fault in subdomain_faults(step) if step else ():
            yield invalid(f"{field}.path", path, f"segment[{index}]: {fault}")
        if not step:
            yield invalid(f"{field}.path", path, f"segment[{index}] may not be empty")
