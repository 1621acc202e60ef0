"""The client half of a background sandbox's control endpoint; it loads nothing of the servers.

The server half is `control`.
"""

import http.client
import json
from typing import Any

LOOPBACK = "127.0.0.1"
TIMEOUT_SECONDS = 10.0


class ControlError(Exception):
    """The control endpoint did not answer, or refused; `code` is the HTTP status, 0 without an answer."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


def ask(port: int, token: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request to a control endpoint; raises ControlError."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        connection.request("POST", path, json.dumps(body or {}), headers)
        response = connection.getresponse()
        value: dict[str, Any] = json.loads(response.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise ControlError(f"the sandbox's control endpoint does not answer: {exc}") from exc
    finally:
        connection.close()
    if response.status != 200:
        raise ControlError(str(value.get("error", response.status)), response.status)
    return value
