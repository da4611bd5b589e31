"""What was looked at by eye and is kept as it was, byte for byte."""
