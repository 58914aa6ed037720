"""How the content of two rows compares: the rules of form and substance, and what a tool does to every text."""
