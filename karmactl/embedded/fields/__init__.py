"""Field ownership: who set which field of an object, and server-side apply built on it.

`paths` holds sets of field paths and their FieldsV1 form, `typed` walks values along a schema, `updater` decides
what an update or an apply does to values and owners, `manager` keeps `metadata.managedFields`.
"""
