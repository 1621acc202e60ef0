"""What is special about each built-in kind: defaults, preparation before storage, validation.

`strategy` has the common form and what holds for all kinds; the other modules fill it in, one per area of the API.
"""
