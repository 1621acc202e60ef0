"""Packs the structure of Kubernetes' built-in kinds into karmactl/embedded/data/schema.json.gz.

Sources, both published and neither a run-time dependency: the OpenAPI definitions that the PyPI package
`kubernetes-validate` ships (properties, references, list types, map keys, required fields), and the Go
packages k8s.io/api, apimachinery, apiextensions-apiserver and kube-aggregator of the same release (how a
field is encoded: `omitempty`, pointer or value, and its Go type, which error messages quote). Descriptions
are left out; what remains are facts about the API. Fields stand in the order of their Go struct.

    pip download --no-deps kubernetes-validate && unzip kubernetes_validate-*.whl
    python tools/build_schema.py --definitions .../v1.36.0-local/_definitions.json --go FOLDER --out FILE

FOLDER holds one checkout per Go package, named `api`, `apimachinery`, `apiextensions-apiserver`, `kube-aggregator`.
"""

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import Any

# Groups and versions that a default kube-apiserver 1.36 serves.
SERVED = {
    ("", "v1"),
    ("admissionregistration.k8s.io", "v1"),
    ("apiextensions.k8s.io", "v1"),
    ("apiregistration.k8s.io", "v1"),
    ("apps", "v1"),
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
    ("autoscaling", "v1"),
    ("autoscaling", "v2"),
    ("batch", "v1"),
    ("certificates.k8s.io", "v1"),
    ("coordination.k8s.io", "v1"),
    ("discovery.k8s.io", "v1"),
    ("events.k8s.io", "v1"),
    ("flowcontrol.apiserver.k8s.io", "v1"),
    ("networking.k8s.io", "v1"),
    ("node.k8s.io", "v1"),
    ("policy", "v1"),
    ("rbac.authorization.k8s.io", "v1"),
    ("resource.k8s.io", "v1"),
    ("scheduling.k8s.io", "v1"),
    ("storage.k8s.io", "v1"),
}

META = "io.k8s.apimachinery.pkg.apis.meta.v1."
# Types whose JSON form is not what their Go struct says.
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
    META + "Time": "time",
    META + "MicroTime": "micro-time",
    META + "Duration": "duration",
    META + "FieldsV1": "fields",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "raw",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": "json",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": "json",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": "json",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": "json",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus": "json",
}

PACKAGES = {
    "io.k8s.api.": ("api", ""),
    "io.k8s.apimachinery.": ("apimachinery", ""),
    "io.k8s.apiextensions-apiserver.": ("apiextensions-apiserver", ""),
    "io.k8s.kube-aggregator.": ("kube-aggregator", ""),
}

STRUCT = re.compile(r"^type (\w+) struct \{$(.*?)^\}", re.M | re.S)
ALIAS = re.compile(r"^type (\w+) ([\w.\[\]*]+)$", re.M)
FIELD = re.compile(r"^\s*(?:(\w+)\s+)?([*\[\]\w.]+)\s+`json:\"([^\"]*)\"([^`]*)`", re.M)


class GoPackage:
    """The structs and named types of one Go package, read from its source text."""

    def __init__(self, folder: Path) -> None:
        self.structs: dict[str, list[dict[str, Any]]] = {}
        self.aliases: dict[str, str] = {}
        for path in sorted(folder.glob("*.go")):
            if path.name.endswith("_test.go") or path.name.startswith("zz_generated"):
                continue
            text = path.read_text()
            for name, body in STRUCT.findall(text):
                self.structs[name] = _fields(body)
            self.aliases.update(ALIAS.findall(text))


def _fields(body: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    comment: list[str] = []
    for line in body.splitlines():
        stripped = line.strip()
        if stripped.startswith("//"):
            comment.append(stripped)
            continue
        match = FIELD.match(line)
        if match:
            name, go_type, tag, rest = match.groups()
            json_name, *options = tag.split(",")
            default = next((c.split("=", 1)[1] for c in comment if c.startswith("// +default=")), None)
            out.append(
                {
                    "name": json_name,
                    "embedded": name is None or "inline" in options,
                    "go": go_type,
                    "omit": "zero" if "omitzero" in options else "empty" if "omitempty" in options else "",
                    "default": default,
                    "pb": _protobuf(rest),
                }
            )
        if stripped:
            comment = []
    return out


def _protobuf(rest: str) -> list[Any] | None:
    """Number and wire form of a field in the protobuf encoding."""
    match = re.search(r'protobuf:"(\w+),(\d+)', rest)
    return [int(match[2]), match[1]] if match else None


class Builder:
    """Joins the OpenAPI definitions with the Go structs, following references from the served kinds."""

    def __init__(self, definitions: dict[str, Any], go_folder: Path) -> None:
        self.definitions = definitions
        self.go_folder = go_folder
        self.packages: dict[str, GoPackage] = {}
        self.types: dict[str, Any] = {}
        self.inlined: dict[str, dict[str, int]] = {}

    def package_of(self, name: str) -> GoPackage | None:
        package = name.rsplit(".", 1)[0]
        if package not in self.packages:
            for prefix, (checkout, inside) in PACKAGES.items():
                if package.startswith(prefix):
                    folder = self.go_folder / checkout / inside / package[len(prefix) :].replace(".", "/")
                    self.packages[package] = GoPackage(folder)
        return self.packages.get(package)

    def go_fields(self, name: str) -> dict[str, dict[str, Any]]:
        package = self.package_of(name)
        found: dict[str, dict[str, Any]] = {}
        if package is None:
            return found
        for field in package.structs.get(name.rsplit(".", 1)[1], []):
            if field["embedded"] and not field["name"]:
                embedded = field["go"].lstrip("*")
                base = name.rsplit(".", 1)[0]
                if embedded == "metav1.TypeMeta":
                    embedded, base = "TypeMeta", META.rstrip(".")
                owner = embedded.rsplit(".", 1)[-1]
                for key, value in self.go_fields(base + "." + owner).items():
                    found.setdefault(key, {**value, "struct": value.get("struct", owner)})
                if field["pb"]:
                    self.inlined.setdefault(name, {})[owner] = field["pb"][0]
            elif field["name"] and field["name"] != "-":
                found[field["name"]] = field
        return found

    def basic(self, name: str, go_type: str) -> str:
        """The Go type as error texts show it: a named type keeps its package, `v1.Protocol`."""
        bare = go_type.lstrip("*")
        package = self.package_of(name)
        if package is not None and bare in package.aliases:
            return name.rsplit(".", 2)[1] + "." + bare
        return bare

    def add(self, name: str) -> None:
        if name in self.types or name in SPECIAL:
            return
        definition = self.definitions[name]
        fields: dict[str, Any] = {}
        self.types[name] = {"fields": fields}
        if gvks := definition.get("x-kubernetes-group-version-kind"):
            self.types[name]["gvks"] = [[g["group"], g["version"], g["kind"]] for g in gvks]
        if definition.get("x-kubernetes-map-type") == "atomic":
            self.types[name]["mapType"] = "atomic"
        if required := definition.get("required"):
            self.types[name]["required"] = required
        tags = self.go_fields(name)
        order = {key: index for index, key in enumerate(tags)}  # Go encodes the fields of a struct in their order
        if inlined := self.inlined.get(name):
            self.types[name]["inlined"] = inlined
        properties = definition.get("properties", {})
        for key, prop in sorted(properties.items(), key=lambda item: (order.get(item[0], len(order)), item[0])):
            field = self.shape(prop)
            tag = tags.get(key)
            if tag is not None:
                go_type = tag["go"]
                if go_type.startswith("*"):
                    field["ptr"] = 1
                field["omit"] = tag["omit"]
                field["go"] = self.basic(name, go_type)
                if tag["pb"]:
                    field["pb"] = tag["pb"]
                if tag.get("struct"):
                    field["struct"] = tag["struct"]
                if tag["default"] is not None and not tag["default"].startswith("ref("):
                    field["default"] = json.loads(tag["default"])
            else:
                field["omit"] = "empty"
            fields[key] = field

    def shape(self, prop: dict[str, Any]) -> dict[str, Any]:
        out: dict[str, Any]
        ref = prop.get("$ref")
        if ref:
            name = ref.rsplit("/", 1)[1]
            if name in SPECIAL:
                return {"type": SPECIAL[name], "ref": name}
            self.add(name)
            out = {"type": "object", "ref": name}
            return out | _extensions(prop)
        kind = prop.get("type")
        if isinstance(kind, list):
            kind = next(k for k in kind if k != "null")
        out = {"type": kind or "raw"}
        if prop.get("format"):
            out["format"] = prop["format"]
        if kind == "array":
            out["items"] = self.shape(prop["items"])
        if kind == "object":
            out["values"] = self.shape(prop.get("additionalProperties") or {})
        return out | _extensions(prop)


_EXTENSIONS = {
    "x-kubernetes-list-type": "listType",
    "x-kubernetes-list-map-keys": "keys",
    "x-kubernetes-map-type": "mapType",
    "x-kubernetes-patch-strategy": "patchStrategy",
    "x-kubernetes-patch-merge-key": "patchKey",
}


def _extensions(prop: dict[str, Any]) -> dict[str, Any]:
    """What a property says about merging; one that refers to a type may say so, too."""
    return {target: prop[source] for source, target in _EXTENSIONS.items() if source in prop}


def main() -> None:
    """Reads the two sources named on the command line and writes the packed file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definitions", type=Path, required=True)
    parser.add_argument("--go", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("karmactl/embedded/data/schema.json.gz"))
    args = parser.parse_args()
    document = json.loads(args.definitions.read_text())
    builder = Builder(document.get("$defs") or document["definitions"], args.go)
    for name, definition in sorted(builder.definitions.items()):
        for gvk in definition.get("x-kubernetes-group-version-kind", []):
            if (gvk["group"], gvk["version"]) in SERVED:
                builder.add(name)
    for name in ("Status", "DeleteOptions", "APIResourceList", "APIGroupList"):
        builder.add(META + name)
    special = {name: kind for name, kind in SPECIAL.items() if name in builder.definitions}
    types = dict(sorted(builder.types.items()))
    text = json.dumps({"special": special, "types": types}, separators=(",", ":"))
    args.out.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(builder.types)} types, {len(text)} bytes of JSON, {args.out.stat().st_size} packed")


if __name__ == "__main__":
    main()
