"""ChatLab: its interchange form as JSON and JSON lines."""
