"""Commands for many patients at once: `assess` files, `export` a server, and `bench`, how fast it is."""
