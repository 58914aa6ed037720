"""Our own neutral form: the message table with its sidecar, and the post table."""
