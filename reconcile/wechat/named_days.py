"""Days with names of months and weekdays, such as `5. März 2024`: patterns, and months as numbers."""

# ruff: noqa: RUF001 - words of many scripts
import polars as pl

from reconcile.column_ops import none_of, occurs

# The name of a day in brackets, in any language.
LETTERS_IN_BRACKETS = r"[（(][^\W\d_]{1,12}\.?[）)]"
# The names of the twelve months: English, German, French, Spanish, Portuguese, Italian, Dutch and Russian; then Turkish, Polish,
# Czech, Greek, Ukrainian, Thai and Vietnamese.
_MONTHS = (
    "Jan(?:uary?|uari|vier|eiro)?|Jänner|Janv|Enero|Ene|Gennaio|Gen|янв(?:аря)?"
    "|Oca(?:k)?|sty(?:cze[nń]|cznia)?|ledna|leden|Ιαν(?:ουαρίου)?|січ(?:ня)?|ม\\.ค|มกราคม|(?:tháng|thg) 0?1",
    "Feb(?:ruary?|ruari|rero|braio)?|Févr?(?:ier)?|Fevereiro|Fev|фев(?:раля)?"
    "|Şub(?:at)?|lut(?:y|ego)?|února?|Φεβ(?:ρουαρίου)?|лют(?:ого)?|ก\\.พ|กุมภาพันธ์|(?:tháng|thg) 0?2",
    "Mar(?:ch|[sc]a?|zo|ço|t|zec)?|März?|Maart|Mrt|мар(?:та)?"
    "|břez(?:na|en)|Μαρ(?:τίου)?|бер(?:езня)?|มี\\.ค|มีนาคม|(?:tháng|thg) 0?3",
    "Apr(?:il|ile)?|Avr(?:il)?|Abr(?:il)?|апр(?:еля)?"
    "|Nis(?:an)?|kwi(?:ecień|etnia)?|dub(?:na|en)?|Απρ(?:ιλίου)?|квіт(?:ня)?|เม\\.ย|เมษายน|(?:tháng|thg) 0?4",
    "Mayıs|Mayo|Ma[yi]|Maio|Maggio|Mag|Mei|мая"
    "|maja?|květ(?:na|en)|Μα[ΐι](?:ου)?|трав(?:ня)?|พ\\.ค|พฤษภาคม|(?:tháng|thg) 0?5",
    "June?|Juni|Juin|Junio|Junho|Giugno|Giu|июн[ья]?"
    "|Haz(?:iran)?|cze(?:rwiec|rwca)?|červ(?:na|en)|Ιουν(?:ίου)?|черв(?:ня)?|มิ\\.ย|มิถุนายน|(?:tháng|thg) 0?6",
    "July?|Juli|Juil(?:let)?|Julio|Julho|Luglio|Lug|июл[ья]?"
    "|Tem(?:muz)?|lip(?:iec|ca)|červen(?:ce|ec)|Ιουλ(?:ίου)?|лип(?:ня)?|ก\\.ค|กรกฎาคม|(?:tháng|thg) 0?7",
    "Aug(?:ust|usti|ustus)?|Août|Ago(?:sto)?|авг(?:уста)?"
    "|Agustus|Ağu(?:stos)?|sie(?:rpień|rpnia)?|srp(?:na|en)|Αυγ(?:ούστου)?|серп(?:ня)?|ส\\.ค|สิงหาคม|(?:tháng|thg) 0?8",
    "Sept?(?:ember|embre|iembre)?|Set(?:embro|tembre)?|сент?(?:ября)?"
    "|Eyl(?:ül)?|wrz(?:esień|eśnia)?|září|Σεπ(?:τεμβρίου)?|вер(?:есня)?|ก\\.ย|กันยายน|(?:tháng|thg) 0?9",
    "O[ck]t(?:ober|obre|ubre)?|Out(?:ubro)?|Ott(?:obre)?|окт(?:ября)?"
    "|Eki(?:m)?|paź(?:dziernika?)?|říj(?:na|en)|Οκτ(?:ωβρίου)?|жовт(?:ня)?|ต\\.ค|ตุลาคม|(?:tháng|thg) 10",
    "Nov(?:ember|embre|iembre|embro)?|ноя(?:бря)?"
    "|Kas(?:ım)?|listopadu|lis(?:topada?)?|Νο[εέ](?:μβρίου)?|лист(?:опада)?|พ\\.ย|พฤศจิกายน|(?:tháng|thg) 11",
    "De[czs](?:ember|embro)?|Déc(?:embre)?|Dic(?:iembre|embre)?|дек(?:абря)?"
    "|Ara(?:lık)?|gru(?:dzień|dnia)?|prosin(?:ce|ec)|Δεκ(?:εμβρίου)?|груд(?:ня)?|ธ\\.ค|ธันวาคม|(?:tháng|thg) 12",
)
ANY_MONTH = f"(?:{'|'.join(_MONTHS)})"
# Letters of such names, three of which every name has with its points; that of figures has its sign.
_OF_WORDS = "A-Za-z\u00c0-\u024f\u0370-\u04ff\u0e00-\u0e7f\u1e00-\u1eff"
_LETTERS = f"[{_OF_WORDS}.]{{3}}|月 "
WEEKDAY_NAMES = (
    "(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Sonnabend|Mo|Di|Mi|Do|Fr|Sa|So"
    "|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lun|mar|mer|jeu|ven|sam|dim|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo"
    "|Pazar(?:tesi)?|Salı|Çarşamba|Perşembe|Cuma(?:rtesi)?|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica|(?:maan|dins|woens|donder|vrij|zater|zon)dag"
)
_WEEKDAY = rf"(?:(?:{WEEKDAY_NAMES})\.?,? +)?"
_DAY_NUMBER, _YEAR = "([0-9]{1,2})(?:st|nd|rd|th|er|º|\\.)?", "([0-9]{4})"
_OF = "(?:de |di )?"
BEFORE_CLOCK = "(?:at|um|à|às|a las|alle|в)"
# The word for a clock behind it, in German, Dutch, Spanish and Thai.
BEHIND_CLOCK = r"(?:Uhr|uur|hrs?\.?|h|น\.)"
# What Russian writes behind a year.
_YEAR_WORD = "(?: \u0433\\.)?"
# As pages of English make write Chinese: `3月 5, 2024`.
_MONTH_OF_FIGURES = "[0-9]{1,2}月 +[0-9]{1,2}, +[0-9]{4}"
# `Mar 5, 2024`, `March 5th 2024`, `5 Mar 2024`, `5. März 2024`, with or without the day of the week before it.
NAMED_DAY = f"(?i:{_WEEKDAY}(?:{ANY_MONTH}\\.? +[0-9]{{1,2}}(?:st|nd|rd|th)?,? +[0-9]{{4}}|[0-9]{{1,2}}(?:st|nd|rd|th|er|º|\\.)? +{_OF}{ANY_MONTH}\\.?,? +{_OF}[0-9]{{4}}{_YEAR_WORD}|[0-9]{{1,2}}[-/]{ANY_MONTH}[-/](?:20)?[0-9]{{2}}|{_MONTH_OF_FIGURES}))"
# A word amid figures, as every day of NAMED_DAY has it.
_LETTER, _OF_ANY_CASE = f"[{_OF_WORDS}.]", "(?:[Dd][EeIi] )?"
_WORD_AMID_FIGURES = (
    rf"{_LETTER}{{3}}\.? +[0-9]{{1,2}}[A-Za-z]{{0,2}},? +[0-9]{{4}}|月 +[0-9]"
    rf"|[0-9][A-Za-zº.]{{0,2}}(?: +{_OF_ANY_CASE}|[-/]){_LETTER}{{3,14}}(?: [0-9]{{1,2}})?(?:\.?,? +{_OF_ANY_CASE}[0-9]|[-/])[0-9]{{2}}"
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


def hold(pattern: str, texts: pl.Series) -> pl.Series:
    """Which texts hold a pattern; without a search where it is one slow part, and nothing is like it."""
    found = fitted(pattern, texts)
    return none_of(texts) if found == _NEVER else texts.str.contains(found)


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
