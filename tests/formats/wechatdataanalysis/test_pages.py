"""Pages of chats: what stands in them, what only older pages hold, and the client's own emoji."""

from pathlib import Path

from fixtures.exporters.wechatdataanalysis import analysis_element, analysis_page, analysis_rows
from reconcile.case import read
from reconcile.vocabulary import NoteCode


def page(folder: Path, old: str = "", new: str = "") -> Path:
    """A page of the invented conversation with one piece of it replaced."""
    text = analysis_page("a").decode()
    assert old in text
    (folder / "messages.html").write_text(text.replace(old, new, 1), "utf-8")
    return folder / "messages.html"


def test_a_page_alone_is_read_with_kinds_times_and_sides(tmp_path: Path) -> None:
    reading = read(page(tmp_path))
    rows = analysis_rows("a")
    assert reading.facts.reader == "wechatdataanalysis_zip"
    assert reading.messages["sent_at"].dt.epoch("s").to_list() == [r["createTime"] for r in rows]
    told = zip(reading.messages["is_self"], reading.messages["kind"], rows, strict=True)
    assert [r["isSent"] for own, kind, r in told if kind not in ("system", "recall") and own is not r["isSent"]] == []


def test_older_pages_are_noted_with_their_number_of_messages(tmp_path: Path) -> None:
    held = len(analysis_rows("a"))
    meta = f'<script type="application/json" id="wcePageMeta">{{"totalMessages": {held + 1000}}}</script></body>'
    notes = read(page(tmp_path, "</body>", meta)).notes
    assert [n.count for n in notes if n.code is NoteCode.PART_UNSUPPORTED] == [1000]


def test_words_of_which_an_emoji_is_lost_are_not_held_for_whole(tmp_path: Path) -> None:
    emoji = '<img class="inline-block" src="../../wxemoji/Expression_1@2x.png" alt="" />'
    messages = read(page(tmp_path, "在的，随时看房", f"在的{emoji}随时看房")).messages
    row = messages.filter(messages["text"].str.starts_with("在的")).to_dicts()[0]
    assert (row["text"], row["text_quality"]) == ("在的[表情]随时看房", "absent")


def test_a_group_names_the_senders_that_it_shows(tmp_path: Path) -> None:
    row = next(r for r in analysis_rows("a") if r["renderType"] == "text" and not r["isSent"])
    old = analysis_element(row)
    named = old.replace(
        '<div class="absolute">', '<div class="text-[11px] text-gray-500">乙工长</div><div class="absolute">'
    )
    file = page(tmp_path, old, named)
    file.write_text(
        file.read_text("utf-8").replace('username="wxid_', 'username="1@chatroom" data-was="wxid_'), "utf-8"
    )
    messages = read(file).messages
    assert "乙工长" in messages["sender"].to_list()
