"""The words that clients and tools write for a call: its name, what became of it, how long it lasted."""

_NAME = "(?:语音|视频|音视频|視訊|視像|語音|视频/语音)?(?:通话|通話)(?:消息|訊息)?"
# What became of a call that nobody took.
UNANSWERED = r"(?:对方)?(?:已?取消|已?拒[绝接]|[未无]应答|未接[听通]|忙线(?:中|未接听)?)"
_STATE = (
    rf"{UNANSWERED}|已在其[他它]设备(?:接听|拒绝)|(?:对方|通话)?已?(?:挂断|中断|结束|接[听通])|(?:连接|呼叫|接通)失败"
)
_LENGTH = r"(?:(?:通话|聊天)?时长[:： ]?)?(?:[0-9]{1,2}[:：]){1,2}[0-9]{2}|(?:(?:通话|聊天)?时长[:： ]?)?(?:[0-9]{1,3} ?分钟? ?)?[0-9]{1,3} ?秒"
_PARTED = r"[ \t\u3000]{0,3}[，,：:|｜ \t\u3000-][ \t\u3000]{0,3}"
# A body that says nothing but what became of a call. A notice of the client has the name and the state in one word.
CALL_SAID = rf"(?:[\[【]{_NAME}[\]】](?:[ \t\u3000]{{0,3}}(?:{_STATE}|{_LENGTH})){{1,2}}|{_NAME}(?:{_PARTED}(?:{_STATE}|{_LENGTH})){{1,2}})$"

__all__ = ["CALL_SAID", "UNANSWERED"]
