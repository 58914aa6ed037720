"""Rows inside plain text and Markdown, by the lines that begin a message."""
