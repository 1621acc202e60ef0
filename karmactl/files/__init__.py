"""Files: YAML and JSON, folders and URLs to `InputSet`, settings and fleet; and the one writer of files."""

from karmactl.files.dump import dump_documents, dump_yaml
from karmactl.files.excerpts import read_excerpts
from karmactl.files.fleet import declare_fleet
from karmactl.files.inputs import ReadOptions, read_inputs
from karmactl.files.lock import LOCK_NAME, read_lock, write_lock
from karmactl.files.plans import read_plan_file, write_plan_file
from karmactl.files.settings import SETTINGS_NAME, SettingsFile, find_settings, read_settings
from karmactl.files.starter import EXAMPLES, Starter, write_starter
from karmactl.files.write import write_file

__all__ = [
    "EXAMPLES",
    "LOCK_NAME",
    "SETTINGS_NAME",
    "ReadOptions",
    "SettingsFile",
    "Starter",
    "declare_fleet",
    "dump_documents",
    "dump_yaml",
    "find_settings",
    "read_excerpts",
    "read_inputs",
    "read_lock",
    "read_plan_file",
    "read_settings",
    "write_file",
    "write_lock",
    "write_plan_file",
    "write_starter",
]
