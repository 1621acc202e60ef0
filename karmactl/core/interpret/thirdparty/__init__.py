"""Karmada's built-in knowledge of third-party kinds: Kruise, Flux, Kubeflow, Ray, Volcano, Argo, Flink, Spark, Kyverno.

In Karmada these are Lua scripts; here they are rules of our own that give the same answers, with a module a family.
`ThirdPartyInterpreter` is the Interpreter for all of them.
"""

from __future__ import annotations

from karmactl.core.interpret.thirdparty.interpreter import ThirdPartyInterpreter
from karmactl.core.interpret.thirdparty.rules import Globals

__all__ = ["Globals", "ThirdPartyInterpreter"]
