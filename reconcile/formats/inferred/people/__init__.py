"""Who sent each row and to whom: senders, directions, accounts, rooms and names."""
