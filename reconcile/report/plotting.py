"""lets-plot, loaded without the warnings that Python has about its docstrings."""

import warnings

with warnings.catch_warnings():
    # Its docstrings contain invalid escapes, which Python warns about when it compiles them.
    warnings.simplefilter("ignore")
    import lets_plot

__all__ = ["lets_plot"]
