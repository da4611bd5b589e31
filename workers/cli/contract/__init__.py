"""What programs may rely on: how a command ends, how it tells a fault, and the form of what `--json` prints."""
