"""Where the programs of a real Kubernetes API server lie: envtest's convention, the variable KUBEBUILDER_ASSETS.

It loads nothing of the servers: commands ask here before they start anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "KUBEBUILDER_ASSETS"
DEFAULT_FOLDER = Path("/usr/local/kubebuilder/bin")
ETCD, API_SERVER, CONTROLLER_MANAGER = "etcd", "kube-apiserver", "kube-controller-manager"


class AssetsError(Exception):
    """The programs are not there; the message says what is missing where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """A folder with etcd and kube-apiserver, and perhaps kube-controller-manager."""

    folder: Path

    @property
    def has_controller_manager(self) -> bool:
        """Whether controllers can run beside the API servers."""
        return (self.folder / CONTROLLER_MANAGER).exists()

    def program(self, name: str) -> str:
        """The path of a program."""
        return str(self.folder / name)


def find_assets(environment: Mapping[str, str]) -> Assets:
    """The folder that the environment names, else envtest's default one; raises AssetsError."""
    named = environment.get(VARIABLE)
    folder = Path(named).absolute() if named else DEFAULT_FOLDER
    missing = [name for name in (ETCD, API_SERVER) if not (folder / name).exists()]
    if missing:
        said = f"{VARIABLE}={named}" if named else f"{VARIABLE} is not set, and {DEFAULT_FOLDER}"
        raise AssetsError(f"{said} has no {' and no '.join(missing)}")
    return Assets(folder=folder)
