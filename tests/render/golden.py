"""Golden texts: compared with files under tests/golden, which UPDATE_GOLDEN=1 rewrites."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "golden"


def check_golden(name: str, text: str) -> None:
    """Fail where the text is not that of the file (or write the file, if asked to)."""
    path = _FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden file {name}; UPDATE_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8")
