"""What went wrong on the wire, as Unreachable: a table from what happened to codes and words.

The question that counts is whether the server can have worked on the request. Where it cannot (no connection was
made), anything may be sent again; where it can, only what is as good twice as once; else the outcome is unknown and
the error says so.
"""

from __future__ import annotations

import os
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from karmactl.errors import Unreachable
from karmactl.kube.http1 import Broken, NotConnected, NotHTTP
from karmactl.kube.status import Asked
from karmactl.kube.text import clean_text

__all__ = ["connection_failure"]

# OpenSSL's numbers for the two failures of verification that have a cure of their own.
_CERTIFICATE_NOT_YET_VALID = 9
_CERTIFICATE_EXPIRED = 10
_HINTS: Final = {
    "member-unreachable": "is the member up, and is its address in the kubeconfig right?",
    "timeout": "is the member up and reachable from here? --cluster-timeout gives it longer",
    "proxy-unreachable": "see proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY",
    "answer-not-kubernetes": "is this the address of an API server? see server and proxy-url in the kubeconfig",
    "tls-failed": "does the server speak TLS at this address? see server in the kubeconfig",
}


def connection_failure(error: Exception, asked: Asked, *, server: str, seconds: float) -> Unreachable:
    """The error for a request that got no (whole) answer within `seconds`."""
    if (tls := _tls_error(error)) is not None:
        return _tls_failure(tls, asked)
    where = urlsplit(server).netloc
    match error:
        case NotConnected(is_proxy=True):
            return _unreachable(asked, "proxy-unreachable", f"the proxy to {where} gave no connection", is_sent=False)
        case NotConnected(is_timeout=True):
            what = f"{where} timed out on connect"
            return _unreachable(asked, "member-unreachable", what, is_sent=False, is_timeout=True)
        case NotConnected():
            return _unreachable(asked, "member-unreachable", f"{where}: {_words(error.__cause__)}", is_sent=False)
        case NotHTTP():
            what = f"{where} sent something that is not HTTP"
            return _unreachable(asked, "answer-not-kubernetes", what, is_sent=True, is_final=True)
        case TimeoutError():
            what = f"{where} gave no answer within {seconds:g} s"
            return _unreachable(asked, "member-unreachable", what, is_sent=True, is_timeout=True)
        case Broken(in_answer=True):
            return _unreachable(asked, "member-unreachable", f"{where} broke off in mid-answer", is_sent=True)
        case _:
            return _unreachable(asked, "member-unreachable", f"{where} closed the connection", is_sent=True)


def _words(error: BaseException | None) -> str:
    if isinstance(error, socket.gaierror):
        return "no address is known for this name"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return clean_text(str(error)) or type(error).__name__


def _unreachable(
    asked: Asked, code: str, what: str, *, is_sent: bool, is_timeout: bool = False, is_final: bool = False
) -> Unreachable:
    is_lost = is_sent and not asked.is_repeatable
    return Unreachable(
        "outcome-unknown" if is_lost else code,
        f"{asked.cluster}: {what}{', so whether the write was done is unknown' if is_lost else ''}",
        cluster=asked.cluster,
        reason="Timeout" if is_timeout else "",
        retryable=not is_lost and not is_final,
        hint="the next run finds out" if is_lost else _HINTS.get("timeout" if is_timeout else code, ""),
        resource=asked.resource or None,
    )


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS failure in a chain of causes, if there is one."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__
    return error


def _tls_failure(error: ssl.SSLError, asked: Asked) -> Unreachable:
    hint = ""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = "certificate-expired" if error.verify_code == _CERTIFICATE_EXPIRED else "certificate-untrusted"
        words = f"the server's certificate is refused: {clean_text(error.verify_message)}"
        if error.verify_code not in (_CERTIFICATE_EXPIRED, _CERTIFICATE_NOT_YET_VALID):
            hint = "see certificate-authority and tls-server-name in the kubeconfig; is this the right server?"
        else:
            hint = "renew the server's certificate; or is the clock of this machine wrong?"
    else:
        hint = _HINTS["tls-failed"]
        code, words = (
            "tls-failed",
            f"TLS failed: {clean_text((error.reason or 'broken off').replace('_', ' ').lower())}",
        )
    return Unreachable(
        code, f"{asked.cluster}: {words}", cluster=asked.cluster, hint=hint, resource=asked.resource or None
    )
