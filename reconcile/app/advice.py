"""Shows an error line on the page: advice for the command line becomes advice for the page."""

from reconcile.patterns import lazy_pattern
from reconcile.wording import Lang, say

_CLAUSES = lazy_pattern(r"(?<=[；;])\s*")
# A command, an option or a page of the documentation: the page's users know none of these.
_TERMINAL = lazy_pattern(r"`reconcile (?P<command>[a-z-]+)|--(?P<option>[a-z-]+)|docs/")
_INSTEAD = {
    "check": "check",
    "compare": "both_sides",
    "columns": "columns",
    "owner": "owner",
    "timezone": "columns",
    "reader": "one_export",
}
# The option that a line is about, before its value.
_ABOUT = lazy_pattern(r"^--(?P<option>[a-z-]+) (?=\S+[:：])")


def for_page(line: str, lang: Lang) -> str:
    """The line without clauses about commands, followed by the page's own advice in their place."""
    kept, advice = [], {}
    about = _ABOUT.match(line)
    if about and about["option"] not in _INSTEAD:
        line = line[about.end() :]
    for clause in _CLAUSES.split(line):
        found = _TERMINAL.search(clause)
        if found is None:
            kept.append(clause)
        elif told := _INSTEAD.get(found["command"] or found["option"] or ""):
            advice[told] = say(f"app.advice_{told}", lang)
    said = "".join(kept) if lang == "zh" else " ".join(kept)
    stop, gap = ("。", "") if lang == "zh" else (".", " ")
    return (
        gap.join((f"{said.rstrip('；; .。')}{stop}", *advice.values())) if kept else gap.join(advice.values()) or line
    )
