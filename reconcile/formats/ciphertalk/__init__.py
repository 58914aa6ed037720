"""CipherTalk: detailed JSON."""
