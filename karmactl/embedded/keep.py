"""The folder in which a sandbox outlives its process: who it was, and a journal for each cluster.

`sandbox.json` (0600) has the certificates, and for each cluster its spec, port and tokens, so that a kubeconfig stays
true over a restart; `NAME.journal` has what is in the cluster. One process at a time holds the folder.
"""

import fcntl
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from karmactl.embedded import kubeconfig
from karmactl.embedded.certificates import LIFETIME, Authority, make_authority
from karmactl.embedded.journal import Journal
from karmactl.embedded.keepfile import FILE, KeepError, read
from karmactl.embedded.spec import ClusterSpec, cluster_from_json, to_json

LOCK = "lock"


class Keep:
    """A folder in use."""

    def __init__(self, path: Path, kind: str = "emulated") -> None:
        """Takes the folder, which is made where it is missing.

        `kind` is what keeps itself there. Raises KeepError where another process has the folder, or another kind.
        """
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(self._lock)
            raise KeepError(f"another sandbox uses {path}") from exc
        self._kind = kind
        self._known = read(path)
        kept = self._known.get("kind", kind)
        if kept != kind:
            os.close(self._lock)
            raise KeepError(f"{path} keeps {kept} clusters, not {kind} ones")

    def specs(self, given: Sequence[ClusterSpec]) -> list[ClusterSpec]:
        """The kept clusters as they were, then those of the given ones that are new."""
        kept = [cluster_from_json(entry["spec"]) for entry in self._clusters().values()]
        names = {spec.name for spec in kept}
        return [*kept, *(spec for spec in given if spec.name not in names)]

    def _clusters(self) -> dict[str, Any]:
        clusters: dict[str, Any] = self._known.get("clusters", {})
        return clusters

    def port(self, name: str) -> int:
        """Where a cluster listened, 0 for a new one."""
        return int(self._clusters().get(name, {}).get("port", 0))

    def tokens(self, name: str) -> dict[str, str]:
        """A cluster's tokens by user, none for a new one."""
        return dict(self._clusters().get(name, {}).get("tokens", {}))

    def journal(self, name: str) -> Journal:
        """A cluster's journal."""
        return Journal(self.path / f"{name}.journal")

    def authority(self) -> Authority:
        """The kept certificates, new ones where there are none or where they are about to end."""
        known = self._known.get("authority")
        if known is None or known["made"] + LIFETIME.total_seconds() / 2 < time.time():
            return make_authority()
        ca, certificate, key = (known[part].encode() for part in ("ca", "certificate", "key"))
        return Authority(ca_pem=ca, certificate_pem=certificate, key_pem=key, made=known["made"])

    def save(self, authority: Authority, clusters: Mapping[str, tuple[ClusterSpec, int, dict[str, str]]]) -> None:
        """Writes down the certificates, and each cluster's spec, port and tokens."""
        self._known = {
            "kind": self._kind,
            "authority": {
                "made": authority.made,
                "ca": authority.ca_pem.decode(),
                "certificate": authority.certificate_pem.decode(),
                "key": authority.key_pem.decode(),
            },
            "clusters": {
                name: {"spec": to_json(spec), "port": port, "tokens": tokens}
                for name, (spec, port, tokens) in clusters.items()
            },
        }
        kubeconfig.write(self.path / FILE, json.dumps(self._known).encode())

    def close(self) -> None:
        """Lets the folder go."""
        os.close(self._lock)
