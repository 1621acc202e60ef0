"""API servers for the contract suite: real ones from KUBEBUILDER_ASSETS, and the sandbox's own.

A real server is an etcd, a kube-apiserver and, where it is there too, a kube-controller-manager, on loopback ports of
their own, with TLS from a throw-away authority, two bearer tokens (an administrator and somebody who may do nothing),
RBAC, and default admission but for what needs more controllers. Everything lives in a temporary folder and ends with
the context.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import json
import os
import secrets
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from karmactl.kube.connection import Connection, User

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: how an administrator and how a nobody connects, and whether controllers run beside it."""

    name: str
    admin: Connection
    nobody: Connection | None
    has_controllers: bool


def assets() -> Path | None:
    """The folder with etcd and kube-apiserver, if KUBEBUILDER_ASSETS names one."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return None
    path = Path(folder)
    missing = [name for name in ("etcd", "kube-apiserver") if not (path / name).exists()]
    if missing:
        raise FileNotFoundError(f"KUBEBUILDER_ASSETS={folder} has no {' and no '.join(missing)}")
    return path


@contextlib.contextmanager
def real_server(folder: Path, binaries: Path) -> Iterator[Server]:
    """A kube-apiserver with its own etcd, data and logs in `folder`."""
    ca, cert_file, key_file = certificate_chain(folder)
    admin, nobody = secrets.token_hex(16), secrets.token_hex(16)
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{admin},admin,admin,"system:masters"\n{nobody},nobody,nobody\n')
    tokens.chmod(0o600)
    account_key = folder / "accounts.key"
    account_key.write_bytes(_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    etcd_port, peer_port, api_port = _free_ports(3)
    url = f"https://127.0.0.1:{api_port}"
    etcd = [
        str(binaries / "etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{etcd_port}",
        f"--advertise-client-urls=http://127.0.0.1:{etcd_port}",
        f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
        f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
        "--unsafe-no-fsync",
    ]
    api = [
        str(binaries / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{etcd_port}",
        "--bind-address=127.0.0.1",
        f"--secure-port={api_port}",
        f"--tls-cert-file={cert_file}",
        f"--tls-private-key-file={key_file}",
        f"--cert-dir={folder}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={account_key}",
        f"--service-account-signing-key-file={account_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        # Pods would wait for an account that only a controller makes.
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
    ]
    manager = _controller_manager(folder, binaries, url, ca, admin)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_process(etcd, folder / "etcd.log"))
        process = stack.enter_context(_process(api, folder / "kube-apiserver.log"))
        _wait_ready(url, ca, admin, process, folder / "kube-apiserver.log")
        if manager:
            stack.enter_context(_process(manager, folder / "kube-controller-manager.log"))
        yield Server(
            name="real",
            admin=Connection(context="real", server=url, ca=ca, user=User(token=admin)),
            nobody=Connection(context="nobody", server=url, ca=ca, user=User(token=nobody)),
            has_controllers=bool(manager),
        )


def _controller_manager(folder: Path, binaries: Path, url: str, ca: bytes, token: str) -> list[str]:
    """The command of a kube-controller-manager, empty where there is none; nodes and a scheduler there are never."""
    binary = binaries / "kube-controller-manager"
    if not binary.exists():
        return []
    kubeconfig = folder / "controllers.kubeconfig"
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(ca).decode()}
    document = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "c", "user": {"token": token}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
    }
    kubeconfig.write_text(json.dumps(document))
    kubeconfig.chmod(0o600)
    return [
        str(binary),
        f"--kubeconfig={kubeconfig}",
        "--controllers=namespace-controller,deployment-controller,replicaset-controller,garbage-collector-controller",
        "--leader-elect=false",
        "--secure-port=0",
    ]


@contextlib.contextmanager
def _process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_ready(url: str, ca: bytes, token: str, process: subprocess.Popen[bytes], log: Path) -> None:
    context = ssl.create_default_context(cadata=ca.decode())
    request = urllib.request.Request(f"{url}/readyz", headers={"Authorization": f"Bearer {token}"})
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(request, context=context, timeout=5) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"kube-apiserver did not become ready:\n{log.read_text()[-2000:]}")


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


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
