"""An explanation in words, line by line, Chinese or English."""

import math
from collections.abc import Mapping
from typing import Any

from reconcile.visible_text import display_width
from reconcile.wording import Lang, has, name_of, say
from reconcile.wording.causes import cause_named
from reconcile.wording.instants import china_time

Facts = dict[str, Any]
_NAMES_WIDE, _LONGEST_BAR = 12, 25


def as_text(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    """The explanation as lines for a terminal; `names` = what each side is called."""
    return [
        *_row_lines(found, names, lang),
        "",
        *_finding_lines(found, names, lang),
        *_waterfall_lines(found, lang),
        *_hypothesis_lines(found, lang),
        *_list_lines(
            "alternatives",
            [f"{nats(a['log_odds'])}  {alternative_in_words(a, lang)}" for a in found["alternatives"]],
            lang,
        ),
        *_list_lines("changes", [change_in_words(c, lang) for c in found["changes"]], lang),
        *_cause_lines(found, lang),
        *_open_questions(found, lang),
    ]


def _row_lines(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    """The explained row: where it is, and its message."""
    side, message = names[found["side"]], found["message"]
    head = _say(
        "row", lang, side=side, row=found["row"], locator=found["locator"] or "", conversation=found["conversation"]
    )
    return [head, "  " + _message_line(message, lang)]


def _message_line(message: Facts, lang: Lang) -> str:
    """A message in one line: time, sender, kind, text."""
    who = message.get("sender_name") or message.get("sender") or message.get("party") or _say("no_sender", lang)
    kind = name_of(f"verdict.kind.{message.get('kind', '')}", lang)
    at = china_time(message.get("sent_at")) or message.get("sent_raw") or _say("no_time", lang)
    return f"{at} · {who} · {kind} · {message.get('text', '')}"


def _finding_lines(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    """Relation, cause, method, partner and confidence of the row."""
    line = found["found"]
    named = cause_named(line["cause"], line["detail"]) if line["cause"] else ""
    cause = name_of(f"verdict.cause.{named}", lang) if named else _say("none", lang)
    out = [_say("found", lang, relation=name_of(f"verdict.relation.{line['relation']}", lang), cause=cause)]
    if line["method"]:
        out.append(_say("method", lang, method=name_of(f"verdict.method.{line['method']}", lang)))
    if found["partner"]:
        out += [_say("partner", lang, row=found["partner"]), "  " + _message_line(found["other_message"], lang)]
        likeness = "–" if line["similarity"] is None else _round_down(line["similarity"])
        out.append(_say("distance", lang, similarity=likeness, seconds=line["offset_seconds"], **names))
    # Cut instead of rounded, as on the review page: a computed probability never prints as certainty.
    out.append(_say("confidence", lang, confidence=f"{min(99.9, _round_down(100 * line['confidence'], 1)):g}%"))
    return out


def _waterfall_lines(found: Facts, lang: Lang) -> list[str]:
    """The factors as a waterfall with their sum; of a row that was settled or not compared, a sentence."""
    if not found["is_compared"]:
        return ["", _say_account("not_compared", lang)]
    if not found["factors"]:
        method = found["found"]["method"]
        settled = _say_account("equal", lang, name=name_of(f"verdict.method.{method}", lang))
        return ["", settled if found["partner"] else _say_account("no_candidate", lang)]
    head = _say_account("of_pair" if found["partner"] else "of_candidate", lang, row=found["other"])
    out = ["", head] if found["partner"] else ["", head, "  " + _message_line(found["other_message"], lang)]
    out += [
        _bar_line(_say_account(f"factor_{f['name']}", lang), f["log_odds"], factor_in_words(f, lang))
        for f in found["factors"]
    ]
    if found["sum"] is not None:
        out.append(_bar_line(_say_account("sum", lang), found["sum"], ""))
    return [*out, f"  {_say_account('scale', lang)}"]


def _bar_line(name: str, odds: float, told: str) -> str:
    """One factor with its weight as a bar."""
    sign = "+" if odds >= 0 else "-"
    bar = sign * min(max(round(abs(odds)), 1), _LONGEST_BAR)
    return f"  {name}{' ' * (_NAMES_WIDE - display_width(name))} {nats(odds):>6}  {bar}  {told}".rstrip()


def nats(odds: float) -> str:
    """A log-odds value as printed."""
    return f"{odds:+.1f}"


def factor_in_words(factor: Facts, lang: Lang) -> str:
    """What was found of one attribute."""
    name, value = factor["name"], factor["value"]
    n = "–" if value is None else f"{value:g}" if name == "time" else f"{_round_down(value):g}"
    return _say_account(f"{name}_{factor['text']}", lang, n=n)


def _hypothesis_lines(found: Facts, lang: Lang) -> list[str]:
    """Each hypothesis with its weight and its state; nothing where none was tried."""
    if not found["hypotheses"]:
        return []
    out = ["", _say_account("hypotheses", lang)]
    for one in found["hypotheses"]:
        odds = "" if one["log_odds"] is None else f" {nats(one['log_odds'])}"
        name = name_of(f"verdict.cause.{one['cause']}", lang)
        words = hypothesis_in_words(one, lang)
        out.append(f"  {name}{odds}{_say('colon', lang)}{words}")
    return out


def hypothesis_in_words(one: Facts, lang: Lang) -> str:
    """Whether a hypothesis holds, what rules it out, or what it would need."""
    key = f"account.state_{one['state']}"
    words = say(key, lang) if has(key) else str(one["state"])
    if one["state"] != "none":
        return words
    return f"{words}{_say('comma', lang)}{_say_account('needs_' + one['cause'], lang)}"


def alternative_in_words(one: Facts, lang: Lang) -> str:
    """Another partner, none, or another cause."""
    if one["name"] == "partner":
        return _say_account(f"alternative_partner_{one['text']}", lang, row=one["other"])
    key = f"account.alternative_{one['name']}"
    return say(key, lang) if has(key) else name_of(f"verdict.cause.{one['name']}", lang)


def change_in_words(change: Facts, lang: Lang) -> str:
    """One circumstance that would change the decision."""
    text, odds, name = change["text"], change["log_odds"], change["name"]
    what = ""
    if text == "undone":
        what = _say_account(f"undone_{name}", lang)
    if text == "unstated" and odds is None:
        text = "unknown"
    keys = (f"account.factor_{name}", f"verdict.method.{name}", f"verdict.cause.{name}")
    called = next((say(k, lang) for k in keys if has(k)), name)
    n = f"{odds:.1f}" if odds is not None else "–" if change["value"] is None else f"{math.floor(change['value']):g}"
    return _say_account(f"change_{text}", lang, n=n, name=called, what=what)


def _list_lines(title: str, told: list[str], lang: Lang) -> list[str]:
    """A title with a list; nothing for an empty list."""
    return ["", _say_account(title, lang), *(f"  - {one}" for one in told)] if told else []


def _cause_lines(found: Facts, lang: Lang) -> list[str]:
    """The causes tried, and irregularities of the row."""
    out = []
    if found["causes"]:
        out += ["", _say("causes", lang)]
        out += [
            f"  {name_of('verdict.cause.' + c['cause'], lang)}{_say('colon', lang)}{_say('state_' + c['state'], lang)}"
            for c in found["causes"]
        ]
    if found["irregular"]:
        irregular = _say("comma", lang).join(name_of(f"verdict.odd.{c}", lang) for c in found["irregular"])
        out += ["", _say("odd", lang, what=irregular)]
    return out


def _open_questions(found: Facts, lang: Lang) -> list[str]:
    """Explanations not excluded and tests not possible."""
    out = []
    for key, group in (("not_excluded", "open"), ("tests_not_possible", "test")):
        if found[key]:
            words = _say("comma", lang).join(name_of(f"verdict.{group}.{code}", lang) for code in found[key])
            out += ["", _say(key, lang, what=words)]
    return out


def _round_down(share: float, digits: int = 2) -> float:
    scale: float = 10.0**digits
    return math.floor(share * scale) / scale


def _say_account(key: str, lang: Lang, **values: object) -> str:
    """The text `account.<key>` of the catalogue."""
    return say(f"account.{key}", lang, **values)


def _say(key: str, lang: Lang, **values: object) -> str:
    """The text `explain.<key>` of the catalogue."""
    return say(f"explain.{key}", lang, **values)
