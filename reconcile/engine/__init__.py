"""The alignment model: which records of two exports are the same message, and what became of the rest.

It also gives each conversation its verdict.
"""
