"""Rows of one file or conversation, completed to the messages of a Reading."""
