"""The part of kubectl's JSONPath that printer columns use: fields, indexes, wildcards, filters by equality."""

import re
from typing import Any

_STEP = re.compile(
    r"""\.(?P<field>(?:[^.\[\]\\]|\\.)+)      # .name, with dots escaped
      | \[(?P<index>-?\d+)\]                  # [0]
      | \[(?P<star>\*)\]                      # [*]
      | \[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]
      | \[\?\(@(?P<path>(?:\.[\w-]+)+)\s*(?P<sign>==|!=)\s*(?P<q2>['"])(?P<value>.*?)(?P=q2)\)\]
    """,
    re.X,
)


def find(value: Any, path: str) -> list[Any]:
    """The values that a path names; none for a path that cannot be read or leads nowhere."""
    found = [value]
    at = 0
    text = path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    if not text.startswith((".", "[")):
        text = "." + text
    while at < len(text):
        match = _STEP.match(text, at)
        if not match:
            return []
        at = match.end()
        found = [child for item in found for child in _step(match, item)]
    return found


def _step(match: re.Match[str], item: Any) -> list[Any]:
    name = match["field"] if match["field"] is not None else match["key"]
    if name is not None:
        key = name.replace("\\", "")
        if key == "*":
            return list(item.values()) if isinstance(item, dict) else list(item) if isinstance(item, list) else []
        return [item[key]] if isinstance(item, dict) and key in item else []
    if match["index"] is not None:
        number = int(match["index"])
        return [item[number]] if isinstance(item, list) and -len(item) <= number < len(item) else []
    if match["star"] is not None:
        return list(item) if isinstance(item, list) else list(item.values()) if isinstance(item, dict) else []
    if not isinstance(item, list):
        return []
    return [each for each in item if _holds(match, each)]


def _holds(match: re.Match[str], item: Any) -> bool:
    for key in match["path"].strip(".").split("."):
        if not isinstance(item, dict) or key not in item:
            return False
        item = item[key]
    return (str(item) == match["value"]) is (match["sign"] == "==")
