"""One pair of forms: written, read, compared, and held against the ledger."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bench.posts import files, stores
from bench.posts.body import Hand
from bench.posts.truth import Device, Ledger, Post, draw
from bench.score import Counts
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.intake.contract import PostReading

ALL = frozenset(("text", "link", "media_count", "media_order", "md5", "time", "comment"))


@dataclass(frozen=True)
class Form:
    """A form: its writer, which planted differences it can show, which records that speak of posts not held it keeps.

    `keys`: what it states of a comment besides its words, by which one comment can be known again on the other side.
    """

    write: Callable[[Path, Device, Hand], Path]
    shows: frozenset[str] = ALL
    witnesses: bool = False
    own_only: bool = False
    likes: bool = True
    marks: bool = True
    keys: frozenset[str] = frozenset(("number", "author", "time"))


_NUMBERED = frozenset(("number", "author"))
_NO_DIGEST = ALL - {"md5", "media_order"}
FORMS = {
    "4.x sns.db": Form(stores.write_4x, witnesses=True),
    "Windows 3.x Sns.db": Form(stores.write_windows, witnesses=True),
    "Android SnsMicroMsg.db": Form(stores.write_android, witnesses=True),
    "iOS wc005_008.db": Form(stores.write_ios),
    "WeFlow json": Form(files.write_weflow, _NO_DIGEST, marks=False, keys=frozenset(("number",))),
    "WeFlow arkmejson": Form(files.write_arkme, _NO_DIGEST, marks=False, keys=_NUMBERED),
    "WCDA": Form(files.write_wcda, likes=False, marks=False, keys=_NUMBERED),
    "SIWX": Form(files.write_siwx, keys=frozenset(("author", "time"))),
    "MomentStat": Form(files.write_momentstat, ALL - {"comment"}, marks=False),
    "MomentExport iOS": Form(files.write_iosexport, _NO_DIGEST, own_only=True, marks=False),
}


@dataclass(slots=True)
class Score(Counts):
    """What one comparison came to."""

    posts: int = 0
    posts_read: int = 0
    said: int = 0
    said_read: int = 0
    conflicts: int = 0
    conflicts_found: int = 0
    conflicts_false: int = 0
    witnessed: int = 0
    witnessed_found: int = 0
    one_sided_false: int = 0
    gone: int = 0
    gone_found: int = 0
    gone_false: int = 0
    problems: list[str] = field(default_factory=list)


def compare_pair(names: tuple[str, str], seed: int, count: int, folder: Path) -> Score:
    """Two devices drawn from the seed, each in its form."""
    left, right, ledger = draw(seed, count)
    devices = {"left": left, "right": right}
    forms = {side: FORMS[name] for side, name in zip(devices, names, strict=True)}
    score, readings = Score(), {}
    hands = {side: Hand.of(seed * 2 + number) for number, side in enumerate(devices)}
    for side, device in devices.items():
        forms[side].write(folder / side, device, hands[side])
        readings[side] = read(folder / side)
        posts = readings[side].posts
        assert posts is not None
        _read_back(posts, device, forms[side], score)
    found = compare_readings(readings["left"], readings["right"]).posts
    assert found is not None
    held = {side: {p.id: p for p in _written(d, forms[side])} for side, d in devices.items()}
    same_names = hands["left"].remark == hands["right"].remark
    can_tell = _can_tell(forms["left"].keys & forms["right"].keys, same_names=same_names)
    _conflicts(
        found.alignment, found.interactions_alignment, found.posts, ledger, forms, held, score, can_tell=can_tell
    )
    _absences(found.alignment, found.absent, ledger, forms, held, score)
    return score


def _written(device: Device, form: Form) -> list[Post]:
    return [p for p in device.posts if not form.own_only or p.who == device.owner]


def _read_back(reading: PostReading, device: Device, form: Form, score: Score) -> None:
    rows = {r["post_id"]: r for r in reading.posts.iter_rows(named=True)}
    media = dict(reading.media.group_by("post").len().iter_rows())
    said: dict[int, Counter[tuple[object, ...]]] = {}
    for post, action, text, removed in reading.interactions.select(
        "post", pl.col("action").cast(pl.String), "text", "is_deleted"
    ).iter_rows():
        said.setdefault(post, Counter())[action, text, bool(removed)] += 1
    written = _written(device, form)
    score.posts += len(written)
    if reading.posts.height != len(written):
        score.problems.append(f"{reading.posts.height} rows for {len(written)} posts")
    for post in written:
        row = rows.get(str(post.id))
        want = _said(post, form)
        score.said += sum(want.values())
        if row is None:
            score.problems.append(f"not read: {post}")
            continue
        same = (row["text"], row["author"], row["sent_at"] and int(row["sent_at"].timestamp())) == (
            post.text,
            post.who,
            post.at,
        )
        pictures = media.get(row["row"], 0) == len(post.media) or (form.own_only and not media.get(row["row"]))
        score.posts_read += same and pictures and (row["link_url"] or "") == post.url
        if not (same and pictures and (row["link_url"] or "") == post.url):
            score.problems.append(
                f"{row['text']!r} {row['link_url']} {row['sent_at']} {media.get(row['row'])} for {post}"[:600]
            )
        got = said.get(row["row"], Counter())
        score.said_read += sum((want & got).values())
        if want != got:
            score.problems.append(f"said {got - want} for {want - got}"[:300])


def _said(post: Post, form: Form) -> Counter[tuple[object, ...]]:
    """What the form keeps of a post's likes and comments."""
    kept = [s for s in post.said if form.likes or s.text]
    if form is FORMS["MomentStat"]:
        kept = list({(s.who, s.text): s for s in kept}.values())
    return Counter(("like" if s.text is None else "comment", s.text or "", s.removed and form.marks) for s in kept)


def _conflicts(
    lines: pl.DataFrame,
    said: pl.DataFrame,
    posts: pl.DataFrame,
    ledger: Ledger,
    forms: dict[str, Form],
    held: dict[str, dict[int, Post]],
    score: Score,
    *,
    can_tell: bool,
) -> None:
    both = held["left"].keys() & held["right"].keys()
    shows = forms["left"].shows & forms["right"].shows
    want = {i for i, plant in ledger.conflicts.items() if plant in shows and i in both}
    found = {int(i) for i in lines.filter(pl.col("relation").cast(pl.String) == "conflict")["post_id"]}
    comments = _comment_conflicts(ledger, held) if "comment" in shows and can_tell else set()
    names = posts.filter(pl.col("side").cast(pl.String) == "left").select("row", "post_id")
    differing = said.filter(pl.col("relation").cast(pl.String) == "conflict").join(
        names, left_on="left_post", right_on="row"
    )
    told = {int(i) for i in differing["post_id"]}
    score.conflicts += len(want) + len(comments)
    score.conflicts_found += len(want & found) + len(comments & told)
    score.conflicts_false += len(found - ledger.conflicts.keys()) + len(told - {i for i, _ in ledger.comments})
    score.problems += [
        f"missed {ledger.conflicts[i]}: {held['left'][i]} {held['right'][i]}"[:500] for i in want - found
    ]
    score.problems += [f"missed comment: {held['left'][i].said} {held['right'][i].said}"[:900] for i in comments - told]
    odd = lines.filter(pl.col("post_id").is_in([str(i) for i in found - ledger.conflicts.keys()]))
    score.problems += [
        f"false {r['detail']}: {held['left'][int(r['post_id'])]} {held['right'][int(r['post_id'])]}"[:900]
        for r in odd.iter_rows(named=True)
    ]


def _can_tell(shared: frozenset[str], *, same_names: bool) -> bool:
    """Whether two forms state enough of a comment to know it again when its words differ."""
    return {"author", "time"} <= shared or ("number" in shared and (len(shared) > 1 or same_names))


def _comment_conflicts(ledger: Ledger, held: dict[str, dict[int, Post]]) -> set[int]:
    """Posts where both devices hold the comment that was changed on one."""
    out = set()
    for post, number in ledger.comments:
        texts = [
            {s.number: s.text for s in side[post].said if s.text is not None} for side in held.values() if post in side
        ]
        if len(texts) == 2 and all(number in t for t in texts) and texts[0][number] != texts[1][number]:
            out.add(post)
    return out


def _absences(
    lines: pl.DataFrame,
    absent: pl.DataFrame,
    ledger: Ledger,
    forms: dict[str, Form],
    held: dict[str, dict[int, Post]],
    score: Score,
) -> None:
    alone = lines.filter(pl.col("relation").cast(pl.String) == "one_sided")
    found = {int(i) for i in alone["post_id"]}
    want = {
        i
        for i, told in ledger.witnessed.items()
        if forms[told.partition(":")[0]].witnesses and any(i in h for h in held.values())
    }
    score.witnessed += len(want)
    score.witnessed_found += len(want & found)
    score.one_sided_false += len(found - ledger.witnessed.keys())
    gone = set().union(*(ledger.gone[s] for s, f in forms.items() if f.witnesses))
    # A post that the form of its holder leaves out is held by neither side, and its notification says so.
    gone |= {
        i
        for i, told in ledger.witnessed.items()
        if forms[told.partition(":")[0]].witnesses and not any(i in h for h in held.values())
    }
    spoken = {int(i) for i in absent["message_id"].drop_nulls()}
    score.gone += len(gone)
    score.gone_found += len(gone & spoken)
    score.gone_false += len(spoken - gone)
