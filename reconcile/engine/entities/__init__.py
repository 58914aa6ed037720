"""Entities: which conversations and which senders of the two exports are the same."""
