"""Controllers beside the workloads': roles made of others, volumes for claims, mirrored endpoints, certificates."""

import base64
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.embedded.conftest import Api
from tests.embedded.test_sandbox import eventually

REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


def test_an_aggregated_role_follows_its_parts(one: Api, live_namespace: str) -> None:
    roles, name = "/apis/rbac.authorization.k8s.io/v1/clusterroles", live_namespace
    label = {f"{name}.test/part": "true"}
    body = {"metadata": {"name": name}, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": label}]}}
    one("POST", roles, body)
    rule = {"verbs": ["get"], "apiGroups": ["x.test"], "resources": ["things"]}
    one("POST", roles, {"metadata": {"name": f"{name}-part", "labels": label}, "rules": [rule]})
    assert eventually(lambda: one("GET", f"{roles}/{name}").body["rules"]) == [rule]
    view = one("GET", f"{roles}/view").body["rules"]
    edit = one("GET", f"{roles}/edit").body["rules"]
    assert all(rule in edit for rule in view)
    assert not any("secrets" in rule["resources"] for rule in view)


def test_claims_take_the_smallest_volume_that_fits(one: Api, live_namespace: str) -> None:
    for size in ("1Gi", "5Gi", "3Gi"):
        body = {
            "metadata": {"name": f"{live_namespace}-{size.lower()}"},
            "spec": {
                "capacity": {"storage": size},
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "storageClassName": live_namespace,
                "hostPath": {"path": "/x"},
            },
        }
        assert one("POST", "/api/v1/persistentvolumes", body).status == 201
    claims = f"/api/v1/namespaces/{live_namespace}/persistentvolumeclaims"
    spec = {"storageClassName": live_namespace, "accessModes": ["ReadWriteOnce"]}
    one("POST", claims, {"metadata": {"name": "c"}, "spec": {**spec, "resources": {"requests": {"storage": "2Gi"}}}})
    claim = eventually(lambda: (c := one("GET", f"{claims}/c").body)["status"]["phase"] == "Bound" and c)
    assert claim["spec"]["volumeName"] == f"{live_namespace}-3gi"
    assert claim["status"]["capacity"] == {"storage": "3Gi"}
    volume = f"/api/v1/persistentvolumes/{live_namespace}-3gi"
    assert eventually(lambda: one("GET", volume).body["status"]["phase"] == "Bound")
    one("DELETE", f"{claims}/c")
    assert eventually(lambda: one("GET", volume).body["status"]["phase"] == "Released")


def test_endpoints_without_selector_are_mirrored(one: Api, live_namespace: str) -> None:
    root = f"/api/v1/namespaces/{live_namespace}"
    slices = f"/apis/discovery.k8s.io/v1/namespaces/{live_namespace}/endpointslices"
    one("POST", f"{root}/services", {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}})
    subset = {"addresses": [{"ip": "192.0.2.1"}, {"ip": "2001:db8::1"}], "ports": [{"port": 80}]}
    one("POST", f"{root}/endpoints", {"metadata": {"name": "s"}, "subsets": [subset]})
    found = eventually(lambda: len(items := one("GET", slices).body["items"]) == 2 and items)
    assert sorted(s["addressType"] for s in found) == ["IPv4", "IPv6"]
    one("DELETE", f"{root}/endpoints/s")
    assert eventually(lambda: not one("GET", slices).body["items"])


def _request(organization: str, common_name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    parts = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common_name))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.PEM)).decode()


def _answered(one: Api, name: str) -> Any:
    status = one("GET", f"{REQUESTS}/{name}").body["status"]
    return (status.get("certificate") or len(status["conditions"]) > 1) and status


@pytest.mark.parametrize(
    ("signer", "subject", "usages", "fault"),
    [
        ("kube-apiserver-client", ("team", "ada"), ["client auth"], ""),
        (
            "kube-apiserver-client",
            ("team", "ada"),
            ["server auth"],
            "invalid usage for client certificate: server auth",
        ),
        (
            "kube-apiserver-client-kubelet",
            ("team", "ada"),
            ["client auth", "digital signature"],
            "subject organization is not system:nodes",
        ),
        ("kube-apiserver-client-kubelet", ("system:nodes", "system:node:a"), ["client auth", "digital signature"], ""),
    ],
)
def test_approved_requests_are_signed_or_fail(
    one: Api, signer: str, subject: tuple[str, str], usages: list[str], fault: str
) -> None:
    spec = {"request": _request(*subject), "signerName": f"kubernetes.io/{signer}", "usages": usages}
    name = one("POST", REQUESTS, {"metadata": {"generateName": "r-"}, "spec": spec}).body["metadata"]["name"]
    approved = {"type": "Approved", "status": "True", "reason": "Ok"}
    one.merge(f"{REQUESTS}/{name}/approval", {"status": {"conditions": [approved]}})
    status = eventually(lambda: _answered(one, name))
    if fault:
        assert status["conditions"][1]["message"] == fault
        return
    certificate = x509.load_pem_x509_certificate(base64.b64decode(status["certificate"]))
    assert [str(a.value) for a in certificate.subject] == list(subject)
