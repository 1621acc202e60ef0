"""What objects may look like: built-in kinds from packed data, custom ones from their CRD.

`node` is the common form, `builtin` and `structural` make it, `typed` decodes into it as Go would, `openapi`
publishes it.
"""
