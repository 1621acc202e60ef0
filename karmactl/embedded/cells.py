"""What cells of tables are made of: ages, labels, selectors, counts, as kubectl shows them."""

from typing import Any

from karmactl.embedded.values import Object, dig, parse_time, seconds_now

__all__ = [
    "INVALID",
    "NONE",
    "UNKNOWN",
    "UNSET",
    "access_modes",
    "age",
    "age_of",
    "balancer_text",
    "containers_of",
    "human_duration",
    "labels_text",
    "name_of",
    "number_at",
    "selector_text",
]

NONE, UNSET, UNKNOWN, INVALID = "<none>", "<unset>", "<unknown>", "<invalid>"


def age(text: str | None) -> str:
    """The time since a timestamp, as short as kubectl shows it."""
    moment = parse_time(text) if text else None
    if moment is None:
        return UNKNOWN
    return human_duration(seconds_now() - moment.timestamp())


def human_duration(seconds: float) -> str:
    """A duration with at most two units (k8s.io/apimachinery/pkg/util/duration.HumanDuration)."""
    whole = int(seconds)
    if whole < -1:
        return INVALID
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        rest = whole % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        rest = hours % 24
        return f"{hours // 24}d{rest}h" if rest else f"{hours // 24}d"
    days = hours // 24
    if days < 730:
        return f"{days}d"
    if days < 2920:
        rest = days % 365
        return f"{days // 365}y{rest}d" if rest else f"{days // 365}y"
    return f"{days // 365}y"


def name_of(obj: Object) -> str:
    """The object's name."""
    return str(obj["metadata"].get("name") or "")


def age_of(obj: Object) -> str:
    """How long ago the object was made."""
    return age(obj["metadata"].get("creationTimestamp"))


def labels_text(labels: Object | None) -> str:
    """Labels as `k=v`, joined by commas."""
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items())) if labels else NONE


def selector_text(selector: Object | None) -> str:
    """A LabelSelector as one line (metav1.FormatLabelSelector)."""
    if selector is None:
        return NONE
    parts = [(k, f"{k}={v}") for k, v in (selector.get("matchLabels") or {}).items()]
    forms = {"In": "{k} in ({v})", "NotIn": "{k} notin ({v})", "Exists": "{k}", "DoesNotExist": "!{k}"}
    for rule in selector.get("matchExpressions") or ():
        values = ",".join(sorted(rule.get("values") or ()))
        parts.append((rule["key"], forms.get(rule["operator"], "{k}").format(k=rule["key"], v=values)))
    return ",".join(text for _, text in sorted(parts)) or NONE


def containers_of(template: Any) -> list[str]:
    """Names and images of a pod template's containers."""
    containers = dig(template, "spec", "containers") or []
    return [",".join(c["name"] for c in containers), ",".join(c.get("image") or "" for c in containers)]


def number_at(obj: Object, *path: str) -> Any:
    """The number at a path, 0 where there is none."""
    return dig(obj, *path) or 0


def access_modes(modes: list[str] | None) -> str:
    """Access modes of a volume, shortened."""
    short = {
        "ReadWriteOnce": "RWO",
        "ReadOnlyMany": "ROX",
        "ReadWriteMany": "RWX",
        "ReadWriteOncePod": "RWOP",
    }
    found = set(modes or ())
    return ",".join(s for m, s in short.items() if m in found)


def balancer_text(obj: Object) -> str:
    """The addresses that a load balancer gave."""
    found = {i.get("ip") or i.get("hostname") or "" for i in dig(obj, "status", "loadBalancer", "ingress") or ()}
    return ",".join(sorted(found - {""}))
