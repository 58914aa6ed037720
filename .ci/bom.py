"""Writes docs/sbom.cdx.json (CycloneDX 1.6) and docs/licences.md from requirements.lock and what the installed packages state."""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))?\s*\\?$", re.M)


def main() -> None:
    """Rewrites both files; the same lock and packages give the same bytes."""
    found = [(m[1].lower(), m[2], m[3] or "") for m in PINNED.finditer((ROOT / "requirements.lock").read_text("utf-8"))]
    components = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "licenses": [{"license": {"name": licence_of(name)}}],
        }
        for name, version, _ in found
    ]
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "reconcile"}},
        "components": components,
    }
    (ROOT / "docs" / "sbom.cdx.json").write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", "utf-8")
    rows = [f"| {name} | {version} | {licence_of(name)} | {where} |" for name, version, where in found]
    head = "# Licences of what is installed beside the program\n\nWritten by `make sbom` from `requirements.lock`; “not installed here” = the machine that wrote it has no need of it.\n\nThe table of characters in `reconcile/wechat/chinese_script.txt` is that of OpenCC (https://github.com/BYVoid/OpenCC), under the Apache License 2.0 (https://www.apache.org/licenses/LICENSE-2.0). The emoji in `reconcile/wechat/softbank_emoji.txt` follow the field `softbank` of emoji-data (https://github.com/iamcal/emoji-data), under the MIT License, which names EmojiSources.txt of Unicode as its source (Unicode License V3, https://www.unicode.org/license.txt).\n\n| Package | Version | Licence as stated | Only where |\n|---|---|---|---|\n"
    (ROOT / "docs" / "licences.md").write_text(head + "\n".join(rows) + "\n", "utf-8")


def licence_of(name: str) -> str:
    """What the package itself states, in one line."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    classified = [c.rsplit(" :: ", 1)[-1] for c in told.get_all("Classifier") or [] if c.startswith("License ::")]
    stated = (
        told.get("License-Expression")
        or "; ".join(classified)
        or (told.get("License") or "not stated").strip().splitlines()[0]
    )
    return stated.replace("|", "/")[:80]


main()
