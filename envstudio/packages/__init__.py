"""Getting the exact files that a lock names, for whoever builds with them or runs in them."""
