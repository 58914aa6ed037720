"""What keeps material in hand: seals over files, the custody log, time-stamp tokens, and the payment statement."""
