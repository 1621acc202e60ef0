"""Manifests to model values: `reader` makes a decoder from any dataclass, `objects` knows the kinds."""

from karmactl.core.decode.objects import (
    APPLIED_PLACEMENT_ANNOTATION,
    decode_binding,
    decode_cluster,
    decode_override_policy,
    decode_propagation_policy,
)
from karmactl.core.decode.reader import Fault, Path, decode, field_name

__all__ = [
    "APPLIED_PLACEMENT_ANNOTATION",
    "Fault",
    "Path",
    "decode",
    "decode_binding",
    "decode_cluster",
    "decode_override_policy",
    "decode_propagation_policy",
    "field_name",
]
