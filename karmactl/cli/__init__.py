"""The command line: one file a command (options in, one call, rendering, exit status) and the wiring of adapters."""
