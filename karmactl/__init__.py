"""karmactl: Karmada's policy model as a command, with no control plane to install.

The package is a pipeline of plain values with a pure middle: files and clusters are read first, the decision is
computed as data, the data is shown, and only then is anything written. `docs/architecture.md` is the map.
"""

__version__ = "0.1.0"
