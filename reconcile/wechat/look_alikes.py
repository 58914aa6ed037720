"""Chinese characters that a program which reads pictures takes for one another."""

from reconcile.patterns import lazy_pattern

# Groups of one shape to a machine. Numerals, negations and family names are left out: they say too much.
_GROUPS = (
    "己已巳", "人入", "日曰目", "土士", "大太犬", "见贝", "账帐", "戊戌戍", "刀力", "乌鸟", "洒酒", "兔免", "拔拨", "析折",
    "今令", "历厉", "休体", "住往佳", "问间", "治冶", "徒徙", "遣遗", "竟竞", "晴睛", "沐沭", "赢羸",
)  # fmt: skip
_GROUP_OF = {character: at for at, group in enumerate(_GROUPS) for character in group}


def are_look_alikes(one: str, other: str) -> bool:
    """Whether two unlike characters look alike to a machine."""
    return one != other and one in _GROUP_OF and _GROUP_OF[one] == _GROUP_OF.get(other)


_AS_DIGITS = str.maketrans("OoQlI|", "000111")
_MISREAD = lazy_pattern(r"[OoQlI|]+(?=[\d月日号])|(?<=\d)[OoQlI|]+")


def with_digits_read(text: str) -> str:
    """The text with letters that a machine reads in place of 0 and 1 in a number written as digits."""
    return _MISREAD.sub(lambda found: found[0].translate(_AS_DIGITS), text)


__all__ = ["are_look_alikes", "with_digits_read"]
