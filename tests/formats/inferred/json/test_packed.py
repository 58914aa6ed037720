"""Words that stand packed in fields of JSON."""

import json
from pathlib import Path

from reconcile import read


def test_a_notice_whose_words_name_its_other_fields_in_braces_is_read_with_their_values(tmp_path: Path) -> None:
    notice = {"template": "{who} invited {whom} to {place}.", "who": ["Anna"], "whom": ["Ben", "Cy"]}
    bodies = [notice, *({"text": f"word {i} {{who}}", "who": "x"} for i in range(6))]
    rows = [
        {
            "create_time": f"17359002{i}5211",
            "msg_type": "text" if i else "system",
            "sender": {"id": f"ou_{i % 2}" if i else ""},
            "body": {"content": json.dumps(b)},
        }
        for i, b in enumerate(bodies)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"items": rows}), "utf-8")
    found = read(tmp_path / "a.json").messages
    assert found["text"].to_list() == [
        "Anna invited Ben, Cy to {place}.",
        *(f"word {i} {{who}}" for i in range(6)),
    ]
    assert found["kind"][0] == "system"
