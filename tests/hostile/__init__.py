"""Attacks on the program through its input: each ends in one clear line or a note, soon and small."""
