"""The engine: drives the ports. It reads members, compares, sends, waits and keeps state; it decides no placement."""
