"""What went wrong on the wire, as Unreachable: a table from the HTTP library's exceptions to codes and words.

The question that counts is whether the server can have worked on the request. Where it cannot (no connection was
made), anything may be sent again; where it can, only what is as good twice as once; else the outcome is unknown and
the error says so.
"""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

import aiohttp

from karmactl.errors import Unreachable
from karmactl.kube.status import Asked
from karmactl.kube.text import clean_text

__all__ = ["connection_failure"]

# OpenSSL's numbers for the two failures of verification that have a cure of their own.
_CERTIFICATE_NOT_YET_VALID = 9
_CERTIFICATE_EXPIRED = 10


def connection_failure(error: Exception, asked: Asked, *, server: str, seconds: float) -> Unreachable:
    """The error for a request that got no (whole) answer within `seconds`."""
    if (tls := _tls_error(error)) is not None:
        return _tls_failure(tls, asked)
    where = urlsplit(server).netloc
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return _unreachable(asked, "proxy-unreachable", f"the proxy to {where} gave no connection", is_sent=False)
        case aiohttp.ConnectionTimeoutError():
            return _unreachable(
                asked, "member-unreachable", f"{where} timed out on connect", is_sent=False, is_timeout=True
            )
        case aiohttp.ClientConnectorDNSError():
            return _unreachable(asked, "member-unreachable", f"no address is known for {where}", is_sent=False)
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno
            words = os.strerror(number).lower() if number else type(error.os_error).__name__
            return _unreachable(asked, "member-unreachable", f"{where}: {words}", is_sent=False)
        case aiohttp.ClientResponseError():
            return _unreachable(
                asked, "answer-not-kubernetes", f"{where} sent something that is not HTTP", is_sent=True, is_final=True
            )
        case aiohttp.InvalidURL():
            return _unreachable(asked, "member-unreachable", f"{server!r} is not a URL", is_sent=False, is_final=True)
        case TimeoutError():
            return _unreachable(
                asked,
                "member-unreachable",
                f"{where} gave no answer within {seconds:g} s",
                is_sent=True,
                is_timeout=True,
            )
        case aiohttp.ClientPayloadError():
            return _unreachable(asked, "member-unreachable", f"{where} broke off in mid-answer", is_sent=True)
        case _:
            return _unreachable(asked, "member-unreachable", f"{where} closed the connection", is_sent=True)


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
        hint="the next run finds out" if is_lost else "",
        resource=asked.resource or None,
    )


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS failure in a chain of causes, if there is one: OpenSSL's own, which has the number of what failed."""
    while error is not None:
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            error = error.certificate_error
        elif isinstance(error, aiohttp.ClientConnectorError):
            error = error.os_error
        elif isinstance(error, ssl.SSLError):
            return error
        else:
            error = error.__cause__
    return None


def _tls_failure(error: ssl.SSLError, asked: Asked) -> Unreachable:
    hint = ""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = "certificate-expired" if error.verify_code == _CERTIFICATE_EXPIRED else "certificate-untrusted"
        words = f"the server's certificate is refused: {clean_text(error.verify_message)}"
        if error.verify_code not in (_CERTIFICATE_EXPIRED, _CERTIFICATE_NOT_YET_VALID):
            hint = "see certificate-authority and tls-server-name in the kubeconfig; is this the right server?"
    else:
        code, words = (
            "tls-failed",
            f"TLS failed: {clean_text((error.reason or 'broken off').replace('_', ' ').lower())}",
        )
    return Unreachable(
        code, f"{asked.cluster}: {words}", cluster=asked.cluster, hint=hint, resource=asked.resource or None
    )
