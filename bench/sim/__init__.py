"""The simulator: tells a true conversation, writes each device's copy, damages the copies and keeps the ledger of what is true."""
