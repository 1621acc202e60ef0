"""Where the object of a cluster lies in a rendered folder: `<member>/<namespace>/<kind>-<name>.yaml`.

A path depends on the object alone, so that a change of one object touches one file. What a name may hold and a path may
not (`/` in names of contexts, `:` in names of roles, upper case on file systems that fold it) is written as %XX.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from karmactl.core.model.manifest import ResourceRef

__all__ = ["CLUSTER_SCOPED", "file_paths", "folder_name"]

# No namespace can be called so.
CLUSTER_SCOPED: Final = "_cluster"
_UNSAFE: Final = re.compile(r"[^a-z0-9._-]")
_LONGEST: Final = 200
_DIGEST: Final = 10


def folder_name(cluster: str) -> str:
    """The folder of a member."""
    name = _safe(cluster)
    return name.replace(".", "%2E") if not name.strip(".") else name


def file_paths(cluster: str, refs: Sequence[ResourceRef]) -> list[str]:
    """The path of each object of one cluster, from the rendered folder, with `/`.

    Two kinds of one name in different groups both get their group in the name of the file.
    """
    plain = [_path(cluster, ref, ref.kind.lower()) for ref in refs]
    count = Counter(plain)
    return [
        path if count[path] == 1 or not ref.group else _path(cluster, ref, f"{ref.kind.lower()}.{ref.group}")
        for path, ref in zip(plain, refs, strict=True)
    ]


def _path(cluster: str, ref: ResourceRef, kind: str) -> str:
    name = _safe(f"{kind}-{ref.name}")
    if len(name) > _LONGEST:
        # File systems take 255 bytes; the digest keeps two long names apart.
        name = f"{name[:_LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]}"
    return f"{folder_name(cluster)}/{_safe(ref.namespace) or CLUSTER_SCOPED}/{name}.yaml"


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)
