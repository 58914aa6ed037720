"""Messages that one side holds as one row agree only where that row shows where each one ends."""

import pytest

from reconcile.intake.contract import FormLimits
from tests.build.chats import Row, chat, counts, held
from tests.build.together import Comparing


@pytest.mark.parametrize(
    ("parts", "cell", "gap", "more", "told"),
    [
        pytest.param(("款子先付3", "5000下个月付"), "款子先付3；5000下个月付", 8, {}, "agreement", id="sign"),
        pytest.param(("这个价我不", "同意就按三万算"), "这个价我不\n同意就按三万算", 8, {}, "agreement", id="line"),
        pytest.param(("我这就过去", "你等我一下"), "我这就过去 你等我一下", 8, {}, "agreement", id="blank"),
        pytest.param(("款子先付3", "5000下个月付"), "款子先付35000下个月付", 8, {}, "doubtful", id="numbers"),
        pytest.param(("款子先付3", "5000下个月付"), "款子先付3,5000下个月付", 8, {}, "doubtful", id="comma-in-number"),
        pytest.param(("这个价我不", "同意就按三万算"), "这个价我不同意就按三万算", 8, {}, "doubtful", id="negation"),
        pytest.param(("我这就过去", "你等我一下"), "我这就过去你等我一下", 8, {}, "doubtful", id="nothing-between"),
        pytest.param(("我这就过去", "你等我一下"), "我这就过去你等我一下", 0, {}, "doubtful", id="one-moment"),
        pytest.param(("五万是借的", "刚才是玩笑"), "刚才是玩笑\n五万是借的", 8, {}, "doubtful", id="order"),
        pytest.param(
            ("我这就过去", "你等我一下"), "我这就过去\n你等我一下", 8, {"message_id": "70123"}, "doubtful", id="id"
        ),
        pytest.param(("我这就过去", "你等我一下"), "我这就过去\n你等我一下", 8, {"tool": True}, "doubtful", id="tool"),
    ],
)
def test_messages_in_one_row_agree_where_it_shows_their_ends_in_order_and_no_tool_wrote_it(
    parts: tuple[str, str], cell: str, gap: int, more: dict[str, object], told: str
) -> Comparing:
    rows = chat()
    limits = FormLimits(is_of_known_make="tool" in more)
    whole = [{"at": 1210 + gap * i, "who": 1, "text": part} for i, part in enumerate(parts)]
    row = whole[0] | {"text": cell} | more
    found = yield held([*rows[:21], *whole, *rows[21:]], 0), held([*rows[:21], row, *rows[21:]], 1, limits=limits)
    seen = counts(found)
    assert seen.pop("set_aside") == 1
    assert seen == {"agreement": 41} if told == "agreement" else {"agreement": 40, told: 1}


@pytest.mark.parametrize(
    ("cell", "told"), [("[图片]；先转五百块给你", "doubtful"), ("先转五百块给你\n[图片]", "agreement")]
)
def test_a_picture_in_the_row_of_a_neighbouring_message_is_missed_by_nobody(cell: str, told: str) -> Comparing:
    rows = chat()
    whole = [
        {"at": 1210, "who": 1, "text": "先转五百块给你"},
        {"at": 1213, "who": 1, "text": "[图片]", "kind": "image"},
    ]
    found = yield (
        held([*rows[:21], *whole, *rows[21:]], 0),
        held([*rows[:21], whole[0] | {"text": cell}, *rows[21:]], 1),
    )
    assert (
        counts(found) == {"agreement": 41, "set_aside": 1}
        if told == "agreement"
        else {"agreement": 40, told: 1, "set_aside": 1}
    )


def _said_in_turn(*told: tuple[str, str]) -> list[Row]:
    """Kind and text of messages that one person sends in succession."""
    return [{"at": 1210 + 9 * i, "who": 1, "kind": kind, "text": text} for i, (kind, text) in enumerate(told)]


TURN = _said_in_turn(
    ("voice", "[语音] 12秒"), ("text", "先转五百块给你🎉"), ("transfer", "[转账] ¥500.00"), ("text", "收一下")
)


@pytest.mark.parametrize(
    ("cell", "agrees"),
    [
        ("[语音] 12秒；先转五百块给你🎉；[转账] ¥500.00；收一下", True),
        ("[语音]；先转五百块给你🎉；[转账]500元；收一下", True),
        ("[语音] 12秒；先转五百块给你🎉；[转账] ¥800.00；收一下", False),
        ("[语音] 12秒；先转八百块给你🎉；[转账] ¥500.00；收一下", False),
    ],
)
def test_messages_of_several_kinds_in_one_row_agree_where_none_of_them_differs(cell: str, agrees: bool) -> Comparing:
    rows = chat()
    row = TURN[0] | {"kind": "voice", "text": cell}
    found = yield held([*rows[:21], *TURN, *rows[21:]], 0), held([*rows[:21], row, *rows[21:]], 1)
    assert (counts(found) == {"agreement": 41, "set_aside": 3}) == agrees
    assert agrees or not counts(found).keys() <= {"agreement", "set_aside"}
