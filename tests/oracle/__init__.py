"""Comparison with answers of the real Karmada: `python -m tests.oracle SET [FILE|-] [--check]`.

One module a set gives `answer(input)`, which asks karmactl's public core functions and nothing else, and
`agrees(want, got)`, which compares by the rules of the set. Only `input` of a case ever reaches karmactl.
"""
