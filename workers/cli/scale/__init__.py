"""Commands for many patients at once."""
