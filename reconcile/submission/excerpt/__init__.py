"""Places an excerpt in its export by words and order where times do not suffice.

The steps are seeds, chain, filling and judgement.
"""
