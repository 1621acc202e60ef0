"""`python -m karmactl`."""

from karmactl.cli.app import main

main()
