"""Tables: the columns and cells that kubectl prints."""

from karmactl.embedded.call import Call
from karmactl.embedded.encode import partial
from karmactl.embedded.negotiation import Accepted
from karmactl.embedded.printers import columns_of, conditions_of, row_of
from karmactl.embedded.values import Object


def table(call: Call, objects: list[Object], accepted: Accepted, version: str) -> Object:
    """The objects as a Table of the version that the client asked for."""
    include = call.request.param("includeObject") or "Metadata"
    columns = columns_of(call.resource)
    rows = []
    for obj in objects:
        row: Object = {"cells": row_of(call.resource, obj)}
        conditions = conditions_of(call.resource, obj)
        if conditions:
            row["conditions"] = conditions
        if include == "Object":
            row["object"] = obj
        elif include == "Metadata":
            row["object"] = partial(obj, accepted.version or "v1")
        else:
            row["object"] = None
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{accepted.version or 'v1'}",
        "metadata": {"resourceVersion": version} if version else {},
        "columnDefinitions": columns,
        "rows": rows,
    }
