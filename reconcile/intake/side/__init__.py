"""Side tables of the clients' stores: what they say of messages, as partial rows of Witnesses, whether or not the row is there."""
