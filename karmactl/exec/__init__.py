"""Other programs: git, kubectl and kustomize, run with argument lists and never through a shell."""

from karmactl.exec.git import Checkout, find_root, head_commit, resolve_revision
from karmactl.exec.kustomize import build_kustomization

__all__ = ["Checkout", "build_kustomization", "find_root", "head_commit", "resolve_revision"]
