"""Lua: ResourceInterpreterCustomizations run in a sandbox, as one more Interpreter for the core.

The only place that knows lupa. Scripts cannot reach files, processes or the network, and are stopped by limits on
instructions, memory and time.
"""

from __future__ import annotations

from karmactl.lua.interpreter import LuaInterpreter
from karmactl.lua.sandbox import Limits

__all__ = ["Limits", "LuaInterpreter"]
