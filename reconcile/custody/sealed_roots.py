"""Matches given paths to sealed roots: by original location, else by name, else by order of sealing."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from reconcile.custody.statement import SealedRoot
from reconcile.custody.tree import root_name, text_name
from reconcile.errors import UsageError


def locate_roots(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    """Each path with the root that it holds; no paths = each root where it lay when sealed.

    A root is given once at most. A path where a root lay is that root. Otherwise, a name decides if only one root and
    one path have it. The rest is taken in the order of sealing, if all roots are given.

    Raises UsageError for more paths than roots, and where a path's root is unclear.
    """
    if not paths:
        return [(root, Path(root.absolute)) for root in roots]
    if len(paths) > len(roots):
        raise UsageError("PATH", f"{len(paths)} paths given, the seal covers {len(roots)}; give no more than these")
    sealed = Counter(root.absolute for root in roots)
    if again := next(
        (p for p, n in Counter(p.resolve() for p in paths).items() if n > max(1, sealed[p.as_posix()])), None
    ):
        raise UsageError("PATH", f"{again}: given twice; give each sealed folder or file once")
    left_roots, left_paths = list(roots), list(paths)
    found: list[tuple[SealedRoot, Path]] = []
    for told_by in (_match_by_place, _match_by_name):
        for root, path in told_by(left_roots, left_paths):
            left_roots.remove(root)
            left_paths.remove(path)
            found.append((root, path))
    if left_paths and len(left_paths) != len(left_roots):
        names = ", ".join(sorted(root.name for root in roots))
        raise UsageError(
            "PATH",
            f"{left_paths[0]}: the seal covers {names}; give that folder or file, or all in the order of sealing",
        )
    return [*found, *zip(left_roots, left_paths, strict=True)] if left_paths else found


def _match_by_place(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    free = list(roots)
    found = []
    for path in paths:
        place = path.resolve().as_posix()
        if root := next((r for r in free if r.absolute == place), None):
            free.remove(root)
            found.append((root, path))
    return found


def _match_by_name(roots: Sequence[SealedRoot], paths: Sequence[Path]) -> list[tuple[SealedRoot, Path]]:
    names = [text_name(Path(r.absolute).name or "root") for r in roots]
    lain = dict(zip(names, roots, strict=True))
    borne = Counter(names) | Counter(map(root_name, paths))
    return [(lain[name], path) for path in paths if (name := root_name(path)) in lain and borne[name] == 1]
