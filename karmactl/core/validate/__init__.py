"""Would Karmada take this policy? The checks of its Go types, its schema and its webhooks, with fields named.

`validate_policy` first fills in the defaults, as an API server does, and then says everything that is wrong at once;
a policy that does not fit its type is judged no further. Source: Karmada pkg/webhook/*/validating.go,
pkg/util/validation/validation.go, charts/karmada/_crds/bases/policy.
"""

from __future__ import annotations

from karmactl.core.validate.policy import validate_policy
from karmactl.core.validate.problem import Problem, Stage

__all__ = ["Problem", "Stage", "validate_policy"]
