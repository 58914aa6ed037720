"""Pictures of the client's screens are read: words, sides, times and names; overlaps once; doubt is doubt."""

import importlib.util
import sys
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.submission.check import check_submission
from reconcile.submission.excerpt.lines import key_of
from reconcile.submission.run import Submitted, read_submission
from tests.browser import new_tab
from tests.build.screens import PC, Shown, draw, lacking_to_draw, page_html
from tests.build.submissions import Told, reading, talk

HAS_EXTRA = all(importlib.util.find_spec(m) for m in ("rapidocr_onnxruntime", "pypdfium2"))
needs_extra = pytest.mark.skipif(not HAS_EXTRA, reason="the extra `ocr` is not installed")
LACKING = lacking_to_draw()
needs_drawing = pytest.mark.skipif(bool(LACKING), reason=LACKING or "can draw")
TALK = talk(5, 120, stock=0.2)
SPAN = TALK.rows[40:56]
ITEMS = [Shown("2024年3月1日 下午3:05", kind="time")] + [
    Shown(f"￥{r.amount}" if r.kind == "transfer" else '12"' if r.kind == "voice" else r.text, r.own, {"image": "image", "transfer": "transfer"}.get(r.kind, "text"))
    for r in SPAN
] + [Shown("你撤回了一条消息", kind="notice")]  # fmt: skip


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phone")
    # Two screens that share three things, as one scrolls.
    draw([page_html(ITEMS[:10], "乙某"), page_html(ITEMS[7:], "乙某")], folder, scale=1.5)
    return folder


@pytest.fixture(scope="module")
def submitted(phone: Path) -> Submitted:
    return read_submission(phone)


@needs_extra
@needs_drawing
def test_a_phones_screens_are_read_to_98_in_100_characters(submitted: Submitted) -> None:
    messages = submitted.reading.messages
    told = "".join(key_of(r.text) for r in SPAN if r.kind == "text")
    read = "".join(key_of(t) for t, k in messages.select("text", "kind").iter_rows() if k == "text")
    assert 1 - Levenshtein.distance(told, read) / len(told) >= 0.98


@needs_extra
@needs_drawing
def test_sides_kinds_amounts_and_the_bars_time_are_told_apart(submitted: Submitted) -> None:
    messages = submitted.reading.messages
    sides = messages["is_self"].to_list()
    assert sides == [*(r.own for r in SPAN), None]
    assert messages["kind"].to_list() == [*(r.kind for r in SPAN), "recall"]
    assert messages["amount"].drop_nulls().to_list() == [r.amount for r in SPAN if r.amount]
    assert messages["sent_at"].dt.to_string("%Y-%m-%d %H:%M").to_list()[:2] == ["2024-03-01 07:05", None]


@needs_extra
@needs_drawing
def test_an_honest_roll_of_screens_is_not_accused_and_a_left_out_row_is_found(submitted: Submitted) -> None:
    found = check_submission(submitted.reading, [reading(TALK.rows)], recognised=True, legible=submitted.legible)
    assert (found.grade, found.counted().height) == ("explained_differences", 0)
    extra = Told(-1, TALK.rows[50].at, True, "这句话没有截进来")
    more = [*TALK.rows[:50], extra, *TALK.rows[50:]]
    found = check_submission(submitted.reading, [reading(more)], recognised=True, legible=submitted.legible)
    assert (found.grade, found.counted()["export_row"].to_list()) == ("one_sided", [50])


CARDS = [
    Shown("施工合同.pdf\n1.2 MB\nPDF", kind="file"), Shown("￥500.00\n过年红包", kind="transfer"), Shown("合同今天签吗", own=True), Shown("方案.pptx\n5.1 MB\nP", own=True, kind="file"),
    Shown("2024新年快乐", kind="packet"), Shown("￥1200.00\n已被接收", own=True, kind="received"), Shown("工程进度通报\n三月第一周", kind="link"), Shown("照片.zip\n9.8 MB\nZIP", kind="file"),
    Shown("收到了，图纸第三页改了", own=True),
]  # fmt: skip


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Submitted:
    folder = tmp_path_factory.mktemp("cards")
    draw([page_html(CARDS, "乙某")], folder, scale=2)
    return read_submission(folder)


@needs_extra
@needs_drawing
def test_an_icon_is_no_message_and_a_payment_is_what_its_foot_says(cards: Submitted) -> None:
    messages = cards.reading.messages
    assert messages["kind"].to_list() == ["file", "transfer", "text", "file", "red_packet", "transfer", "text", "file", "text"]  # fmt: skip
    assert messages["amount"].drop_nulls().to_list() == ["500.00", "1200.00"]


@needs_extra
@needs_drawing
@pytest.mark.parametrize("left_out", [False, True])
def test_what_a_screen_shows_in_a_card_is_not_left_out(cards: Submitted, left_out: bool) -> None:
    start = TALK.rows[60].at
    shown = [("[文件] 施工合同.pdf", "file", None), ("[转账] ￥500.00", "transfer", "500.00"), (CARDS[2].text, "text", None), ("[文件] 方案.pptx", "file", None), ("[红包] 2024新年快乐", "red_packet", None), ("[转账] ￥1200.00", "transfer", "1200.00"), ("[链接] 工程进度通报", "link", None), ("[文件] 照片.zip", "file", None), (CARDS[8].text, "text", None)]  # fmt: skip
    told = [Told(n, start, i.own, t, k, a) for n, (i, (t, k, a)) in enumerate(zip(CARDS, shown, strict=True))]
    extra = [Told(-1, start, True, "这笔是上月的尾款")] if left_out else []
    found = check_submission(cards.reading, [reading([*TALK.rows[:61], *told[:4], *extra, *told[4:]])], recognised=True, legible=cards.legible)  # fmt: skip
    assert (found.counted()["text"].to_list(), "conflicting" in found.grade) == ([e.text for e in extra], False)


@needs_extra
@needs_drawing
def test_the_pc_clients_screen_with_names_is_read(tmp_path: Path) -> None:
    items = [Shown("9:05", kind="time"), Shown("请把合同发我看看", name="乙某"), Shown("已经发到邮箱了，请查收", own=True), Shown("收到，价款是12,800元吧", name="丙某")]  # fmt: skip
    draw([page_html(items, "装修群(3)", PC)], tmp_path, width=900, scale=1.5)
    rows = read_submission(tmp_path).reading.messages.select("sender", "is_self", "text").rows()
    assert [(s, o, key_of(t)) for s, o, t in rows] == [(i.name or "我", i.own, key_of(i.text)) for i in items[1:]]


@needs_extra
@needs_drawing
def test_pages_of_a_pdf_are_read_as_the_pictures_in_them(tmp_path: Path, phone: Path) -> None:
    from PIL import Image

    page = Image.open(phone / "screen001.png").convert("RGB")
    page.crop((0, 0, page.width, 800)).save(tmp_path / "s.pdf")
    submitted = read_submission(tmp_path / "s.pdf")
    told = [key_of(t) for t in submitted.reading.messages["text"].to_list()]
    assert (submitted.recognised, told[:2]) == (True, [key_of(r.text) for r in SPAN[:2]])


@needs_extra
@needs_drawing
def test_a_pdfs_own_text_is_taken_as_it_is(tmp_path: Path) -> None:
    lines = "".join(f"<p>{'甲某' if r.own else '乙某'}：{r.text}</p>" for r in SPAN)
    page = new_tab()
    page.set_content(f'<meta charset="utf-8"><style>body{{font:16px "Noto Sans CJK SC"}}</style>{lines}')
    page.pdf(path=str(tmp_path / "t.pdf"))
    page.close()
    submitted = read_submission(tmp_path / "t.pdf")
    assert (submitted.recognised, submitted.reading.messages["text"].to_list()) == (False, [r.text for r in SPAN])


@needs_extra
def test_a_picture_without_words_is_one_clear_line(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (400, 800), "white").save(tmp_path / "blank.png")
    with pytest.raises(UnreadableSource, match="no words of a chat"):
        read_submission(tmp_path / "blank.png")


@needs_extra
@pytest.mark.parametrize("name", ["x.png", "x.pdf"])
def test_a_broken_picture_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(UnreadableSource):
        read_submission(tmp_path / name)


def test_without_the_extra_a_clear_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("PIL", "pypdfium2", "rapidocr_onnxruntime", "cv2", "numpy"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in [m for m in sys.modules if m.startswith("reconcile.submission.screen.")]:
        monkeypatch.delitem(sys.modules, module)
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    with pytest.raises(MissingExtra, match=r"reconcile-wechat\[ocr\]"):
        read_submission(tmp_path / "x.png")
