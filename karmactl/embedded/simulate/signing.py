"""Approved certificate requests for the signers of Kubernetes itself get their certificates.

Each signer has rules for subject and usages; a request outside them fails (pkg/controller/certificates/signer). The
certificates come from a CA of the cluster's own, which its API server does not take as proof of who somebody is.
"""

import base64
import datetime
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers, of_table
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import copy, now

REQUESTS: Table = ("certificates.k8s.io", "certificatesigningrequests")
_PREFIX = "kubernetes.io/"
_YEAR = datetime.timedelta(days=365)
_SIGNERS = ("kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving", "legacy-unknown")
_CLIENT = {"digital signature", "key encipherment", "client auth"}
_SERVER = {"digital signature", "key encipherment", "server auth"}
_KEY_USAGES = {
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "data encipherment": "data_encipherment",
    "key agreement": "key_agreement",
}
_EXTENDED = {
    "client auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "code signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "timestamping": ExtendedKeyUsageOID.TIME_STAMPING,
}


class Signing:
    """The signing controllers."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's certificate requests; it makes its CA when it first signs."""
        self._client = Client(controllers.cluster)
        self._key: ec.EllipticCurvePrivateKey | None = None
        self._issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])

    def concerns(self, change: Change) -> Iterable[Key]:
        """Requests that changed."""
        return of_table(change, REQUESTS)

    def reconcile(self, key: Key) -> None:
        """Signs one request, or says why not."""
        request = self._client.get(REQUESTS, *key)
        if request is None or not request["spec"].get("signerName", "").startswith(_PREFIX):
            return
        signer = request["spec"]["signerName"].removeprefix(_PREFIX)
        status = request.get("status") or {}
        given = {c["type"] for c in status.get("conditions") or ()}
        if signer not in _SIGNERS or "Approved" not in given or given & {"Denied", "Failed"}:
            return
        if status.get("certificate"):
            return
        new = copy(request)
        try:
            wanted = x509.load_pem_x509_csr(base64.b64decode(request["spec"]["request"]))
        except ValueError:
            return
        usages = set(request["spec"].get("usages") or ())
        fault = _fault(signer, wanted, usages)
        if fault:
            failed = {"type": "Failed", "status": "True", "reason": "SignerValidationFailure", "message": fault}
            failed |= {"lastUpdateTime": now(), "lastTransitionTime": now()}
            new["status"] = {**status, "conditions": [*(status.get("conditions") or ()), failed]}
        else:
            pem = self._signed(wanted, usages, request["spec"].get("expirationSeconds"))
            new["status"] = {**status, "certificate": base64.b64encode(pem).decode()}
        self._client.update_status(REQUESTS, new)

    def _signed(self, wanted: x509.CertificateSigningRequest, usages: set[str], seconds: int | None) -> bytes:
        if self._key is None:
            self._key = ec.generate_private_key(ec.SECP256R1())
        start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
        lifetime = min(datetime.timedelta(seconds=seconds), _YEAR) if seconds else _YEAR
        usage = dict.fromkeys((*_KEY_USAGES.values(), "key_cert_sign", "crl_sign"), False)
        usage |= {"encipher_only": False, "decipher_only": False}
        usage |= {_KEY_USAGES[u]: True for u in usages if u in _KEY_USAGES}
        builder = (
            x509.CertificateBuilder()
            .subject_name(wanted.subject)
            .issuer_name(self._issuer)
            .public_key(wanted.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + lifetime)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
        )
        extended = [_EXTENDED[u] for u in sorted(usages) if u in _EXTENDED]
        if extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
        names = _other_names(wanted)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _other_names(wanted: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    try:
        return wanted.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _fault(signer: str, wanted: x509.CertificateSigningRequest, usages: set[str]) -> str:
    """Why the signer does not sign the request, "" if it does."""
    if signer == "legacy-unknown":
        return ""
    if signer == "kube-apiserver-client":
        other = sorted(usages - _CLIENT)
        if other:
            return f"invalid usage for client certificate: {other[0]}"
        return "" if "client auth" in usages else "missing required usage for client certificate: client auth"
    if [a.value for a in wanted.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] != ["system:nodes"]:
        return "subject organization is not system:nodes"
    fault = _names_fault(signer, wanted)
    if fault:
        return fault
    needed = _SERVER if signer == "kubelet-serving" else _CLIENT
    common = [str(a.value) for a in wanted.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    faults = [
        "" if usages in (needed, needed - {"key encipherment"}) else _usages_text(needed),
        "" if common[:1] and common[0].startswith("system:node:") else _NOT_A_NODE,
    ]
    return next((f for f in (faults if signer == "kubelet-serving" else reversed(faults)) if f), "")


_NAME_KINDS = (
    ("DNS", x509.DNSName),
    ("Email", x509.RFC822Name),
    ("IP", x509.IPAddress),
    ("URI", x509.UniformResourceIdentifier),
)
_NOT_A_NODE = "subject common name does not begin with system:node:"


def _usages_text(needed: set[str]) -> str:
    return f"usages did not match [{' '.join(sorted(needed))}]"


def _names_fault(signer: str, wanted: x509.CertificateSigningRequest) -> str:
    found = _other_names(wanted)
    given = [word for word, kind in _NAME_KINDS if found is not None and found.get_values_for_type(kind)]
    if signer == "kubelet-serving":
        if not {"DNS", "IP"} & set(given):
            return "DNS or IP subjectAltName is required"
        given = [word for word in given if word not in ("DNS", "IP")]
    return f"{given[0]} subjectAltNames are not allowed" if given else ""
