"""Cleans the SVG that lets-plot writes, and translates its labels."""

import re
from functools import lru_cache

from reconcile.patterns import lazy_pattern
from reconcile.report.words import text_of
from reconcile.wording import LANGS, Lang


class _Labels:
    """The labels of the pictures in English, so that the drawn text can be translate_svg."""

    KEYS = (
        "report.span_held",
        "report.gap_lacked",
        "report.window_edge",
        "report.in_both",
        "report.only_here",
        "report.messages",
        "report.seconds",
        "verdict.relation.conflict",
    )

    SIDES = ("report.side_left", "report.side_right")

    @staticmethod
    @lru_cache(maxsize=2)
    def of(lang: Lang) -> dict[str, str]:
        """Drawn label -> label in the language; default names of the sides may be drawn in either language."""
        sides = {text_of(key, of): text_of(key, lang) for key in _Labels.SIDES for of in LANGS}
        return sides | {text_of(key, "en"): text_of(key, lang) for key in _Labels.KEYS}


def translate_svg(svg: str, lang: Lang) -> str:
    """The picture with labels in the language, and ids specific to it."""
    svg = svg.replace("-LANG-", f"-{lang}-")
    labels = _Labels.of(lang)

    def put_label(match: re.Match[str]) -> str:
        """The translate_svg label of a drawn text; unknown texts stay."""
        lane, side = match.groups()
        return f">{lane or ''}{labels.get(side, side)}<"

    bins = _BINS.sub(lambda m: ">" + text_of("report.pic_bins", lang, n=int(m.group(1))) + "<", svg)
    return _TEXT.sub(put_label, bins)


_STYLE = lazy_pattern(r"<style[^>]*>.*?</style>", re.DOTALL)
_RULE = lazy_pattern(r"#(\w+) \.([\w-]+) \{([^}]*)\}")
_SIZE = lazy_pattern(r'(?:display="block" )?class="plt-container" width="(\d+)(?:\.0)?" height="(\d+)(?:\.0)?"')


_LONG_NUMBER = lazy_pattern(r"(\d+\.\d\d)\d+")
# Attributes outside of every SVG version, and styles with default values.
_FOREIGN = lazy_pattern(r' (?:clip-bounds-jfx|buffered-rendering)="[^"]*"| (?:fill|stroke)-opacity="1\.0"| style=""')
# Text as lets-plot writes it: our labels, and the label with the number of days.
_TEXT = lazy_pattern(r">(\d+ · )?([^<>\n]+)<")
_BINS = lazy_pattern(r">days a bar: (\d+)<")
_GAPS = lazy_pattern(r">\s+<")
_IDS = lazy_pattern(r'\bid="(\w+)"')
_NAMED = lazy_pattern(r"(?<=[\"#])\w+")


def normalise_svg(svg: str, name: str) -> str:
    """The SVG with its random ids renumbered and unused style rules removed."""
    used = set(re.findall(r'class="([^"]+)"', svg))
    names = {c for classes in used for c in classes.split()}

    def keep_rules(match: re.Match[str]) -> str:
        """The style element with the rules whose class occurs in the picture."""
        kept = [m.group() for m in _RULE.finditer(match.group()) if m.group(2) in names]
        return "<style>\n" + "\n".join(kept) + "\n</style>" if kept else ""

    svg = _STYLE.sub(keep_rules, svg)
    numbered = {found: f"{name}-LANG-{number}" for number, found in enumerate(dict.fromkeys(_IDS.findall(svg)))}
    svg = _NAMED.sub(lambda m: numbered.get(m.group(), m.group()), svg)
    svg = _SIZE.sub(r'viewBox="0 0 \1 \2" width="\1" height="\2"', svg, count=1)
    svg = _FOREIGN.sub("", _LONG_NUMBER.sub(r"\1", svg))
    return _GAPS.sub(">\n<", svg.replace("&quot;", "'"))
