"""Packs the shape of Kubernetes' internal types into karmactl/embedded/data/internal.json.gz.

A kube-apiserver validates objects in an internal form, whose structs carry Go names and no JSON tags. Some refusals
quote a part of that form, or a difference between two of them, so the sandbox needs to know the fields of these
structs in their order. Source: the packages pkg/apis/* of the kubernetes repository of the same release as
schema.json.gz. Only names and types are kept.

    python tools/build_internal.py --apis .../kubernetes/pkg/apis --out FILE

The packed file maps `package.Type` to a list of `Name type`, in order; an embedded struct has no name. A type is a
word of BASIC, `package.Type`, `meta.Type` (encoded as clients see it), or one of these behind `*`, `[]` or `{}` (map).
"""

import argparse
import gzip
import json
import re
from pathlib import Path

ROOTS = (
    "core",
    "apps",
    "batch",
    "networking",
    "policy",
    "rbac",
    "autoscaling",
    "storage",
    "scheduling",
    "node",
    "discovery",
    "coordination",
    "certificates",
    "admissionregistration",
)
BASIC = {
    "string": "string",
    "bool": "bool",
    "int": "int",
    "int32": "int",
    "int64": "int",
    "uint16": "int",
    "float64": "int",
    "[]byte": "bytes",
    "types.UID": "string",
    "resource.Quantity": "quantity",
    "intstr.IntOrString": "intstr",
    "metav1.Time": "time",
    "metav1.MicroTime": "time",
    "metav1.Duration": "string",
    "runtime.RawExtension": "raw",
    "runtime.Object": "raw",
}
STRUCT = re.compile(r"^type (\w+) struct \{$(.*?)^\}", re.M | re.S)
ALIAS = re.compile(r"^type (\w+) (?!struct|interface)([\w.\[\]*]+)$", re.M)
IMPORT = re.compile(r"^\s*(?:(\w+) )?\"([^\"]+)\"$", re.M)
FIELD = re.compile(r"^\t(?:(\w+(?:, \w+)*)[ \t]+)?([*\[\]\w.]+)(?:[ \t]+`[^`]*`)?(?:[ \t]*//.*)?$")


class Package:
    """Structs and named types of one internal package."""

    def __init__(self, folder: Path) -> None:
        self.structs: dict[str, list[tuple[str, str]]] = {}
        self.aliases: dict[str, str] = {}
        self.imports: dict[str, str] = {}
        for path in sorted(folder.glob("*.go")):
            text = path.read_text()
            for alias, target in IMPORT.findall(text):
                if "/pkg/apis/" in target and target.startswith("k8s.io/kubernetes/"):
                    self.imports[alias or target.rsplit("/", 1)[1]] = target.rsplit("/", 1)[1]
            self.aliases.update(ALIAS.findall(text))
            for name, body in STRUCT.findall(text):
                self.structs[name] = list(_fields(body))


def _fields(body: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for line in body.splitlines():
        match = FIELD.match(line)
        if not match or line.strip().startswith("//"):
            continue
        names, go_type = match.groups()
        out += [(name, go_type) for name in (names.split(", ") if names else [""])]
    return out


class Builder:
    """Follows the structs of the root packages to all that they refer to."""

    def __init__(self, apis: Path) -> None:
        self.apis = apis
        self.packages: dict[str, Package] = {}
        self.types: dict[str, list[str]] = {}

    def package(self, name: str) -> Package:
        if name not in self.packages:
            self.packages[name] = Package(self.apis / name)
        return self.packages[name]

    def add(self, package: str, name: str) -> None:
        full = f"{package}.{name}"
        if full in self.types or name.endswith("List"):
            return
        self.types[full] = []
        for field, go_type in self.package(package).structs[name]:
            if go_type.endswith(("TypeMeta", "ListMeta")):
                continue
            self.types[full].append(f"{field} {self.describe(package, go_type)}".strip())

    def describe(self, package: str, go_type: str) -> str:
        if go_type in BASIC:
            return BASIC[go_type]
        if go_type.startswith("*"):
            return "*" + self.describe(package, go_type[1:])
        if go_type.startswith("[]"):
            return "[]" + self.describe(package, go_type[2:])
        if go_type.startswith("map["):
            return "{}" + self.describe(package, go_type[go_type.index("]") + 1 :])
        prefix, _, name = go_type.rpartition(".")
        if prefix == "metav1":
            return f"meta.{name}"
        where = self.package(package).imports.get(prefix, prefix) if prefix else package
        if name in self.package(where).structs:
            self.add(where, name)
            return f"{where}.{name}"
        if name in self.package(where).aliases:
            return self.describe(where, self.package(where).aliases[name])
        return "raw"


def main() -> None:
    """Reads the packages named on the command line and writes the packed file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apis", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("karmactl/embedded/data/internal.json.gz"))
    args = parser.parse_args()
    builder = Builder(args.apis)
    for root in ROOTS:
        for name in sorted(builder.package(root).structs):
            builder.add(root, name)
    text = json.dumps(builder.types, sort_keys=True, separators=(",", ":"))
    args.out.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(builder.types)} types, {len(text)} bytes of JSON, {args.out.stat().st_size} packed")


if __name__ == "__main__":
    main()
