"""Only the live board loads a terminal library: everything else works, and is fast, without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import karmactl.render


def test_only_the_board_loads_rich() -> None:
    modules = sorted(path.stem for path in Path(karmactl.render.__file__).parent.glob("*.py") if path.stem != "board")
    imports = "; ".join(f"import karmactl.render.{name}" for name in modules if name != "__init__")
    code = f"{imports}; import sys; print('rich' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
