"""Small files to apply."""

from __future__ import annotations

from collections.abc import Sequence


def documents(*texts: str) -> str:
    """Several documents in one file."""
    return "\n---\n".join(texts)


def namespace(name: str = "shop") -> str:
    """A Namespace."""
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"


def config_map(name: str = "settings", *, annotations: str = "{}", labels: str = "{}", **data: str) -> str:
    """A ConfigMap."""
    lines = "".join(f"  {key}: {value!r}\n" for key, value in (data or {"color": "blue"}).items())
    return (
        f"apiVersion: v1\nkind: ConfigMap\n"
        f"metadata: {{name: {name}, namespace: shop, annotations: {annotations}, labels: {labels}}}\ndata:\n{lines}"
    )


def secret(name: str = "token", **data: str) -> str:
    """A Secret."""
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: shop}}\nstringData:\n{lines}"


def deployment(name: str = "web", *, replicas: int = 2, image: str = "example.com/web:1", extra: str = "") -> str:
    """A Deployment; `extra` are lines of its spec."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
{extra}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: {name}, image: "{image}"}}]}}
"""


def policy(
    clusters: Sequence[str],
    *,
    name: str = "all",
    kinds: Sequence[str] = ("v1/ConfigMap", "v1/Secret", "apps/v1/Deployment"),
    only: str = "",
    conflicts: str = "",
    preserve: bool = False,
) -> str:
    """A PropagationPolicy in `shop` that puts copies on some clusters; `only` is a resource's name."""
    selectors = ""
    for kind in kinds:
        api_version, _, word = kind.rpartition("/")
        selectors += f"  - {{apiVersion: {api_version}, kind: {word}{f', name: {only}' if only else ''}}}\n"
    resolution = f"  conflictResolution: {conflicts}\n" if conflicts else ""
    kept = "  preserveResourcesOnDeletion: true\n" if preserve else ""
    return (
        f"apiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\n"
        f"metadata: {{name: {name}, namespace: shop}}\nspec:\n{resolution}{kept}  resourceSelectors:\n{selectors}"
        f"  placement:\n    clusterAffinity: {{clusterNames: [{', '.join(clusters)}]}}\n"
    )


__all__ = ["config_map", "deployment", "documents", "namespace", "policy", "secret"]
