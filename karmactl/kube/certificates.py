"""Why a client certificate may have been refused; imported only after a 401, since `cryptography` is large."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

__all__ = ["why_refused"]


def why_refused(certificate: bytes, now: datetime) -> str:
    """A sentence if the certificate (PEM) has ended or not begun at `now`, else ""."""
    try:
        parsed = x509.load_pem_x509_certificate(certificate)
    except ValueError:
        return ""
    if now > parsed.not_valid_after_utc:
        return f"the client certificate ended on {parsed.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if now < parsed.not_valid_before_utc:
        return f"the client certificate begins on {parsed.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    return ""
