"""How a server knows us: keys and their public halves."""
