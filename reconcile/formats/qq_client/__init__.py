"""QQ's own store, as its desktop and phone clients of the NT generation keep it."""
