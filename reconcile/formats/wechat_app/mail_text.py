"""The words of a mail that WeChat sent: its plain part, or its HTML part without markup."""

import html
import re

from reconcile.intake.contract import Note, remarks
from reconcile.intake.text.mail import read_mail
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.chinese_script import in_both_scripts

LEADS = "聊天记录如下"
# The same in simplified or traditional characters.
LEADS_IN_BOTH_SCRIPTS = in_both_scripts(LEADS)

# How far into the text the lead is searched for.
LEAD_REACH = 4000

_SCRIPT, _SCRIPT_END = lazy_pattern(r"(?i)<(?:style|script)\b"), lazy_pattern(r"(?i)</(?:style|script)>")


def mail_text(data: bytes, name: str) -> tuple[str, list[Note]]:
    """The mail's own words, from its plain part or else its HTML part, and notes.

    A mail that was cut short gives what it has.
    """
    mail = read_mail(data)
    parts = mail.parts
    cut = (
        remarks(NoteCode.ODD_VALUE, name, "ends before its last part does: the mail may be cut") if mail.is_cut else []
    )
    body = next((p for kind in ("text/plain", "text/html") for p in parts if p.content_type == kind), None)
    if body is None:
        return "", []
    # A second part of the same type is another text; only the first is read.
    cut += [
        Note(NoteCode.PART_UNSUPPORTED, name, p.data.decode("utf-8", "replace").strip()[:200])
        for p in parts
        if p is not body and p.content_type == body.content_type and p.data.strip()
    ]
    for charset in (body.charset or "utf-8", "utf-8"):
        try:
            return body.data.decode(charset), cut
        except UnicodeDecodeError as error:
            # A beginning of a mail may end inside a character.
            if error.start >= len(body.data) - 3:
                return body.data[: error.start].decode(charset), cut
        except LookupError:
            continue
    return body.data.decode("gb18030", "replace"), [*cut, Note(NoteCode.ENCODING_GUESSED, "", "gb18030")]


def plain_text(text: str) -> str:
    """The text with line feeds, and without HTML where the mail is a page."""
    # Only the client writes above its lead. Below it, a person may have typed a tag.
    lead = re.split(LEADS_IN_BOTH_SCRIPTS, text[:LEAD_REACH], maxsplit=1)[0]
    if not re.search(r"(?i)<(?:!doctype|html|head|body|div|p|br|b|span)\b", lead):
        return text.replace("\r\n", "\n")
    broken = re.sub(r"(?i)<br\s*/?>|</(?:div|p|tr|li)>", "\n", re.sub(r"[\r\n]+", "", text))
    bare = re.sub(r"<[^<>]*>", "", _without_scripts(broken))
    return html.unescape(bare).replace("\xa0", " ")


def _without_scripts(text: str) -> str:
    """The page without its styles and scripts; where one has no end, nothing is looked for behind it."""
    kept, at = [], 0
    while (opened := _SCRIPT.search(text, at)) and (closed := _SCRIPT_END.search(text, opened.end())):
        kept.append(text[at : opened.start()])
        at = closed.end()
    return "".join([*kept, text[at:]])
