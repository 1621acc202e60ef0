"""Model values to text: plans, differences, decisions, reports, errors; for people, for logs and for programs.

Nothing is decided here and nothing is written to a stream: every function gives lines (`render.text`), one text or one
JSON value. What a reason says in words stands in `render.words` alone.
"""
