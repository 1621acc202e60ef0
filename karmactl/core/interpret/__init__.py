"""What objects mean: replicas, requirements, dependencies, status and health, by kind.

`NativeInterpreter` knows Kubernetes' own kinds; `InterpreterChain` puts further interpreters (customizations in Lua)
before it. `prune` takes out of an object what only a server sets. One small module a question, as in Karmada's
pkg/resourceinterpreter.
"""

from __future__ import annotations

from karmactl.core.interpret.chain import InterpreterChain
from karmactl.core.interpret.native import NativeInterpreter

__all__ = ["InterpreterChain", "NativeInterpreter"]
