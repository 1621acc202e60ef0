"""Where decisions differ from Karmada's on purpose, as one switch.

Every attribute is one deliberate difference (docs: "Where karmactl differs from Karmada"). The CLI passes `KARMACTL`,
the comparison with Karmada's own answers passes `NONE`; nothing else in the core may tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["KARMACTL", "NONE", "Differences"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Which differences are on.

    - `unknown_apis_pass`: a cluster whose API list nobody knows passes the APIEnablement filter, marked unverified.
    - `unknown_capacity_is_error`: dividing by capacity over a cluster whose capacity nobody knows raises
      `capacity-unknown`; Karmada takes it for 0.
    - `unreachable_is_filtered`: a member that does not answer takes no new template (`member-unreachable`).
    """

    unknown_apis_pass: bool = False
    unknown_capacity_is_error: bool = False
    unreachable_is_filtered: bool = False


NONE: Final = Differences()
KARMACTL: Final = Differences(unknown_apis_pass=True, unknown_capacity_is_error=True, unreachable_is_filtered=True)
