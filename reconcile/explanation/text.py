"""An explanation in words, line by line, Chinese or English."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from reconcile.wording import Lang, has, name_of, say
from reconcile.wording.instants import china_time

Facts = dict[str, Any]
_NAMES_WIDE, _LONGEST_BAR = 12, 25


def as_text(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    """The explanation as lines for a terminal; `names` = what each side is called."""
    return [
        *_row_lines(found, names, lang),
        "",
        *_finding_lines(found, names, lang),
        *_weights(found, lang),
        *_hypotheses(found, lang),
        *_listed("alternatives", [_alternative(a, lang) for a in found["alternatives"]], lang),
        *_listed("changes", [change_in_words(c, lang) for c in found["changes"]], lang),
        *_causes(found, lang),
        *_open_questions(found, lang),
    ]


def _row_lines(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    side, message = names[found["side"]], found["message"]
    head = _t(
        "row", lang, side=side, row=found["row"], locator=found["locator"] or "", conversation=found["conversation"]
    )
    return [head, "  " + _shown(message, lang)]


def _shown(message: Facts, lang: Lang) -> str:
    who = message.get("sender_name") or message.get("sender") or message.get("party") or _t("no_sender", lang)
    kind = name_of(f"verdict.kind.{message.get('kind', '')}", lang)
    at = china_time(message.get("sent_at")) or message.get("sent_raw") or _t("no_time", lang)
    return f"{at} · {who} · {kind} · {message.get('text', '')}"


def _finding_lines(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    line = found["found"]
    cause = name_of(f"verdict.cause.{line['cause']}", lang) if line["cause"] else _t("none", lang)
    out = [_t("found", lang, relation=name_of(f"verdict.relation.{line['relation']}", lang), cause=cause)]
    if line["method"]:
        out.append(_t("method", lang, method=name_of(f"verdict.method.{line['method']}", lang)))
    if found["partner"]:
        out += [_t("partner", lang, row=found["partner"]), "  " + _shown(found["other_message"], lang)]
        likeness = "–" if line["similarity"] is None else _floored(line["similarity"])
        out.append(_t("distance", lang, similarity=likeness, seconds=line["offset_seconds"], **names))
    # Cut instead of rounded, as on the review page: a computed probability never prints as certainty.
    out.append(_t("confidence", lang, confidence=f"{min(99.9, _floored(100 * line['confidence'], 1)):g}%"))
    return out


def _weights(found: Facts, lang: Lang) -> list[str]:
    """The factors as a waterfall with their sum; of a row that was settled or not compared, a sentence."""
    if not found["is_compared"]:
        return ["", _a("not_compared", lang)]
    if not found["factors"]:
        method = found["found"]["method"]
        settled = _a("equal", lang, name=name_of(f"verdict.method.{method}", lang))
        return ["", settled if found["partner"] else _a("no_candidate", lang)]
    head = _a("of_pair" if found["partner"] else "of_candidate", lang, row=found["other"])
    out = ["", head] if found["partner"] else ["", head, "  " + _shown(found["other_message"], lang)]
    out += [_bar(_a(f"factor_{f['name']}", lang), f["log_odds"], factor_in_words(f, lang)) for f in found["factors"]]
    if found["sum"] is not None:
        out.append(_bar(_a("sum", lang), found["sum"], ""))
    return [*out, f"  {_a('scale', lang)}"]


def _bar(name: str, odds: float, told: str) -> str:
    sign = "+" if odds >= 0 else "-"
    bar = sign * min(max(round(abs(odds)), 1), _LONGEST_BAR)
    return f"  {name}{' ' * (_NAMES_WIDE - _width(name))} {nats(odds):>6}  {bar}  {told}".rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def nats(odds: float) -> str:
    """Log-odds as printed."""
    return f"{odds:+.1f}"


def factor_in_words(factor: Facts, lang: Lang) -> str:
    """What was found of one attribute."""
    name, value = factor["name"], factor["value"]
    n = "–" if value is None else f"{value:g}" if name == "time" else f"{_floored(value):g}"
    return _a(f"{name}_{factor['text']}", lang, n=n)


def _hypotheses(found: Facts, lang: Lang) -> list[str]:
    if not found["hypotheses"]:
        return []
    out = ["", _a("hypotheses", lang)]
    for one in found["hypotheses"]:
        odds = "" if one["log_odds"] is None else f" {nats(one['log_odds'])}"
        name = name_of(f"verdict.cause.{one['cause']}", lang)
        told = hypothesis_in_words(one, lang)
        out.append(f"  {name}{odds}{_t('colon', lang)}{told}")
    return out


def hypothesis_in_words(one: Facts, lang: Lang) -> str:
    """Whether a hypothesis holds, what rules it out, or what it would need."""
    key = f"account.state_{one['state']}"
    told = say(key, lang) if has(key) else str(one["state"])
    if one["state"] != "none":
        return told
    return f"{told}{_t('comma', lang)}{_a('needs_' + one['cause'], lang)}"


def _alternative(one: Facts, lang: Lang) -> str:
    return f"{nats(one['log_odds'])}  {alternative_in_words(one, lang)}"


def alternative_in_words(one: Facts, lang: Lang) -> str:
    """Another partner, none, or another cause."""
    if one["name"] == "partner":
        return _a(f"alternative_partner_{one['text']}", lang, row=one["other"])
    key = f"account.alternative_{one['name']}"
    return say(key, lang) if has(key) else name_of(f"verdict.cause.{one['name']}", lang)


def change_in_words(change: Facts, lang: Lang) -> str:
    """One circumstance that would change the decision."""
    text, odds, name = change["text"], change["log_odds"], change["name"]
    what = ""
    if text == "undone":
        what = _a(f"undone_{name}", lang)
    if text == "unstated" and odds is None:
        text = "unknown"
    keys = (f"account.factor_{name}", f"verdict.method.{name}", f"verdict.cause.{name}")
    called = next((say(k, lang) for k in keys if has(k)), name)
    n = f"{odds:.1f}" if odds is not None else "–" if change["value"] is None else f"{math.floor(change['value']):g}"
    return _a(f"change_{text}", lang, n=n, name=called, what=what)


def _listed(title: str, told: list[str], lang: Lang) -> list[str]:
    return ["", _a(title, lang), *(f"  - {one}" for one in told)] if told else []


def _causes(found: Facts, lang: Lang) -> list[str]:
    out = []
    if found["causes"]:
        out += ["", _t("causes", lang)]
        out += [
            f"  {name_of('verdict.cause.' + c['cause'], lang)}{_t('colon', lang)}{_t('state_' + c['state'], lang)}"
            for c in found["causes"]
        ]
    if found["irregular"]:
        told = _t("comma", lang).join(name_of(f"verdict.odd.{c}", lang) for c in found["irregular"])
        out += ["", _t("odd", lang, what=told)]
    return out


def _open_questions(found: Facts, lang: Lang) -> list[str]:
    out = []
    for key, group in (("not_excluded", "open"), ("tests_not_possible", "test")):
        if found[key]:
            words = _t("comma", lang).join(name_of(f"verdict.{group}.{code}", lang) for code in found[key])
            out += ["", _t(key, lang, what=words)]
    return out


def _floored(share: float, digits: int = 2) -> float:
    scale: float = 10.0**digits
    return math.floor(share * scale) / scale


def _a(key: str, lang: Lang, **values: object) -> str:
    return say(f"account.{key}", lang, **values)


def _t(key: str, lang: Lang, **values: object) -> str:
    return say(f"explain.{key}", lang, **values)
