"""Which generation of the exporter wrote a text of `time name` blocks; two producers' readers use it."""

from reconcile.patterns import lazy_pattern

# Differences between the generations' TXT: the second writes a notice's time alone in its line and bodies in 【】, the
# first writes a notice behind its time and bodies in []. A person may type either, so the more frequent one decides.
_SECOND = lazy_pattern(
    r"(?m)(?:\A\ufeff?|\n\r?\n)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\r?\n|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?\n【(?:图片|语音|视频|表情包|文件|红包|分享链接|音视频通话|位置分享|小程序|发起转账|已收款|已退还|合并转发的聊天记录|名片|视频号)】"
)
_FIRST = lazy_pattern(
    r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?\n(?:\r?\n\d{4}-|\[(?:图片|语音|视频|表情包|文件|音乐分享)\]\r?$| +\[链接\]:title:)"
)
# Another tool quotes every name.
_QUOTED = lazy_pattern(r"\ufeff?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (['\"]).*\1\r?(?:\n|\Z)")


# Both end each block by an empty line: headers that stand below words are another tool's.
_HEADER = lazy_pattern(r"(?m)^\ufeff?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?$")
_PARTED = lazy_pattern(r"(?m)(?:\A\ufeff?|\n\r?\n)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?$")
# A time alone in its line, and one above a name and words in lines of their own, as other tools write them.
_ALONE = lazy_pattern(r"(?m)(?:\A\ufeff?|\n\r?\n)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\r?\n")
_ABOVE_TWO_LINES = lazy_pattern(_ALONE.pattern + r"[^\r\n]+\r?\n[^\r\n]")


def txt_generation(head: str) -> int:
    """The generation of a TXT of `time name` blocks by its beginning: 2, 1 (also without marks) or 0.

    0 = the text of another tool.

    Other tools quote names, give them a line of their own, or leave no empty line between blocks.
    """
    named, alone = len(_HEADER.findall(head)), len(_ALONE.findall(head))
    if _QUOTED.match(head) or 2 * len(_PARTED.findall(head)) < named:
        return 0
    if not named and alone and len(_ABOVE_TWO_LINES.findall(head)) == alone:
        return 0
    return 2 if len(_SECOND.findall(head)) > len(_FIRST.findall(head)) else 1
