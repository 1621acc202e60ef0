"""Values to JSON and back: the record depends on it."""

from __future__ import annotations

import pytest

from karmactl.core.decode import decode
from karmactl.core.digest import canonical, digest
from karmactl.core.encode import camel_case, encode
from karmactl.core.model.policy import ClusterAffinity, Placement, ReplicaSchedulingStrategy, SpreadConstraint


def test_what_is_encoded_decodes_to_the_same_value() -> None:
    value = Placement(
        cluster_affinity=ClusterAffinity(cluster_names=("a", "b"), exclude=("c",)),
        spread_constraints=(SpreadConstraint(spread_by_field="region", min_groups=2, max_groups=3),),
        replica_scheduling=ReplicaSchedulingStrategy(replica_scheduling_type="Divided"),
    )
    again, faults = decode(Placement, encode(value))
    assert (again, list(faults)) == (value, [])


def test_defaults_are_left_out_and_keys_are_camel_case() -> None:
    assert encode(Placement()) == {}
    assert encode(ClusterAffinity(cluster_names=("a",))) == {"clusterNames": ["a"]}
    assert camel_case("replica_division_preference") == "replicaDivisionPreference"


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError):
        encode({1, 2})


def test_i09_canonical_bytes_and_digests_do_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [True, None]}) == b'{"a":[true,null],"b":1}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    assert digest({"a": 1}) != digest({"a": True})
    assert digest({"a": 1}, key=b"k") != digest({"a": 1})
