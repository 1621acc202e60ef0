"""TLS contexts from the PEM bytes of a kubeconfig.

Built from `SSLContext` itself, not `create_default_context`: that loads the system's CAs (tens of milliseconds) even
where the kubeconfig has its own, and from Python 3.13 on asks for X.509 extensions that cluster CAs often lack.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["TLSFault", "tls_context"]


class TLSFault(Exception):
    """Certificates or keys that OpenSSL does not take; the text names the field and never quotes it."""


def tls_context(*, ca: bytes, is_insecure: bool, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """A client context; empty `ca` means the system's CAs. Raises TLSFault."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if is_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca:
        try:
            context.load_verify_locations(cadata=ca.decode("ascii"))
        except (ssl.SSLError, ValueError):
            raise TLSFault("the certificate authority in the kubeconfig is not a PEM certificate") from None
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if certificate:
        try:
            with _as_file(certificate + b"\n" + key) as path:
                # The password keeps OpenSSL from asking on the terminal for an encrypted key.
                context.load_cert_chain(path, password="")
        except (ssl.SSLError, ValueError, OSError):
            raise TLSFault(
                "the client certificate and key are not a PEM pair that belongs together, or the key is encrypted"
            ) from None
    return context


@contextlib.contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """A path under which OpenSSL can read the content: Python hands it certificate chains by file name alone."""
    if hasattr(os, "memfd_create"):  # Linux: the key never reaches a disk
        descriptor = os.memfd_create("client", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp()  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        yield path
    finally:
        Path(path).unlink()
