"""One dispute that holds attack strings in every field that is shown (fixtures/attacks.json)."""

import csv
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.build.bills import HEADING
from tests.thorough import some

ATTACKS: dict[str, list[str]] = json.loads((Path(__file__).parents[2] / "fixtures" / "attacks.json").read_text("utf-8"))
# Every eighth string of each kind; all of them under `make bench`.
ALL = [text for texts in ATTACKS.values() for text in some(texts, 8)]
START = 1_709_254_800
NAMES = ("<img src=x onerror=alert(1)>=1+1.jsonl", "=cmd|' 借款\u202e0005 {{7*7}}'[bold].jsonl")
LONG = 400


@dataclass(frozen=True)
class Dispute:
    """The two exports, each under a hostile file name, and how many messages each side holds."""

    left: Path
    right: Path
    rows: int


def write_dispute(folder: Path) -> Dispute:
    """Writes the two exports. Each string is the title of a conversation in which one message differs and one is lone."""
    paths = []
    for side, name in zip(("left", "right"), NAMES, strict=True):
        (folder / side).mkdir(parents=True)
        paths.append(folder / side / name)
        paths[-1].write_text("".join(json.dumps(row) + "\n" for row in _rows(side)), "ascii")
        paths[-1].with_suffix(".json").write_text(json.dumps(_facts(side)), "ascii")
    return Dispute(paths[0], paths[1], 4 * len(ALL))


def _rows(side: str) -> Iterator[dict[str, object]]:
    own = "wxid_left" if side == "left" else "wxid_right"
    for number, text in enumerate(ALL):
        short, base = text[:LONG], START + number * 3600
        row = {"conversation": short, "sender": short, "sender_name": short, "is_self": False, "file_name": short}
        yield _row(number, 0, base, f"开头 {number}", row)
        yield _row(number, 1, base + 60, text if side == "left" else text + "!改", row)
        if side == "left":
            yield _row(
                number, 2, base + 120, text, row | {"kind": "file", "media_hash": "d41d8cd98f00b204e9800998ecf8427e"}
            )
        yield _row(number, 3, base + 180, f"结尾 {number}", row | {"sender": own, "is_self": True})
        if side == "right":
            yield _row(number, 4, base + 240, text, row | {"status": short, "amount": short, "reply_to": short})


def _row(number: int, place: int, at: int, text: str, more: dict[str, object]) -> dict[str, object]:
    return {
        "sent_at": at,
        "text": text,
        "message_id": str(7 * 10**18 + number * 10 + place),
        "StrExtra": text[:LONG],
    } | more


def _facts(side: str) -> dict[str, object]:
    # A sidecar with half a surrogate pair is refused as no JSON; rows may hold one.
    short = [t[:LONG] for t in ALL if t.isprintable() or not any("\ud800" <= c <= "\udfff" for c in t)]
    return {
        "owner": {"id": f"wxid_{side}", "name": short[22], "alias": short[37], "phone": short[56]},
        "tool": short[22],
        "tool_version": short[45],
        "time_unit": "s",
        "timezone": "Asia/Shanghai",
        "device": {"make": short[23], "model": short[45], "serial": short[52], "os": short[52]},
        "contacts": [{"id": t, "alias": t, "remark": t, "nickname": t, "phone": t} for t in short],
        "groups": [{"id": t, "name": t, "members": [{"id": t, "name": t}]} for t in short[::15]],
        "declared": [{"what": t, "note": t} for t in short[::15]],
    }


def write_talk(folder: Path) -> Dispute:
    """One conversation that holds every string, as an export and as a submission that leaves some out and changes some."""
    folder.mkdir()
    shared = {"conversation": ALL[22], "conversation_kind": "group"}
    names = ("<svg onload=alert(1)>.jsonl", "@SUM(1)\u202egpj.jsonl")
    for side, name in enumerate(names):
        kept = [(n, t) for n, t in enumerate(ALL) if side == 0 or n % 5]
        rows = (
            _row(
                n,
                0,
                START + n * 60,
                t if side == 0 or n % 7 else f"{t}改",
                shared | {"sender": t[:LONG], "sender_name": t[:LONG], "is_self": n % 2 == 0},
            )
            for n, t in kept
        )
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "ascii")
        (folder / name).with_suffix(".json").write_text('{"time_unit": "s", "owner": {"id": "wxid_left"}}')
    return Dispute(folder / names[0], folder / names[1], len(ALL))


def write_posts(folder: Path) -> Dispute:
    """Moments of both sides with the strings as words, names, places, links, apps and comments; some differ, some stand on one side."""
    for side in ("left", "right"):
        (folder / side).mkdir(parents=True)
        posts, said = [], []
        for n, text in enumerate(ALL):
            short = text[:LONG]
            # A table of posts with half a surrogate pair is refused as no JSON.
            if (side == "left" or n % 5) and not any("\ud800" <= c <= "\udfff" for c in text):
                number = str((START + n * 60) * 1000 << 23)
                shown = {
                    "author_name": short,
                    "place": short,
                    "city": short,
                    "link_title": short,
                    "link_description": short,
                    "source_name": short,
                }
                words = text if side == "left" or n % 3 else f"{text}改"
                posts.append(
                    {
                        "post_id": number,
                        "author": short,
                        "sent_at": START + n * 60,
                        "text": words,
                        "kind": "text",
                        **shown,
                    }
                )
                said.append(
                    {
                        "post_id": number,
                        "action": "comment",
                        "comment_id": "1",
                        "author_name": short,
                        "text": words,
                        "at": START + n * 60 + 9,
                    }
                )
        for name, rows in (("posts", posts), ("interactions", said)):
            (folder / side / f"moments.{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "ascii")
        (folder / side / "moments.json").write_text('{"time_unit": "s", "owner": {"id": "wxid_left"}}')
    return Dispute(folder / "left", folder / "right", len(ALL))


def as_file_names() -> list[str]:
    """The strings that a file can be called."""
    names = []
    for text in ALL:
        name = text.replace("/", "∕")
        fits = not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in name) and len(name.encode()) <= 200
        if fits and name not in (".", "..") and name not in names:
            names.append(name)
    return names


def write_bill(file: Path) -> Path:
    """A payment statement with the strings as nickname, other party, goods, state and remark."""
    texts = [t.replace("\0", "") for t in ALL if not any("\ud800" <= c <= "\udfff" for c in t)]
    lines = [
        [f"2024-03-01 09:{n // 60 % 60:02d}:{n % 60:02d}", "转账", t, t, "支出", "¥5.00", t, t, f"1000{n:024d}", t, t]
        for n, t in enumerate(texts)
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[f"微信昵称：[{texts[60]}]"], [f"导出类型：[{texts[61]}]"], HEADING, *lines])
    return file


def write_manifest(file: Path, dispute: Dispute) -> Path:
    """A batch: one case that can be compared, and one case for each string whose files are not there."""
    there = {"case": "<b>=1+1\u202e\x1b[2J", "left": str(dispute.left), "right": str(dispute.right)}
    absent = [
        {"case": t, "left": f"absent/{t[:80]}", "right": f"absent/{t[:300]}"}
        for t in ALL
        if not any("\ud800" <= c <= "\udfff" for c in t)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in [there, *absent]), "ascii")
    return file


def fill_case(folder: Path) -> None:
    """Strings into the case file and as names of files in its folders."""
    texts = [t for t in ALL if not any("\ud800" <= c <= "\udfff" for c in t)]
    toml = folder / "case.toml"
    numbers = itertools.count(0, 7)
    filled = re.sub(
        r'^(\w+) = ""',
        lambda m: f"{m[1]} = {_toml(texts[next(numbers) % len(texts)][:LONG])}",
        toml.read_text("utf-8"),
        flags=re.M,
    )
    toml.write_text(filled, "utf-8")
    places = [f for f in sorted(folder.iterdir()) if f.is_dir()]
    for number, name in enumerate(as_file_names()[::3]):
        (places[number % len(places)] / name).write_text("x")


def _toml(text: str) -> str:
    return '"' + "".join(c if c.isalnum() else f"\\U{ord(c):08X}" for c in text) + '"'
