"""What objects mean: replicas, requirements, dependencies, status and health, by kind.

`NativeInterpreter` knows Kubernetes' own kinds, `ThirdPartyInterpreter` those of others that Karmada knows, and
`InterpreterChain` puts them behind one another, with customizations in Lua before both. `prune` takes out of an object
what only a server sets. One small module a question or family, as in Karmada's pkg/resourceinterpreter.
"""

from __future__ import annotations

from karmactl.core.interpret.chain import InterpreterChain
from karmactl.core.interpret.native import NativeInterpreter
from karmactl.core.interpret.thirdparty import ThirdPartyInterpreter

__all__ = ["InterpreterChain", "NativeInterpreter", "ThirdPartyInterpreter"]
