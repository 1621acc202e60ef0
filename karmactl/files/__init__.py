"""Files: YAML and JSON text and folders to `InputSet` and `Settings`, and the one writer of files."""

from karmactl.files.inputs import read_inputs

__all__ = ["read_inputs"]
