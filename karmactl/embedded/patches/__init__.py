"""The patch formats that change an object before it is stored: JSON patch, merge patch, strategic merge patch.

They work on plain JSON and never change what they are given. Server-side apply is no such format: it is in `fields`.
"""
