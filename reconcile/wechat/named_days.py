"""Days with names of months and weekdays, such as `5. März 2024`: patterns, and months as numbers."""

import polars as pl

from reconcile.column_ops import occurs

# The name of a day in brackets, in any language.
LETTERS_IN_BRACKETS = r"[（(][^\W\d_]{1,12}\.?[）)]"
# The twelve months in English, German, French, Spanish, Portuguese, Italian and Dutch.
_MONTHS = (
    "Jan(?:uary?|uari|vier|eiro)?|Jänner|Janv|Enero|Ene|Gennaio|Gen|янв(?:аря)?", "Feb(?:ruary?|ruari|rero|braio)?|Févr?(?:ier)?|Fevereiro|Fev|фев(?:раля)?", "Mar(?:ch|s|zo|ço)?|März?|Maart|Mrt|мар(?:та)?", "Apr(?:il|ile)?|Avr(?:il)?|Abr(?:il)?|апр(?:еля)?",
    "Ma[yi]|Mayo|Maio|Maggio|Mag|Mei|мая", "June?|Juni|Juin|Junio|Junho|Giugno|Giu|июн[ья]?", "July?|Juli|Juil(?:let)?|Julio|Julho|Luglio|Lug|июл[ья]?", "Aug(?:ust|ustus)?|Août|Ago(?:sto)?|авг(?:уста)?",
    "Sept?(?:ember|embre|iembre)?|Set(?:embro|tembre)?|сент?(?:ября)?", "O[ck]t(?:ober|obre|ubre)?|Out(?:ubro)?|Ott(?:obre)?|окт(?:ября)?", "Nov(?:ember|embre|iembre|embro)?|ноя(?:бря)?", "De[cz](?:ember|embro)?|Déc(?:embre)?|Dic(?:iembre|embre)?|дек(?:абря)?",
)  # fmt: skip
ANY_MONTH = f"(?:{'|'.join(_MONTHS)})"
# Every month's name has such letters, and that of figures has its sign.
_LETTERS = "(?i)[a-zà-ÿа-я]{3}|月 "
WEEKDAY_NAMES = (
    "(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Sonnabend|Mo|Di|Mi|Do|Fr|Sa|So"
    "|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lun|mar|mer|jeu|ven|sam|dim|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo"
    "|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica|(?:maan|dins|woens|donder|vrij|zater|zon)dag"
)
_WEEKDAY = rf"(?:(?:{WEEKDAY_NAMES})\.?,? +)?"
_DAY_NUMBER, _YEAR = "([0-9]{1,2})(?:st|nd|rd|th|er|º|\\.)?", "([0-9]{4})"
_OF = "(?:de |di )?"
BEFORE_CLOCK = "(?:at|um|à|às|a las|alle|в)"
# What Russian writes behind a year.
_YEAR_WORD = "(?: \u0433\\.)?"
# As pages of English make write Chinese: `3月 5, 2024`.
_MONTH_OF_FIGURES = "[0-9]{1,2}月 +[0-9]{1,2}, +[0-9]{4}"
# `Mar 5, 2024`, `March 5th 2024`, `5 Mar 2024`, `5. März 2024`, with or without the day of the week before it.
NAMED_DAY = f"(?i:{_WEEKDAY}(?:{ANY_MONTH}\\.? +[0-9]{{1,2}}(?:st|nd|rd|th)?,? +[0-9]{{4}}|[0-9]{{1,2}}(?:st|nd|rd|th|er|º|\\.)? +{_OF}{ANY_MONTH}\\.?,? +{_OF}[0-9]{{4}}{_YEAR_WORD}|[0-9]{{1,2}}[-/]{ANY_MONTH}[-/](?:20)?[0-9]{{2}}|{_MONTH_OF_FIGURES}))"
# A word amid figures, as every day of NAMED_DAY has it.
_LETTER, _OF_ANY_CASE = "[A-Za-zÀ-ÿА-я]", "(?:[Dd][EeIi] )?"
_WORD_AMID_FIGURES = (
    rf"{_LETTER}{{3}}\.? +[0-9]{{1,2}}[A-Za-z]{{0,2}},? +[0-9]{{4}}|月 +[0-9]"
    rf"|[0-9][A-Za-zº.]{{0,2}}(?: +{_OF_ANY_CASE}|[-/]){_LETTER}{{3,10}}(?:\.?,? +{_OF_ANY_CASE}[0-9]|[-/])[0-9]{{2}}"
)
# A time as C writes it, in any language: `Tue Mar 05 08:02:15 2024`.
OF_C = r"\p{L}{2,4}\.?\s+\p{L}{3,5}\.?\s+[0-9]{1,2}\s+[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\s+(?:[+-][0-9]{4}|UTC|GMT))?\s+[0-9]{4}"
# Parts that take long to compile, each with what every match of it has, and what stands for a part that matches nothing.
_SLOW_PARTS = {
    NAMED_DAY: _WORD_AMID_FIGURES,
    LETTERS_IN_BRACKETS: r"[（(][^0-9()（） ]+[）)]",
    OF_C: r"[0-9]\s+[0-9]{2}:[0-9]{2}:[0-9]{2}\s+(?:\S{3,5}\s+)?[0-9]{4}",
}
_NEVER = "[a&&b]"
# A day and a clock as Oracle writes them.
_ORACLE = rf"(?i)^\s*([0-9]{{1,2}})-({ANY_MONTH})-(?:20)?([0-9]{{2}}) ([0-9]{{1,2}})[.:]([0-9]{{2}})[.:]([0-9]{{2}})"


def fitted(pattern: str, texts: pl.Series) -> str:
    """The pattern without parts that are slow to compile, where nothing in these texts is like them.

    It finds the same in these texts. To compile such a part often takes longer than the search.
    """
    for part, sign in _SLOW_PARTS.items():
        if part in pattern and not occurs(sign, texts):
            pattern = pattern.replace(part, _NEVER)
    return pattern


def months_as_numbers(raw: pl.Series) -> pl.Series:
    """`Mar 5, 2024` and `5 March 2024` as `2024-3-5`, anywhere in a text."""
    if not occurs(_LETTERS, raw):
        # Two letters are no month: the rest of most spellings is `PM`.
        return raw
    if occurs(_MONTH_OF_FIGURES, raw):
        raw = raw.str.replace(r"([0-9]{1,2})月 +([0-9]{1,2}), +([0-9]{4})\b,?", "${3}-${1}-${2}")
    for number, name in enumerate(_MONTHS, 1):
        if occurs(f"(?i){name}", raw):
            month_first = rf"(?i)\b{_WEEKDAY}(?:{name})\.? +{_DAY_NUMBER},? +{_YEAR}\b,?(?: +{BEFORE_CLOCK}\b)?"
            day_first = rf"(?i)\b{_WEEKDAY}{_DAY_NUMBER} +{_OF}(?:{name})\.?,? +{_OF}{_YEAR}\b{_YEAR_WORD},?(?: +{BEFORE_CLOCK}\b)?"
            # As C and some services write it: `Mon Mar 04 10:02:07 +0800 2024`.
            year_last = rf"(?i)\b{_WEEKDAY}(?:{name})\.? +{_DAY_NUMBER} +([0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})( +(?:[+-][0-9]{{4}}|UTC|GMT))? +{_YEAR}\b"
            raw = raw.str.replace(
                rf"(?i)^\s*([0-9]{{1,2}})[-/](?:{name})[-/](?:20)?([0-9]{{2}})([ ,]+[0-9]{{1,2}}:)",
                f"20${{2}}-{number}-${{1}}${{3}}",
            )
            raw = raw.str.replace(_ORACLE.replace(ANY_MONTH, name), f"20${{3}}-{number}-${{1}} ${{4}}:${{5}}:${{6}}")
            raw = raw.str.replace(year_last, f"${{4}}-{number}-${{1}} ${{2}}${{3}}")
            raw = raw.str.replace(month_first, f"${{2}}-{number}-${{1}}").str.replace(
                day_first, f"${{2}}-{number}-${{1}}"
            )
    return raw
