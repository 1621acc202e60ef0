"""API servers for the contract suite: real ones from KUBEBUILDER_ASSETS (`embedded/real.py`), and the sandbox's own.

Both are reached as two users: an administrator, and somebody who may do nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.embedded.assets import VARIABLE, Assets, AssetsError, find_assets
from karmactl.kube.config import load_kubeconfig
from karmactl.kube.connection import Connection, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: how an administrator and how a nobody connects, and whether controllers run beside it."""

    name: str
    admin: Connection
    nobody: Connection | None
    has_controllers: bool


def assets() -> Assets:
    """The programs of real API servers; skips where there are none, fails where the named folder lacks some."""
    try:
        return find_assets(os.environ)
    except AssetsError as error:
        if VARIABLE in os.environ:
            raise
        pytest.skip(f"no real API servers: {error}")


def real_sandbox(
    specs: Sequence[ClusterSpec], folder: Path, programs: Assets, data: Path | None = None
) -> SandboxThread:
    """Real API servers that start and end with the block."""
    return SandboxThread(specs, folder, data, programs)


@contextlib.contextmanager
def real_server(folder: Path, programs: Assets) -> Iterator[Server]:
    """A kube-apiserver with its own etcd, data and logs in `folder`."""
    spec = ClusterSpec(name="real", nodes=0, users=(("nobody", ()),))
    with real_sandbox([spec], folder, programs) as sandbox:
        admin = load_kubeconfig([sandbox.kubeconfig_path]).connection("real")
        yield Server(
            name="real",
            admin=admin,
            nobody=replace(admin, user=User(token=sandbox.token("real", "nobody"))),
            has_controllers=programs.has_controller_manager,
        )


def certificate_chain(folder: Path, *, ends: datetime.datetime | None = None) -> tuple[bytes, Path, Path]:
    """A new authority (PEM), and the files of a certificate by it for 127.0.0.1 and of its key."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "contract CA")])
    ca = _certificate(ca_name, ca_key, issuer=ca_name, issuer_key=ca_key, is_ca=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])
    certificate_file, key_file = folder / "server.crt", folder / "server.key"
    certificate_file.write_bytes(_certificate(name, key, issuer=ca_name, issuer_key=ca_key, ends=ends))
    key_file.write_bytes(_pem(key))
    return ca, certificate_file, key_file


def _certificate(
    name: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    is_ca: bool = False,
    ends: datetime.datetime | None = None,
) -> bytes:
    """A certificate (PEM) for 127.0.0.1, valid from 2025 until `ends` (default: tomorrow)."""
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(ends or now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if is_ca:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
