"""What stands below the last message of a text and is said by nobody: totals, and words that it ends."""

from reconcile.patterns import lazy_pattern

# What ends a document, between signs or in words of its own; a stated number of rows.
_FINAL = r"(?:the )?end|eof|fin|全?文?完|完毕|结束|以下空白|(?:以下|本页|下)无正文.{0,20}"
_SAID = (
    r"end of (?:the |this )?(?:chat|conversation|document|export|file|log|record|transcript)s?"
    r"|(?:chat|conversation|export|log|transcript) (?:ended|ends|finished|completed?)"
    r"|(?:聊天记录|聊天|会话|对话|记录|导出|文件)(?:已)?(?:导出)?(?:结束|完毕|完成|到此(?:为止|结束)?)|以上[^,，。]{0,12}(?:记录|内容|消息)[^,，。]{0,4}|(?:以下|本页|下)无正文.{0,20}"
)
_FRAMED = lazy_pattern(rf"(?i)\s*[-—–=*_~#<(（【\[]+\s*(?:{_FINAL}|{_SAID})\s*[-—–=*_~#>)）】\]]+\s*")
_PLAIN = lazy_pattern(rf"(?i)\s*(?:{_SAID})[.。!！]?\s*")
_OF_DATABASES = lazy_pattern(r"(?i)\s*[0-9]+ rows? in set(?:, [0-9]+ warnings?)?(?: \([0-9.]+ sec\))?\s*")
_TOTAL = lazy_pattern(
    r"(?i)\W*(?:exported|(?:in )?total|sum|共计?|总计|合计|总共|全部)?\W*(?:(?:messages?|records?|rows?|消息|记录)\W*)?(?P<count>[0-9]{1,9})\s*"
    r"(?P<what>rows?|messages?(?:\(s\))?|records?|entries|items|lines|条|行)?(?:[^\W\d]{0,6}| exported| in total)\W*"
)
_COUNTS = lazy_pattern(r"(?i)total|sum\b|[共总合]计|共|messages?|records?|rows?|entries|items|lines|[条行]|[(\[（]")
# Lines between and below messages that no author of a message writes: labels of remarks, heads of the next excerpt or
# page, and what a paper says of all above.
PAPER_LINE = (
    r"(?:[^\s:：]{0,8}(?:说明|意见|备注|批注|注|按|点评|note)[:：]"
    r"|#{1,6}\s|(?:\W|以下为)*+(?:[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\s?[至到—-]|(?:摘录|截图|附件|证据|第)\s?[一二三四五六七八九十\d])"
    r"|\W*以上[^\n]{0,12}(?:记录|内容|消息|聊天|截图|对话))"
)
_NUMBER, _LONGEST = lazy_pattern("[0-9]+"), 60


def end_of_words(text: str, count: int, signs: frozenset[str], least: int) -> int:
    """The number of first lines of a last text that are words; at least `least`.

    `count`: the number of messages, which a total states. `signs`: lines of signs that also stand above the messages.
    """
    kept = text.split("\n")
    while len(kept) > least and _is_no_word(kept[-1], count, signs):
        kept.pop()
    return len(kept)


def _is_no_word(line: str, count: int, signs: frozenset[str]) -> bool:
    if not line.strip() or line.strip() in signs or _FRAMED.fullmatch(line) or _PLAIN.fullmatch(line):
        return True
    total = _TOTAL.fullmatch(line) if len(line) <= _LONGEST * 3 else None
    is_total = total is not None and int(total["count"]) == count and _COUNTS.search(line) is not None
    # Some programs state the number twice: `40 parts in 40 messages`.
    is_total |= len(line) <= _LONGEST and len(told := _NUMBER.findall(line)) > 1 and {*told} == {str(count)}
    return is_total or _OF_DATABASES.fullmatch(line) is not None
