"""Writes karmactl/core/conform/api_types.py: the fields of every kind that Kubernetes has served, with their types.

Source: the OpenAPI definitions that the PyPI package `kubernetes-validate` ships, one file a release. All releases are
joined, so that a field which any of them knows is known. Descriptions are left out; what remains are facts about
the API.

    pip download --no-deps kubernetes-validate && unzip kubernetes_validate-*.whl
    python tools/build_api_types.py kubernetes_validate/kubernetes-json-schema/v*-local/_definitions.json
"""

import argparse
import json
import re
import textwrap
from pathlib import Path
from typing import Any

TARGET = Path("karmactl/core/conform/api_types.py")
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
# Types whose JSON form is not what their properties say.
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intOrString",
    META + "Time": "time",
    META + "MicroTime": "microTime",
    META + "Duration": "duration",
    META + "FieldsV1": "any",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "any",
}
# `JSON`, `JSONSchemaPropsOrBool` and the like have no properties: anything goes.
SCALARS = {
    ("string", ""): "string",
    ("string", "byte"): "bytes",
    ("string", "date-time"): "time",
    ("string", "int-or-string"): "intOrString",
    ("boolean", ""): "bool",
    ("integer", "int32"): "int32",
    ("integer", "int64"): "int64",
    ("integer", ""): "int64",
    ("number", "double"): "number",
    ("number", ""): "number",
}
HEAD = '''"""The fields of every built-in kind, in all releases of Kubernetes from {first} to {last} taken together.

Written by tools/build_api_types.py from Kubernetes' OpenAPI documents; do not edit. A line is a type: its name, then
its fields, each with its type. `[]T` is a list, `[set]T` one without duplicates, `[a,b]T` one whose items are told
apart by the fields a and b, `{{}}T` a mapping from free keys. `KINDS` has the type of each `apiVersion Kind`.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KINDS", "LAST_RELEASE", "TYPES"]

LAST_RELEASE: Final = "{last}"
'''


class Builder:
    """Joins releases: type name to field name to expression."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, str]] = {}
        self.kinds: dict[str, str] = {}

    def add_release(self, definitions: dict[str, Any]) -> None:
        """Take in all definitions of one release that its kinds lead to."""
        wanted = []
        for name, definition in definitions.items():
            for gvk in definition.get("x-kubernetes-group-version-kind", []):
                if not name.startswith(META) and not gvk["kind"].endswith("List"):
                    version = f"{gvk['group']}/{gvk['version']}" if gvk["group"] else gvk["version"]
                    self.kinds[f"{version} {gvk['kind']}"] = short_name(name)
                    wanted.append(name)
        seen: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name in seen:
                continue
            seen.add(name)
            fields = self.types.setdefault(short_name(name), {})
            for key, prop in definitions[name].get("properties", {}).items():
                expression = self.expression(prop, definitions, wanted)
                known = fields.setdefault(key, expression)
                if known != expression:
                    fields[key] = joined(known, expression, f"{name}.{key}")

    def expression(self, prop: dict[str, Any], definitions: dict[str, Any], wanted: list[str]) -> str:
        """The type of a property; types that it leads to are added to `wanted`."""
        if "$ref" in prop:
            name = prop["$ref"].rsplit("/", 1)[1]
            if name in SPECIAL:
                return SPECIAL[name]
            if not definitions[name].get("properties"):
                return "{}any" if is_mapping(definitions[name]) else "any"
            wanted.append(name)
            return short_name(name)
        kind = prop.get("type")
        if isinstance(kind, list):
            kind = next(word for word in kind if word != "null")
        if kind == "array":
            keys = prop.get("x-kubernetes-list-map-keys") or []
            form = ",".join(keys) if keys else "set" if prop.get("x-kubernetes-list-type") == "set" else ""
            return f"[{form}]" + self.expression(prop["items"], definitions, wanted)
        if kind == "object":
            values = prop.get("additionalProperties")
            return "{}" + (self.expression(values, definitions, wanted) if isinstance(values, dict) else "any")
        return SCALARS.get((kind or "", prop.get("format", "")), "any")


def is_mapping(definition: dict[str, Any]) -> bool:
    """Whether a definition without properties takes mappings alone."""
    kind = definition.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind and len(kind) == 2)


def joined(one: str, other: str, where: str) -> str:
    """What holds where two releases disagree: the later word on list keys and on the name of a type."""
    plain = [re.sub(r"\[[^\]]*\]|\w+/\w+\.\w+", "[]", expression) for expression in (one, other)]
    if plain[0] != plain[1]:
        print(f"{where}: {one} or {other}: anything")
        return "any"
    return other


def short_name(name: str) -> str:
    """`core/v1.Container` for io.k8s.api.core.v1.Container."""
    *_, group, version, kind = name.split(".")
    return f"{group}/{version}.{kind}"


def table(name: str, rows: dict[str, str]) -> str:
    """A table as Python source, its rows wrapped texts."""
    lines = [f"{name}: Final[dict[str, str]] = {{"]
    for key, text in sorted(rows.items()):
        parts = textwrap.wrap(text, 105, break_on_hyphens=False)
        if len(text) + len(key) < 108:
            lines.append(f'    "{key}": "{text}",')
        else:
            lines.append(f'    "{key}": (')
            lines += [f'        "{part}{" " if part is not parts[-1] else ""}"' for part in parts]
            lines.append("    ),")
    return "\n".join([*lines, "}", ""])


def main() -> None:
    """Reads the definitions named on the command line and writes the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("definitions", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=TARGET)
    args = parser.parse_args()
    builder = Builder()
    releases = sorted((release_of(path), path) for path in args.definitions)
    for _, path in releases:
        document = json.loads(path.read_text())
        builder.add_release(document.get("$defs") or document["definitions"])
    first, last = (".".join(map(str, releases[index][0])) for index in (0, -1))
    types = {
        name: " ".join(f"{key}:{expression}" for key, expression in sorted(fields.items()))
        for name, fields in builder.types.items()
    }
    head = HEAD.format(first=first, last=last)
    args.out.write_text("\n".join([head, table("KINDS", builder.kinds), table("TYPES", types)]))
    print(f"{len(types)} types, {len(builder.kinds)} kinds, {args.out.stat().st_size} bytes")


def release_of(path: Path) -> tuple[int, int]:
    """(1, 36) from a path with v1.36 in it."""
    match = re.search(r"v(\d+)\.(\d+)", str(path))
    if match is None:
        raise SystemExit(f"{path}: no release in the path")
    return int(match[1]), int(match[2])


if __name__ == "__main__":
    main()
