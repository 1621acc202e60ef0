"""What `karmactl init` writes: a commented karmactl.yaml and, on request, an example to start from.

The text of karmactl.yaml is made here from what was found (contexts, a sandbox); the examples lie beside as plain
manifests with comments, where the names of the members are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from karmactl.errors import UsageError
from karmactl.files.dump import dump_yaml
from karmactl.files.settings import SETTINGS_NAME
from karmactl.files.write import write_file

__all__ = ["EXAMPLES", "Starter", "example_files", "settings_text", "write_starter"]

EXAMPLES = ("nginx", "shop")
_WEIGHT = """\
        - targetCluster:
            clusterNames:
            - {}
          weight: {}"""
SANDBOX_MEMBERS = ("member1", "member2", "member3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """What to write: the set's name, members as name to context, or a sandbox; an example, or inputs of one's own."""

    set_name: str
    contexts: Mapping[str, str]
    is_sandbox: bool = False
    example: str = ""
    inputs: Sequence[str] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members."""
        return SANDBOX_MEMBERS if self.is_sandbox and not self.contexts else tuple(sorted(self.contexts))


def write_starter(folder: Path, starter: Starter) -> tuple[Path, ...]:
    """Write karmactl.yaml and the example's files into a folder; the paths written, in order.

    Nothing is overwritten, and nothing is written if one of the files exists already.
    Raises UsageError `file-exists`, `unknown-example`, `file-not-written`.
    """
    texts = {SETTINGS_NAME: settings_text(starter)}
    if starter.example:
        for name, text in example_files(starter.example, starter.members).items():
            texts[f"{starter.example}/{name}"] = text
    for name in texts:
        if (folder / name).exists():
            message = f"{folder / name} exists already"
            raise UsageError("file-exists", message, hint="karmactl init overwrites nothing")
    for name, text in texts.items():
        write_file(folder / name, text, is_new=True)
    return tuple(folder / name for name in texts)


def example_files(example: str, members: Sequence[str]) -> Mapping[str, str]:
    """File name to text of an example, for these members. Raises UsageError `unknown-example`."""
    if example not in EXAMPLES:
        raise UsageError("unknown-example", f"there is no example {example!r}", hint="one of " + ", ".join(EXAMPLES))
    names = [_scalar(name) for name in members or SANDBOX_MEMBERS]
    # The first members get twice as much as the last, so that the division shows.
    weights = [2] * (len(names) - 1) + [1]
    filled = {
        "@MEMBERS@": "\n".join(f"      - {name}" for name in names),
        "@WEIGHTS@": "\n".join(_WEIGHT.format(name, weight) for name, weight in zip(names, weights, strict=True)),
        "@LAST@": names[-1],
    }
    folder = resources.files("karmactl.files") / "examples" / example
    texts = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            text = entry.read_text(encoding="utf-8")
            texts[entry.name] = re.sub(r"@[A-Z]+@", lambda match: filled[match.group()], text)
    return texts


def _scalar(text: str) -> str:
    return dump_yaml(text).rstrip("\n")


def settings_text(starter: Starter) -> str:
    """A karmactl.yaml in which every key is there or explained in a comment."""
    inputs = list(starter.inputs) or ([f"{starter.example}/"] if starter.example else [])
    return "\n".join(
        [
            "# Settings of karmactl for this folder and those below it, up to the root of the git repository.",
            "# Flags and KARMACTL_ variables win over what stands here; `karmactl config view --origin` shows both.",
            "",
            "# The name of what these files own in every member. Two folders that share members need two names.",
            f"set: {_scalar(starter.set_name)}",
            "",
            "# What is read when no -f is given: files, folders, globs, URLs.",
            *(["inputs:", *(f"- {_scalar(name)}" for name in inputs)] if inputs else ["# inputs: [shop/, policies/]"]),
            "",
            *_member_lines(starter),
            "",
            _REST,
        ]
    )


def _member_lines(starter: Starter) -> list[str]:
    if starter.is_sandbox:
        return [
            "# The members are those of `karmactl sandbox up`, never clusters of your own kubeconfig.",
            "sandbox: true",
        ]
    lines = [
        "# The members: name as policies use it, context of the kubeconfig, and facts that placement reads.",
        "# What stands here wins over what is discovered: provider, region, zones, labels, taints.",
    ]
    if not starter.contexts:
        return [
            *lines,
            "# clusters:",
            "# - {name: eu-1, context: prod-eu-1, region: eu, labels: {tier: prod}}",
            "# - {name: us-1, context: prod-us-1, region: us, labels: {tier: prod}}",
        ]
    lines.append("clusters:")
    for name, context in sorted(starter.contexts.items()):
        lines += [f"- name: {_scalar(name)}", f"  context: {_scalar(context)}"]
        lines += ["  # region: eu", "  # labels: {tier: prod}"] if len(lines) < 6 else []
    return lines


_REST = """\
# Objects that name no namespace go here (the contexts' own namespaces are never used).
# namespace: default

# Another kubeconfig than the usual one.
# kubeconfig: ./kubeconfig

# An API server that is no member and holds a copy of the record: a majority for a fleet of two.
# witness: {context: ops}

# Where the records lie in every member.
# inventoryNamespace: karmactl-system

# Delete what has left the files, in every apply.
# prune: true

# How much one run may delete or move, and kinds that are never deleted without being named.
# guards:
#   maxDelete: 20%
#   maxMove: 30%
#   protect: [Namespace, CustomResourceDefinition, PersistentVolumeClaim]

# Fields that others may change without it being drift.
# ignore:
# - {kind: Deployment, path: /spec/replicas, manager: kube-controller-manager}

# Fields that no output may show, beside the values of Secrets.
# sensitive: [/spec/password]

# Karmada's feature gates, where they differ from Karmada's defaults.
# featureGates: {WorkloadAffinity: true}

# Members in stages, one after the other.
# rollout:
#   stages: [[eu-1], [us-1]]
#   between: {ready: true, soak: 10m}
#   onFailure: pause
"""
