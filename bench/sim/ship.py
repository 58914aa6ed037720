"""Writes the shipped disputes under fixtures/disputes from their stories: `python -m bench.sim.ship`."""

from pathlib import Path

from bench.sim.story import load_story
from bench.sim.tables import write_side
from reconcile.vocabulary import Side

ROOT = Path(__file__).parent.parent.parent
STORIES, DISPUTES = ROOT / "fixtures" / "stories", ROOT / "fixtures" / "disputes"
SHIPPED = ("loan", "group_renovation")


def ship(name: str, folder: Path) -> None:
    """Write both sides of a story as a.* and b.* into the folder, which is made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    dispute = load_story(STORIES / f"{name}.toml").dispute
    for side, stem in ((Side.LEFT, "a"), (Side.RIGHT, "b")):
        write_side(dispute, side, folder, stem)


if __name__ == "__main__":
    for shipped in SHIPPED:
        ship(shipped, DISPUTES / shipped)
        print(f"fixtures/disputes/{shipped}: a.csv a.json b.csv b.json")
