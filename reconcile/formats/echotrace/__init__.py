"""EchoTrace: JSON."""
