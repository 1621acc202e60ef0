"""The background process of a sandbox: `python -m karmactl.embedded DIRECTORY`, started by `background.up`."""

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from karmactl.embedded import kubeconfig
from karmactl.embedded.assets import Assets
from karmactl.embedded.control import Clusters, ControlServer
from karmactl.embedded.journal import DamagedError
from karmactl.embedded.keepfile import KeepError
from karmactl.embedded.sandbox import make_clusters
from karmactl.embedded.spec import StartError, cluster_from_json

STATE, SPECS = "state.json", "specs.json"


def _sandbox(wanted: dict[str, Any], directory: Path) -> Clusters:
    """The clusters that were asked for; raises KeepError, DamagedError and ValueError."""
    specs = [cluster_from_json(each) for each in wanted["clusters"]]
    data = Path(wanted["data"]) if wanted["data"] else None
    assets = Assets(folder=Path(wanted["assets"])) if wanted["assets"] else None
    return make_clusters(specs, directory, data, assets)


async def serve(directory: Path) -> None:
    """Runs the clusters that the directory's specs describe until it is told to stop."""
    wanted = json.loads((directory / SPECS).read_text())
    sandbox = _sandbox(wanted, directory)
    control = ControlServer(sandbox)
    await sandbox.start()
    await control.start()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, control.stop_requested.set)
    state = {"pid": os.getpid(), "port": control.port, "token": control.token}
    kubeconfig.write(directory / STATE, json.dumps(state).encode())
    # what is there now stays for good: it need not be looked at again and again
    gc.collect()
    gc.freeze()
    await control.stop_requested.wait()
    (directory / STATE).unlink(missing_ok=True)
    await control.stop()
    await sandbox.stop()


def main() -> None:
    """Serves the directory named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m karmactl.embedded DIRECTORY")
    try:
        asyncio.run(serve(Path(sys.argv[1])))
    except (KeepError, DamagedError, StartError) as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
