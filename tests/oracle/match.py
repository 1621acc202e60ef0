"""match: which policy claims which template.

The policies of a case get their defaults first in Karmada; none of those bears on matching but the namespace that a
PropagationPolicy's selectors take over, and such a policy sees its own namespace only.
"""

from __future__ import annotations

from karmactl.core.decode import decode_propagation_policy
from karmactl.core.model.binding import PolicyMatch
from karmactl.core.model.manifest import JSONValue, api_version_of, kind_of, name_of, namespace_of
from karmactl.core.select import match_policies
from tests.oracle.protocol import JSONObject, mappings


def answer(given: JSONObject) -> JSONValue:
    """A row for each template, in order."""
    policies = [decode_propagation_policy(policy)[0] for policy in mappings(given["policies"])]
    matches = match_policies(mappings(given["templates"]), policies)
    return {"matches": [_as_json(match) for match in matches]}


def agrees(want: JSONValue, got: JSONValue) -> bool:
    """Everything counts."""
    return want == got


def _as_json(match: PolicyMatch) -> JSONObject:
    template = match.template
    row: JSONObject = {
        "apiVersion": api_version_of(template),
        "kind": kind_of(template),
        "name": name_of(template),
        "policy": None,
    }
    if namespace_of(template):
        row["namespace"] = namespace_of(template)
    if match.is_skipped:
        row["skipped"] = True
    if match.winner is not None:
        policy = match.winner.policy
        scope: JSONObject = {"namespace": policy.namespace} if policy.namespace else {}
        row["policy"] = {"kind": policy.kind, "name": policy.name, **scope}
    return row
