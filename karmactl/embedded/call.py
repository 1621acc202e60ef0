"""One request to one resource on its way through the verbs: everything about it in one value."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from karmactl.embedded.authn import User
from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, FieldError, bad_request, invalid
from karmactl.embedded.resource import Resource, Subresource
from karmactl.embedded.routing import RequestInfo
from karmactl.embedded.values import Object

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster

FIELD_VALIDATIONS = ("", "Ignore", "Warn", "Strict")


@dataclass(slots=True, kw_only=True)
class Call:
    """A request, where it goes, who sent it, and the warnings gathered so far."""

    cluster: "Cluster"
    request: Request
    info: RequestInfo
    user: User
    resource: Resource
    subresource: Subresource | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def namespace(self) -> str:
        """The namespace that the path names, empty for cluster-scoped resources."""
        return self.info.namespace if self.resource.namespaced else ""

    @property
    def key(self) -> tuple[str, str]:
        """The store key of the object that the path names."""
        return (self.namespace, self.info.name)

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be stored."""
        return self.request.has_param("dryRun")

    @property
    def field_validation(self) -> str:
        """Ignore, Warn or Strict."""
        return self.request.param("fieldValidation") or "Warn"

    @property
    def manager(self) -> str:
        """The field manager: named, or the User-Agent up to the first slash."""
        named = self.request.param("fieldManager")
        if named:
            return named
        agent = self.request.header("user-agent").split("/")[0]
        printable = "".join(c for c in agent if c.isprintable())
        return printable[:128]

    def warn(self, text: str) -> None:
        """Adds a warning to the answer, once."""
        if text not in self.warnings:
            self.warnings.append(text)


def check_write_options(call: Call, kind: str) -> None:
    """Validates dryRun, fieldManager and fieldValidation; raises ApiError 422 naming `kind` (CreateOptions...)."""
    errors = dry_run_errors([v for k, v in call.request.query if k == "dryRun"])
    manager = call.request.param("fieldManager")
    if len(manager) > 128:
        errors.append(
            FieldError(
                field="fieldManager", reason="FieldValueTooLong", text="Too long: may not be more than 128 bytes"
            )
        )
    elif any(not c.isprintable() for c in manager):
        errors.append(
            FieldError(
                field="fieldManager",
                reason="FieldValueInvalid",
                text=f'Invalid value: "{manager}": should only contain printable characters',
            )
        )
    directive = call.request.param("fieldValidation")
    if directive not in FIELD_VALIDATIONS:
        errors.append(
            FieldError(
                field="fieldValidation",
                reason="FieldValueNotSupported",
                text=f'Unsupported value: "{directive}": supported values: "", "Ignore", "Strict", "Warn"',
            )
        )
    if errors:
        raise invalid(kind, "meta.k8s.io", "", errors)


def dry_run_errors(values: list[str]) -> list[FieldError]:
    """What is wrong with the values of dryRun: only All is known."""
    if not values or values == ["All"]:
        return []
    shown = "[" + ",".join(f'"{v}"' for v in values) + "]"
    return [
        FieldError(
            field="dryRun",
            reason="FieldValueNotSupported",
            text=f'Unsupported value: {shown}: supported values: "All"',
        )
    ]


def ensure_namespace(call: Call, obj: Object) -> None:
    """Gives the object the namespace of the path, or none; raises ApiError 400 where it names another."""
    meta: dict[str, Any] = obj.setdefault("metadata", {})
    given = meta.get("namespace") or ""
    if call.resource.namespaced:
        if given and given != call.namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        meta["namespace"] = call.namespace
    else:  # a namespace means nothing here, and is taken out
        meta.pop("namespace", None)


def ensure_name(call: Call, obj: Object) -> None:
    """Raises ApiError 400 unless the object bears the path's name."""
    name = (obj.get("metadata") or {}).get("name") or ""
    if not name:
        raise bad_request(
            f"the name of the object ({call.info.name} based on URL) was undeterminable: name must be provided"
        )
    if name != call.info.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({call.info.name})")


__all__ = ["ApiError", "Call", "check_write_options", "dry_run_errors", "ensure_name", "ensure_namespace"]
