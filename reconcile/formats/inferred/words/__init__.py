"""What a form writes inside and around the words of messages."""
