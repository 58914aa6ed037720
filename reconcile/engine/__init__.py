"""The alignment model: which records of two exports are one message, what became of the others, and the verdict of each conversation."""
