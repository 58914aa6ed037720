"""What several tests of safety share."""

import pytest


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two exports of few words, where it does not matter what is compared."""
    files = [tmp_path_factory.mktemp("small") / f"{side}.csv" for side in "ab"]
    for file in files:
        file.write_text("sent_at,sender,text\n2024-03-01 09:00:00,wxid_a,货款已付\n2024-03-01 09:01:00,wxid_b,收到\n")
    return [str(file) for file in files]
