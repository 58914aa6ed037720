"""Message bodies, by kind: `body.read_body` is the entry."""
