"""Which conversations and which senders of the two exports are one."""
