"""One exchange with a server: how long it may take, and what it means when the network fails it."""
