"""The command line: one file a group of commands, and the options and output that they share."""
