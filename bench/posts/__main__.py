"""`python -m bench.posts [--seeds 21,22] [--posts 120] [--show]`: every pair of forms on made-up posts; writes bench/posts.md."""

import argparse
from collections.abc import Iterator
from itertools import combinations_with_replacement
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.posts.favourites import FORMS as FAVOURITES
from bench.posts.favourites import Kept, compare_favourites
from bench.posts.run import FORMS, Score, compare_pair

TABLE = Path(__file__).parents[1] / "posts.md"
_HEAD = """# Moments: every form against every form, on made-up posts

`python -m bench.posts` writes this table: {posts} posts a seed, seeds {seeds}, each device holding those it looked at, with likes and comments up to its last
look, in its own spelling of numbers, entities, hosts and tokens. On a fifth of the posts that both hold something is changed on one: words, link, number,
order or md5 of pictures, time, or one comment. Some posts that one device lacks are named by its own records, and some that neither holds. Nothing of the
writers is shared with the readers or with the tests.

*read*: posts and likes or comments that came back as written, of those written. *conflicts*: found of those that both forms can show; *false*: claimed and
not planted. *referenced*: posts of one side that the other's records name, found as one-sided; *false*: innocent absences graded one-sided. *gone*: posts that
neither holds and a record names.

| form (as either side) | posts read | likes and comments read | conflicts | false | referenced | false | gone | false |
|---|---|---|---|---|---|---|---|---|
"""


def rows(seeds: list[int], count: int, only: str) -> Iterator[tuple[tuple[str, str], Score]]:
    for names in combinations_with_replacement(FORMS, 2):
        if only and only not in names:
            continue
        score = Score()
        for seed in seeds:
            for pair in {names, names[::-1]} if seed == seeds[0] else {names}:
                with TemporaryDirectory() as folder:
                    score += compare_pair(pair, seed, count, Path(folder))
        yield names, score


def line(name: str, s: Score) -> str:
    return (
        f"| {name} | {s.posts_read}/{s.posts} | {s.said_read}/{s.said} | {s.conflicts_found}/{s.conflicts} | {s.conflicts_false} | "
        f"{s.witnessed_found}/{s.witnessed} | {s.one_sided_false} | {s.gone_found}/{s.gone} | {s.gone_false} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="21,22")
    parser.add_argument("--posts", type=int, default=120)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    seeds = [int(s) for s in asked.seeds.split(",")]
    by_form, whole = {name: Score() for name in FORMS}, Score()
    for names, score in rows(seeds, asked.posts, asked.only):
        print(line(" / ".join(names), score), flush=True)
        if asked.show:
            print(*list(dict.fromkeys(score.problems))[:6], sep="\n    ")
        whole += score
        for name in set(names):
            by_form[name] += score
    text = _HEAD.format(posts=asked.posts, seeds=asked.seeds) + "\n".join(line(n, s) for n, s in by_form.items())
    text += "\n" + line("**all pairs**", whole) + "\n\n## Favourites as witnesses\n\n"
    text += "| store | favourites | message absent from the chat: found | invented |\n|---|---|---|---|\n"
    for name in FAVOURITES:
        kept = Kept()
        for seed in seeds:
            with TemporaryDirectory() as folder:
                compare_favourites(name, seed, Path(folder), kept)
        text += f"| {name} | {kept.kept} | {kept.found}/{kept.wanted} | {kept.invented} |\n"
    print(text.partition("## Favourites")[2])
    if not asked.only:
        TABLE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
