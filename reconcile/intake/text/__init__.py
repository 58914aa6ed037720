"""Text files: encodings, lines, blocks, mails, XML, TOML."""
