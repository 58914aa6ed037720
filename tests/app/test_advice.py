"""What the page says of a failure names buttons and places of the page, no commands and options."""

import pytest

from reconcile.app.advice import for_page


@pytest.mark.parametrize(
    ("line", "lang", "told"),
    [
        ("/x：文件夹为空；应为导出材料", "zh", "/x：文件夹为空；应为导出材料。"),
        ("/x：请重新复制；限度 a 为 1（见 docs/zh/limits.md；可用 --limit a=NUMBER 调高）", "zh", "/x：请重新复制。"),
        ("/x: 2 exports; name one: `reconcile compare a b --out DIR`", "en", "/x: 2 exports. Add each of them"),
        ("/x：这是图片；请运行 `reconcile check /x --against 导出`", "zh", "/x：这是图片。截图、文书请放到“其他"),
        ("用 --columns time=… 指明各列", "zh", "若为其他来源的表格，请点“更正”指明各列。"),
        ("/x：a 与 b 均可读取；请用 --reader NAME 选定一个", "zh", "/x：a 与 b 均可读取。其中有不止一份材料"),
        ("--sign /x.p12: cannot be opened; expected a file", "en", "/x.p12: cannot be opened; expected a file."),
    ],
)
def test_advice_for_the_command_line_becomes_advice_for_the_page(line: str, lang: str, told: str) -> None:
    assert for_page(line, lang).startswith(told)  # type: ignore[arg-type]
