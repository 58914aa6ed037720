"""Tables of unknown make, whose columns the user confirms."""
