"""Writes karmactl/core/native_types.py: the fields of the native kinds, as Kubernetes' Go types declare them.

Usage: python tools/build_native_types.py KARMADA_DIR > karmactl/core/native_types.py

KARMADA_DIR is a Karmada checkout, with k8s.io/api and k8s.io/apimachinery in its vendor folder. Only names, types and
omission flags of JSON fields are taken over, for the kinds in ROOTS and what they reach.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOTS = {
    "apps/v1": ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"),
    "batch/v1": ("Job", "CronJob"),
    "core/v1": ("Pod", "Service", "PersistentVolume", "PersistentVolumeClaim"),
    "networking/v1": ("Ingress",),
    "policy/v1": ("PodDisruptionBudget",),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "work/v1alpha2": ("NodeClaim",),
    "policy/v1alpha1": ("PropagationPolicy", "ClusterPropagationPolicy", "OverridePolicy", "ClusterOverridePolicy"),
}
META = "meta/v1"
KARMADA = ("policy/v1alpha1", "work/v1alpha2")
ALIASES = {"v1": "core/v1", "corev1": "core/v1", "metav1": META, "apiv1": "core/v1"}
SCALARS = {
    "string": "string",
    "bool": "bool",
    "int": "int",
    "int32": "int",
    "int64": "int",
    "byte": "byte",
    "float64": "float",
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "intOrString",
    "metav1.Time": "time",
    "Time": "time",
    "metav1.MicroTime": "time",
    "runtime.RawExtension": "any",
    "types.UID": "string",
    "apiextensionsv1.JSON": "any",
    "FieldsV1": "any",
}
HEADER = '''"""The fields of Kubernetes' native kinds and of Karmada's policies: types, and when one is left out.

Written by tools/build_native_types.py from the Go types of both; do not edit. A key that ends with `?` is left out
where it is empty, one with `!` where it is zero. Types: the scalars of `core.shape`, `[]T`, `map[T]`, `*T` (a pointer:
only null is empty), or the name of another entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["NATIVE_TYPES"]

'''


class Package:
    """One Go package: its structs, and what its other types stand for."""

    def __init__(self, name: str, folder: Path) -> None:
        text = "\n".join(path.read_text() for path in sorted(folder.glob("*.go")) if not path.name.startswith("zz"))
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.name = name
        self.structs = dict(re.findall(r"^type (\w+) struct \{\n(.*?)^\}", text, flags=re.S | re.M))
        self.named = dict(
            re.findall(r"^type (\w+) (string|bool|int32|int64|map\[[^\n]+|\[\][^\n]+)\s*$", text, flags=re.M)
        )


def resolve(packages: dict[str, Package], package: Package, expression: str, todo: list[tuple[str, str]]) -> str:
    """The expression of a field's type; structs that it names are added to what is to do."""
    expression = expression.strip()
    if expression.startswith("*"):
        return "*" + resolve(packages, package, expression[1:], todo)
    if expression.startswith("[]"):
        inner = resolve(packages, package, expression[2:], todo)
        return "bytes" if inner == "byte" else f"[]{inner}"
    if found := re.fullmatch(r"map\[[\w.]+\](.+)", expression):
        return f"map[{resolve(packages, package, found.group(1), todo)}]"
    if expression in SCALARS:
        return SCALARS[expression]
    prefix, dot, name = expression.rpartition(".")
    owner = packages[ALIASES[prefix]] if dot else package
    if name in owner.structs:
        todo.append((owner.name, name))
        return name
    return resolve(packages, owner, owner.named[name], todo)


def fields_of(packages: dict[str, Package], package: Package, body: str, todo: list[tuple[str, str]]) -> dict[str, str]:
    """Key with flags to type, embedded structs spread out."""
    fields: dict[str, str] = {}
    for line in body.splitlines():
        found = re.match(r"\s*(?:(\w+)\s+)?([\w.*\[\]]+)\s+`(?:[^`]*\s)?json:\"([^\"]*)\"", line)
        if not found:
            continue
        _, expression, tag = found.groups()
        key, *flags = tag.split(",")
        if "inline" in flags:
            prefix, _, name = expression.rpartition(".")
            owner = packages[ALIASES[prefix]] if prefix else package
            if name in owner.structs:
                fields |= fields_of(packages, owner, owner.structs[name], todo)
            continue
        if key != "-":
            mark = ("?" if "omitempty" in flags else "") + ("!" if "omitzero" in flags else "")
            fields[key + mark] = resolve(packages, package, expression, todo)
    return fields


def main() -> None:
    """Reads the packages, follows the roots, prints the module."""
    karmada = Path(sys.argv[1])
    vendor = karmada / "vendor/k8s.io"
    packages = {name: Package(name, vendor / "api" / name) for name in ROOTS if name not in KARMADA}
    packages[META] = Package(META, vendor / "apimachinery/pkg/apis/meta/v1")
    packages |= {name: Package(name, karmada / "pkg/apis" / name) for name in KARMADA}
    todo = [(package, name) for package, names in ROOTS.items() for name in names]
    types: dict[str, dict[str, str]] = {}
    owners: dict[str, str] = {}
    while todo:
        owner, name = todo.pop()
        if owners.setdefault(name, owner) != owner:
            raise SystemExit(f"{name} is in {owner} and in {owners[name]}")
        if name not in types:
            package = packages[owner]
            types[name] = fields_of(packages, package, package.structs[name], todo)
    sys.stdout.write(HEADER)
    sys.stdout.write("NATIVE_TYPES: Final[Mapping[str, Mapping[str, str]]] = {\n")
    for name in sorted(types):
        sys.stdout.write(f"    {name!r}: {types[name]!r},\n".replace("'", '"'))
    sys.stdout.write("}\n")


if __name__ == "__main__":
    main()
