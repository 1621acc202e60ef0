"""The pure middle: values in, decisions out. No network, files, clock, chance or terminal is reached from here."""
