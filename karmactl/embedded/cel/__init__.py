"""Expressions in CEL, as far as a server looks at them when they are stored: whether they parse, and their types.

`rules` holds those of custom resources against objects, with `run`, which knows the plain part of the language.
"""

from karmactl.embedded.cel.check import fault_of
from karmactl.embedded.cel.types import BOOL, DYN, STRING, Type, of_schema

__all__ = ["BOOL", "DYN", "STRING", "Type", "fault_of", "of_schema"]
