"""Arrays in, arrays out: no I/O, no HTTP, no keras."""
