"""Consecutive screens joined: what one's end and the next one's beginning share is taken once."""

from rapidfuzz.distance import Indel

from reconcile.submission.screen.layout import Item

ALIKE = 0.75
SHORT = 6  # characters: a single everyday reply at the edge is no overlap


def stitched(screens: list[list[Item]]) -> list[tuple[int, Item]]:
    """(screen number from 0, item) of all screens; of two copies the uncut one is kept."""
    out: list[tuple[int, Item]] = []
    for number, items in enumerate(screens):
        body = [i for i in items if i.what != "title"]
        shared = _overlap([i for _, i in out], body)
        if shared:
            last = [i for _, i in out[-shared:]]
            for k, (old, new) in enumerate(zip(last, body[:shared], strict=True)):
                if len(new.text) > len(old.text):
                    out[len(out) - shared + k] = (number, new)
        out += [(number, i) for i in body[shared:]]
    return out


def _overlap(before: list[Item], after: list[Item]) -> int:
    for count in range(min(len(before), len(after), 40), 0, -1):
        pairs = list(zip(before[-count:], after[:count], strict=True))
        if all(_alike(a, b, edge=n in (0, count - 1)) for n, (a, b) in enumerate(pairs)):
            words = sum(len(a.text) for a, _ in pairs)
            if words >= SHORT and (count > 1 or words >= 2 * SHORT):
                return count
    return 0


def _alike(a: Item, b: Item, *, edge: bool) -> bool:
    if a.what != b.what or a.own != b.own:
        return False
    left, right = a.text.replace("\n", ""), b.text.replace("\n", "")
    if edge and min(len(left), len(right)) >= 4 and (left.endswith(right) or right.endswith(left) or left.startswith(right) or right.startswith(left)):  # fmt: skip
        return True
    return left == right or Indel.normalized_similarity(left, right) >= ALIKE
