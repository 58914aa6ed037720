"""What each accepted pair shows: equal or altered, and one sender or two."""
