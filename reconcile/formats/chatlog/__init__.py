"""chatlog: saved answers of its HTTP interface."""
