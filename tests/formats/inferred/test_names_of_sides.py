"""Where a direction tells who sent, a column of both names, or one for each, names the sender."""

from pathlib import Path

import reconcile

WORDS = [f"第{n}批材料{3 * n + 1}箱今天送到" for n in range(12)]
TIMES = [f"2024-03-0{1 + n // 6} {9 + n}:{5 * n:02}:07" for n in range(12)]


def _read(path: Path, heading: str, row: str, sides: str | tuple[str, str]) -> list[tuple[str | None, bool | None]]:
    lines = [row.format(s=sides[n % 2], t=t, w=w, n=n) for n, (t, w) in enumerate(zip(TIMES, WORDS, strict=True))]
    path.write_text("\n".join([heading, *lines]), "utf-8")
    return reconcile.read(path).messages.select("sender", "is_self").rows()


def test_a_column_of_the_own_side_and_one_of_the_other_name_both(tmp_path: Path) -> None:
    told = _read(tmp_path / "a.csv", "本方,对方,收/发,时间,内容", "采购,老板娘,{s},{t},{w}", "发收")
    assert told == [("采购", True), ("老板娘", False)] * 6


def test_the_name_of_a_picture_beside_a_side_names_who_sent(tmp_path: Path) -> None:
    rows = "".join(
        f'<div class="msg-item {("self", "peer")[n % 2]}" data-time="{1_709_257_359_754 + 900_000 * n}"><img class="avatar" '
        f'src="a/{n % 2}.jpg" alt="{("李先生", "掌柜")[n % 2]}"><div class="content">{w}</div><i class="read">已读</i></div>'
        for n, w in enumerate(WORDS)
    )
    (tmp_path / "a.html").write_text(f"<html><body><div>{rows}</div></body></html>", "utf-8")
    assert reconcile.read(tmp_path / "a.html").messages["sender"].to_list() == ["李先生", "掌柜"] * 6


def test_words_for_a_side_name_nobody(tmp_path: Path) -> None:
    told = _read(tmp_path / "a.csv", "对方,方向,昵称,时间,内容", "老板娘,{s},{s},{t},{w}", ("发出", "收到"))
    assert {name for name, _ in told} <= {None, "老板娘"}
