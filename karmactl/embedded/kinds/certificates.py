"""CertificateSigningRequests: what of them may change by which way, and their validation (pkg/apis/certificates)."""

import base64
from typing import TYPE_CHECKING

from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    invalid,
    label_faults,
    one_of,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.kinds.strategy import Strategy
from karmactl.embedded.values import Object, copy, dig, equal, go_quote, now

if TYPE_CHECKING:
    from karmactl.embedded.call import Call

_USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_DECISIONS = ("Approved", "Denied")
_FINAL = (*_DECISIONS, "Failed")
_PEM = b"-----BEGIN CERTIFICATE REQUEST-----"


def _prepare_update(call: "Call", new: Object, old: Object) -> None:
    """Nothing but metadata changes through the object itself."""
    for part in ("spec", "status"):
        if part in old:
            new[part] = old[part]


def _prepare_status(call: "Call", new: Object, old: Object) -> None:
    """Decisions change through /approval alone, and the rest of the status not there."""
    conditions = dig(new, "status", "conditions") or []
    if call.subresource is not None and call.subresource.name == "approval":
        new["status"] = {**(old.get("status") or {}), "conditions": conditions}
        if not conditions:
            del new["status"]["conditions"]
    else:
        for kind in _DECISIONS:
            mine, theirs = _of(new, kind), _of(old, kind)
            if len(mine) == len(theirs):
                for condition, before in zip(mine, theirs, strict=True):
                    condition.clear()
                    condition.update(copy(before))
    _date(conditions, dig(old, "status", "conditions") or [])


def _date(conditions: list[Object], before: list[Object]) -> None:
    moment = now()
    for condition in conditions:
        condition["lastUpdateTime"] = condition.get("lastUpdateTime") or moment
        if condition.get("lastTransitionTime"):
            continue
        same = (c for c in before if all(c.get(k) == condition.get(k) for k in ("type", "status")))
        condition["lastTransitionTime"] = next((c["lastTransitionTime"] for c in same), None) or moment


def _of(request: Object, kind: str) -> list[Object]:
    return [c for c in dig(request, "status", "conditions") or () if c.get("type") == kind]


def validate(obj: Object) -> Errors:
    """The faults in a CertificateSigningRequest."""
    spec = obj["spec"]
    request, usages, signer = spec.get("request") or "", spec.get("usages") or [], spec.get("signerName") or ""
    out: Errors = []
    if _PEM not in base64.b64decode(request):
        out.append(invalid("spec.request", request, "PEM block type must be CERTIFICATE REQUEST"))
    if not usages:
        out.append(required("spec.usages"))
    out += [fault for i, usage in enumerate(usages) for fault in one_of(f"spec.usages[{i}]", usage, _USAGES)]
    out += [duplicate(f"spec.usages[{i}]", usage) for i, usage in enumerate(usages) if usage in usages[:i]]
    if signer == "kubernetes.io/legacy-unknown":
        text = "the legacy signerName is not allowed via this API version"
        out.append(invalid("spec.signerName", signer, text))
    else:
        out += _signer(signer, "spec.signerName")
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        text = "may not specify a duration less than 600 seconds (10 minutes)"
        out.append(invalid("spec.expirationSeconds", seconds, text))
    return out + _conditions(dig(obj, "status", "conditions") or [], "status.conditions")


def _signer(name: str, field: str) -> Errors:
    if not name:
        return [required(field)]
    parts = name.split("/")
    if len(parts) != 2:
        text = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        return [invalid(field, name, text)]
    domain, path = parts
    out: Errors = []
    for whole, check in ((domain, label_faults), (path, subdomain_faults)):
        bad = next((label for label in whole.split(".") if check(label)), None)
        if bad is not None:
            out += [invalid(field, whole, f"validating label {go_quote(bad)}: {fault}") for fault in check(bad)]
        if whole is domain and len(domain.split(".")) < 2:
            text = "should be a domain with at least two segments separated by dots"
            out.append(invalid(field, domain, text))
    return out


def _conditions(conditions: list[Object], field: str) -> Errors:
    out: Errors = []
    seen: list[str] = []
    for index, condition in enumerate(conditions):
        where, kind, status = f"{field}[{index}]", condition.get("type") or "", condition.get("status") or ""
        if not kind:
            out.append(required(f"{where}.type"))
        known = ("True",) if kind in _FINAL else ("False", "True", "Unknown")
        if not status:
            out.append(required(f"{where}.status"))
        elif status not in known:
            out.append(unsupported(f"{where}.status", status, known))
        if kind in _DECISIONS and set(seen) & (set(_DECISIONS) - {kind}):
            out.append(invalid(field, kind, "Approved and Denied conditions are mutually exclusive"))
        if kind in seen:
            out.append(duplicate(f"{where}.type", kind))
        seen.append(kind)
    return out


def _update(new: Object, old: Object, approves: bool, signs: bool) -> Errors:
    field = "status.conditions"
    out = validate(new)
    for kind in _FINAL:
        if len(_of(new, kind)) < len(_of(old, kind)):
            out.append(forbidden(field, f"updates may not remove a condition of type {go_quote(kind)}"))
    for kind in () if approves else _DECISIONS:
        mine, theirs = _of(new, kind), _of(old, kind)
        if len(mine) > len(theirs):
            out.append(forbidden(field, f"updates may not add a condition of type {go_quote(kind)}"))
        elif len(mine) == len(theirs) and not equal(mine, theirs):
            out.append(forbidden(field, f"updates may not modify a condition of type {go_quote(kind)}"))
    before, after = (dig(o, "status", "certificate") or "" for o in (old, new))
    if before != after and not signs:
        out.append(forbidden("status.certificate", "updates may not set certificate content"))
    elif before != after and before:
        out.append(forbidden("status.certificate", "updates may not modify existing certificate content"))
    return out


STRATEGY = Strategy(
    prepare_update=_prepare_update,
    prepare_status=_prepare_status,
    validate=validate,
    validate_update=lambda new, old: _update(new, old, approves=False, signs=False),
    validate_status=lambda new, old: _update(new, old, approves=False, signs=True),
    validate_approval=lambda new, old: _update(new, old, approves=True, signs=False),
    main_resets=(("f:spec",), ("f:status",)),
)
