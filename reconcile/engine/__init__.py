"""The alignment model: which records of two exports are the same message, and what became of the rest.

`compare.py` is the pipeline on one page: `preparation/` and `entities/` make rows comparable, `clocks/` and `pairs/` align
them, `judgement/`, `content/` and `times/` say what each pair shows, `references/`, `coverage.py` and `hypotheses/` weigh
why a record has no partner, `classify.py` decides, and `graph/` and `verdict.py` give each conversation its verdict.
"""
