"""Signs that both exports come from one party. Manifest, report and command warn of them."""

from collections.abc import Sequence


def same_party_evidence(sums: tuple[Sequence[str], Sequence[str]], owners: tuple[str | None, str | None]) -> str | None:
    """What suggests one party behind both exports: `same_files`, `one_owner`, or None.

    `same_files`: both sides hold the same files. `one_owner`: both state the same account.
    sums: SHA-256 of every file, by side, in any order. owners: the account that each side states; None = none.
    """
    if sums[0] and sorted(sums[0]) == sorted(sums[1]):
        return "same_files"
    return "one_owner" if owners[0] and owners[0] == owners[1] else None
