"""The folders that the choice of a path offers."""

from pathlib import Path

import pytest

from reconcile.app.folders import folder_entries


def test_the_choice_of_a_path_offers_the_users_own_folders_and_mounted_drives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("桌面", "Downloads", "OneDrive/Documents"):
        (tmp_path / name).mkdir(parents=True)
    offered = {one["code"]: one["path"] for one in folder_entries("")["places"] if one["code"]}
    assert offered == {
        "home": str(tmp_path),
        "desktop": str(tmp_path / "桌面"),
        "documents": str(tmp_path / "OneDrive" / "Documents"),
        "downloads": str(tmp_path / "Downloads"),
    }
