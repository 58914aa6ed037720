"""An explanation in words, line by line, Chinese or English."""

from collections.abc import Mapping
from typing import Any

from reconcile.terminal import china_time
from reconcile.wording import Lang, has, name_of, say

Facts = dict[str, Any]


def as_text(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    """The lines for a terminal: the row, what was found, candidates, rules, causes, what is not excluded; `names` = what each side is called."""
    return [
        *_row(found, names, lang),
        "",
        *_found(found, names, lang),
        *_pairing(found, names, lang),
        *_rules(found, lang),
        *_open(found, lang),
    ]


def _row(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
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


def _found(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    line = found["found"]
    cause = name_of(f"verdict.cause.{line['cause']}", lang) if line["cause"] else _t("none", lang)
    out = [_t("found", lang, relation=name_of(f"verdict.relation.{line['relation']}", lang), cause=cause)]
    if line["method"]:
        out.append(_t("method", lang, method=_method(line["method"], lang)))
    if found["partner"]:
        out.append(_t("partner", lang, row=f"{found['partner']['side']}:{found['partner']['row']}"))
        out.append("  " + _shown(found["partner"], lang))
        likeness = "–" if line["similarity"] is None else round(line["similarity"], 4)
        out.append(_t("distance", lang, similarity=likeness, seconds=line["offset_seconds"], **names))
    out.append(_t("confidence", lang, confidence=line["confidence"]))
    evidence = found["evidence"]
    if evidence:
        out.append(_t("evidence", lang, kind=class_of(evidence["class"], lang)))
        if not evidence["reproduced"]:
            out.append(_t("not_reproduced", lang))
    else:
        out.append(_t("not_matched", lang))
    return out


def _method(code: str, lang: Lang) -> str:
    return say(f"verdict.method.{code}", lang) if has(f"verdict.method.{code}") else _t(f"method_{code}", lang)


def class_of(code: str, lang: Lang) -> str:
    """A class of evidence in words: what was found of the row, and how it was paired or why it was not; an unknown one as its code."""
    relation, _, way = code.partition(":")
    keys = (f"explain.class_{way}", f"explain.method_{way}", f"verdict.method.{way}", f"verdict.cause.{way}")
    told = [name_of(f"verdict.relation.{relation}", lang), *(say(k, lang) for k in keys if has(k))]
    return _t("comma", lang).join(told[:2]) if len(told) > 1 else code


def _pairing(found: Facts, names: Mapping[str, str], lang: Lang) -> list[str]:
    if found["pairing_rules"] is None:
        return []
    clock = found["clock"]
    ids = _t("ids_trusted" if clock["ids_trusted"] else "ids_not_trusted", lang, n=clock["common_ids"])
    order = [_t("by_order", lang)] if clock["by_order_alone"] else []
    skew = _t("clock", lang, skew=clock["skew_seconds"], spread=clock["spread_seconds"], **names)
    out = ["", _t("steps", lang), f"  {skew}", f"  {ids}", *(f"  {o}" for o in order)]
    for step in found["pairing_rules"]:
        rows = "" if step["rows"] is None or step["state"] == "not_reached" else _t("rows", lang, n=step["rows"])
        out.append(f"  {_t('step_' + step['step'], lang)}{_t('colon', lang)}{_t('state_' + step['state'], lang)}{rows}")
    out += ["", _t("candidates" if found["candidates"] else "no_candidates", lang)]
    return out + [_candidate(c, found, lang) for c in found["candidates"]]


def _candidate(candidate: Facts, found: Facts, lang: Lang) -> str:
    side = "right" if found["side"] == "left" else "left"
    by = f"{found['side']}:{candidate['taken_by']}"
    against = [_t(f"against_{code}", lang, by=by) for code in candidate["against"]]
    for_it = [_t("same_id", lang)] if candidate["same_id"] else []
    told = (_t("comma", lang)).join(for_it + against) or _t("nothing_against", lang)
    mark = "*" if candidate["chosen"] else "-"
    seconds = (
        _t("no_time", lang)
        if candidate["seconds_apart"] is None
        else _t("seconds", lang, n=f"{candidate['seconds_apart']:g}")
    )
    figures = _t("figures", lang, similarity=candidate["similarity"], seconds=seconds, score=candidate["score"])
    return f"  {mark} {side}:{candidate['row']} · {candidate['text']} · {figures} · {told}"


def _rules(found: Facts, lang: Lang) -> list[str]:
    out = []
    if found["set_aside_rules"]:
        out += ["", _t("aside", lang)]
        for rule in found["set_aside_rules"]:
            key = (
                "verdict.detail.edge_unverified"
                if rule["rule"] == "edge_unverified"
                else f"verdict.cause.{rule['rule']}"
            )
            out.append(f"  {name_of(key, lang)}{_t('colon', lang)}{_t('state_' + rule['state'], lang)}")
    if found["causes"]:
        out += ["", _t("causes", lang)]
        out += [
            f"  {name_of('verdict.cause.' + c['cause'], lang)}{_t('colon', lang)}{_t('state_' + c['state'], lang)}"
            for c in found["causes"]
        ]
    if found["irregular"]:
        out += [
            "",
            _t("odd", lang, what=_t("comma", lang).join(name_of(f"verdict.odd.{c}", lang) for c in found["irregular"])),
        ]
    return out


def _open(found: Facts, lang: Lang) -> list[str]:
    out = []
    for key, group in (("not_excluded", "open"), ("tests_not_possible", "test")):
        if found[key]:
            words = _t("comma", lang).join(name_of(f"verdict.{group}.{code}", lang) for code in found[key])
            out += ["", _t(key, lang, what=words)]
    return out


def _t(key: str, lang: Lang, **values: object) -> str:
    return say(f"explain.{key}", lang, **values)
