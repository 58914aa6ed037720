"""Words of many languages behind a clock for the halves of the day, as AM and PM."""

# ruff: noqa: RUF001 - words of many scripts
import re

import polars as pl

from reconcile.column_ops import occurs, present

# The word for the half before noon and that for the other, by language.
_PAIRS = (
    "π.μ. μ.μ. πμ μμ पूर्वाह्न अपराह्न म.पू. म.उ. পূর্বাহ্ণ অপরাহ্ণ முற்பகல் பிற்பகல் ಪೂರ್ವಾಹ್ನ ಅಪರಾಹ್ನ ਪੂ.ਦੁ. ਬਾ.ਦੁ. ق.ظ. ب.ظ. ق.ظ ب.ظ قبل\u200cازظهر بعدازظهر ጥዋት ከሰዓት "
    "de. du. ÖÖ ÖS p.d. m.d. SA CH PG PTG ก่อนเที่ยง หลังเที่ยง ព្រឹក ល្ងាច ກ່ອນທ່ຽງ ຫຼັງທ່ຽງ дп пп ДП ПП пр.об. сл.об. претпл. попл. dop. odp. dop. pop. priešpiet popiet "
    "priekšp. pēcp. ap. ip. fm em vm. nm. vorm. nachm. yb yh r.n. i.n. ү.ө. ү.х. TO TK לפנה״צ אחה״צ Asubuhi Mchana sáng chiều"
)
_LISTED = _PAIRS.split()
_HALVES = {**dict.fromkeys(_LISTED[::2], "AM"), **dict.fromkeys(_LISTED[1::2], "PM")}
_WORDS = "|".join(re.escape(w) for w in sorted(_HALVES, key=len, reverse=True))
# A time of up to twelve hours that begins a text, behind the name of a month or not, such a word, and what ends a time.
_CLOCK = r"^\W*(?:[^\W\d]{3,12}\.?\s)?[0-9][0-9\W]{0,30}?(?:\b0?[0-9]|\b1[0-2])[:.][0-9]{2}(?:[:.][0-9]{2})?"
_TIMED = rf"(?P<before>{_CLOCK})[\s\u00a0\u202f]?(?P<half>{_WORDS})(?P<rest>(?:[\])）,،]|\s?[|｜]|\s[-–]\s).*|\s*)$"
# What every such time has; the whole pattern takes 10 ms to compile.
_BEHIND_FIGURE = rf"[0-9][\s\u00a0\u202f]?(?:{_WORDS})"
_WORD, _LOOK = r"[0-9][\s\u00a0\u202f]?[^\s\d:./,+T)\]-]", 200


def with_common_halves(texts: pl.Series) -> pl.Series:
    """The texts with AM or PM behind the clock that begins them, where most name the half otherwise."""
    some = present(texts.head(_LOOK)) if texts.dtype == pl.String else texts.clear()
    if not occurs(_WORD, some) or not occurs(_BEHIND_FIGURE, some):
        return texts
    timed = some.filter(some.str.contains(rf"{_CLOCK}\D")) if some.len() else some
    if timed.is_empty() or 2 * int(timed.str.contains(_TIMED).sum()) <= timed.len():
        return texts
    parts = texts.str.extract_groups(_TIMED).struct.unnest()
    half = parts["half"].replace_strict(_HALVES, default=None, return_dtype=pl.String)
    told = parts.select(pl.concat_str("before", pl.lit(" "), half, "rest").alias("t"))["t"]
    return told.fill_null(texts).alias(texts.name)
