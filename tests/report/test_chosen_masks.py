"""Reports that mask what a person chose: people, numbers, rows, and nothing else."""

from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from reconcile.case import compare
from reconcile.errors import UsageError
from reconcile.options import CaseOptions
from reconcile.reissue import ReissueOptions, reissue
from reconcile.report.chosen_masks import load_masks

# What the conflicting message says on one side.
AMOUNT = "本金还欠60000元"
DISPUTE = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished comparison of a shipped dispute."""
    out = tmp_path_factory.mktemp("masks") / "out"
    compare(
        DISPUTE / "a.csv",
        DISPUTE / "b.csv",
        out,
        CaseOptions(error_rates=False, reports=(), labels=("原告 文海", None)),
    )
    return out


def masked(folder: Path, tmp_path: Path, **chosen: Any) -> str:
    """The words of every report under these masks."""
    file = tmp_path / "masks.json"
    file.write_bytes(orjson.dumps(chosen))
    reissue(folder, tmp_path / "out", ReissueOptions(forms=("html", "json", "csv"), mask=load_masks(file)))
    return "".join(p.read_text("utf-8") for p in sorted((tmp_path / "out").iterdir()))


def test_a_chosen_person_is_named_nowhere_and_others_still_are(folder: Path, tmp_path: Path) -> None:
    text = masked(folder, tmp_path, people=[["wxid_zhouwenhai71", "文海", "13800000071"]])
    assert "wxid_zhouwenhai71" not in text
    assert "文海" not in text
    assert "13800000071" not in text
    assert "〔T1〕" in text
    assert "wxid_hejun0926" in text


def test_the_words_of_a_chosen_row_stand_nowhere(folder: Path, tmp_path: Path) -> None:
    rows = pl.read_parquet(folder / "alignment.parquet").filter(pl.col("relation").cast(pl.String) == "conflict")
    names = [f"{side}:{row + 1}" for side in ("left", "right") for row in rows[f"{side}_row"]]
    (before, after) = (tmp_path / "before", tmp_path / "after")
    for made in (before, after):
        made.mkdir()
    assert AMOUNT in masked(folder, before)
    text = masked(folder, after, rows=names)
    assert AMOUNT not in text
    assert "〔R〕" in text


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"rows": ["left:0"]}', b'{"rows": ["x"]}', b'{"more": 1}'])
def test_a_file_that_is_none_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "masks.json").write_bytes(content)
    with pytest.raises(UsageError, match="--masks"):
        load_masks(tmp_path / "masks.json")
