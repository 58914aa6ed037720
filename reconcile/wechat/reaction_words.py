"""How clients put a reaction into words, by language: verbs around a quotation."""

# ruff: noqa: RUF001 - letters and quotation marks of many scripts
import re

from reconcile.patterns import lazy_pattern

# Where the quotation stands, and a sign instead of a verb.
_QUOTED, _SIGN = "{q}", "{s}"
# As iPhones and Google's client write to a telephone that gets plain texts (the tables of octoshrimpy/quik, of pearmsg and
# of Apple's IMClassicTapback; exports of SMS). A removal is a reaction, too.
_REACTIONS: dict[str, tuple[str, ...]] = {
    "any": (f"{_SIGN}(?: to| à| a| zu| an| 给| 對| 对) {{q}}",),
    "en": (
        "(?:Loved|Liked|Disliked|Laughed at|Emphasi[sz]ed|Questioned) ?{q}",
        f"Reacted (?:with )?(?:a sticker|{_SIGN}) to ?{{q}}",
        f"Removed (?:an? (?:heart|love|like|dislike|laugh|exclamation|emphasis|question mark|question|reaction|sticker)|{_SIGN}) from ?{{q}}",
    ),
    "zh": (
        "(?:(?:点|點)?[赞讚]了?|(?:喜欢|喜歡|喜[爱愛]|不喜欢|不喜歡|踩|大笑|笑|强调|強調|质疑|質疑)了?|大笑[于於]|笑[于於]|疑[问問][于於]) ?{q}",
        f"[对對] ?{{q}} ?(?:[做作]出|表示)了? ?(?:{_SIGN}|[赞讚]|喜欢|喜歡|喜[爱愛]|不喜欢|大笑|强调|強調|质疑|質疑|疑[问問])(?: ?的?(?:反应|反應|回应|回應))?",
        f"(?:移除|取消|删除|刪除|撤[销銷])了?[对對]? ?{{q}} ?的 ?(?:{_SIGN}|[赞讚]|爱心|愛心|红心|喜[爱愛]|踩|大笑|强调|強調|感叹号|驚嘆號|问号|問號|疑[问問])(?:反应|反應|回应|回應)?",
    ),
    "fr": (
        "(?:A aimé|A adoré|N[’']a pas aimé|A ri(?: de| à)?|A souligné|A questionné) ?{q}",
        f"A réagi (?:avec )?{_SIGN} à ?{{q}}",
        f"[Aa] (?:attribué|retiré) la (?:mention «[^«»]{{1,40}}»|réaction {_SIGN}) (?:à|de) ?{{q}}",
    ),
    "es": (
        "(?:Le encantó|Le gustó|No le gustó|Se rió(?: de| con)?|Le dio risa|Enfatizó|Resaltó|Cuestionó|Le pareció gracioso) ?{q}",
        f"Reaccionó con {_SIGN} a ?{{q}}",
        f"(?:Eliminó|Quitó) (?:un (?:corazón|me gusta|no me gusta|signo de (?:exclamación|interrogación))|una (?:risa|exclamación|interrogación)|{_SIGN}) (?:de|a) ?{{q}}",
    ),
    "pt": (
        "(?:Amou|Curtiu|Gostou de|Não gostou de|Riu de|Enfatizou|Questionou) ?{q}",
        f"Reagiu com {_SIGN} a ?{{q}}",
        f"Removeu (?:um (?:coração|gostei|não gostei|ponto de (?:exclamação|interrogação))|uma risada|{_SIGN}) de ?{{q}}",
    ),
    "de": (
        "(?:Liebt|Mag|Lacht über|Lachte über|Betont|Hinterfragt) ?{q}(?: nicht)?",
        "(?:Hat|hat) ?{q} (?:geliebt|gemocht|nicht gemocht|belacht|betont|hervorgehoben|hinterfragt)",
        f"(?:Hat|hat) mit {_SIGN} auf ?{{q}} reagiert", f"(?:Hat|hat) (?:ein Herz|ein „[^„“]{{1,20}}“|{_SIGN}) von ?{{q}} entfernt",
    ),
    "it": (
        "(?:Ha amato|Ha apprezzato|Non ha apprezzato|Ha riso (?:di|per)|Ha evidenziato|Ha messo in dubbio) ?{q}",
        f"Ha reagito con {_SIGN} a ?{{q}}", f"Ha rimosso (?:un cuore|un mi piace|un non mi piace|una risata|{_SIGN}) da ?{{q}}",
    ),
    "nl": (
        "(?:Vond|Vindt) ?{q} (?:geweldig|leuk|niet leuk|grappig)", "(?:Lachte om|Benadrukte|Had een vraag bij) ?{q}",
        f"Reageerde met {_SIGN} op ?{{q}}",
    ),
    "ja": (f"{{q}} ?に ?(?:{_SIGN}|ハート|いいね|よくないね|笑い|強調|はてな)(?: ?で)?(?:を付けました|をつけました|リアクションしました|しました)", "{q} ?を(?:強調しました|笑いました)"),
    "ko": (f"{{q}}에 ?(?:{_SIGN}|하트|좋아요|싫어요|웃음|강조|물음표)(?:을|를|로)? ?(?:표시함|반응함|추가함|남김|했습니다)", "{q}(?:을|를) ?(?:좋아함|싫어함|강조함)"),
    "ru": ("(?:Понравилось|Не понравилось|Рассмешило|Выделено|Вызвало вопрос) ?{q}", f"Реакция {_SIGN} на ?{{q}}"),
    "tr": ("{q} ?(?:mesajını )?(?:beğendi|beğenmedi|çok beğendi|vurguladı|sorguladı)", "{q} ?(?:mesajına )?güldü"),
    "id": ("(?:Menyukai|Tidak menyukai|Menertawakan|Menekankan|Mempertanyakan) ?{q}",),
}  # fmt: skip
OPEN, _CLOSED = r"[“\"«„「『‘‹]", r"[”\"»“」』’›]"
_NO_SIGN = r"\s“”\"'«»„‘’「」『』‹›(),.:;!?，。：；！？"
_PATTERNS = [p for patterns in _REACTIONS.values() for p in patterns]
_BLANK = r"[ \u00a0\u202f]?"
# A text that is such a sentence as a whole, with the quoted words in one of its groups.
_WHOLE = lazy_pattern(
    "|".join(rf"\s*{p}[.。]?\s*" for p in _PATTERNS)
    .replace(_QUOTED, f"{OPEN}{_BLANK}(.+?){_BLANK}{_CLOSED}")
    .replace(_SIGN, rf"[^\w{_NO_SIGN}]{{1,12}}"),
    re.DOTALL,
)
# The beginning of a text that may be one, also of its first part alone. Letters of other scripts count as signs here:
# a pattern that knows them all takes a hundred times as long to compile, longer than a short comparison.
MAY_REACT = (r"^\s*(?:" + "|".join(sorted({p.partition(_QUOTED)[0] for p in _PATTERNS})) + f"){OPEN}").replace(
    _SIGN, rf"[^A-Za-z0-9{_NO_SIGN}]{{1,12}}"
)
_LONGEST = 2000


def reacted_to(text: str) -> str:
    """The words that a reaction quotes; empty where the text says anything more, or is none."""
    found = _WHOLE.fullmatch(text) if len(text) <= _LONGEST else None
    return next((g for g in found.groups() if g), "") if found else ""
