"""Words by which forms state a direction, and the status of sending."""

from reconcile.vocabulary import Status

_SELF = "发信 발신 송신 보냄 送信 исходящее исходящий gesendet envoyé enviado inviato wysłane 发送 发出 已发送 发件 发送方 发 是 我 我方 己方 本人 outgoing sent send out true yes 1 self from submit outbox sendbox sentbox"
_PEER = "recv 수신 받음 受信 входящее входящий empfangen reçu recibido recebido ricevuto odebrane 接收 收到 已接收 收件 接收方 收 否 对方 incoming deliver inbox received receive in false no 0 peer to"
DIRECTIONS = {**dict.fromkeys(_SELF.split(), True), **dict.fromkeys(_PEER.split(), False)}
# Words for the sides in the class of an element or the name of a side.
SELF_WORDS = frozenset(["right", "self", "mine", "me", "own", "sent", "outgoing", "out", "fromme", "r"])
PEER_WORDS = frozenset(["left", "other", "others", "peer", "received", "incoming", "in", "them", "tome", "l"])
# Words for the status of sending. A draft was never sent.
_STATUSES: dict[Status | None, str] = {
    Status.SENT: "已发送 发送成功 发送 已发出 成功 已送达 送达 正常 sent delivered success ok",
    Status.RECEIVED: "已接收 已收到 接收 接收成功 received incoming",
    Status.FAILED: "发送失败 失败 未发送 未发出 未送达 未发送成功 草稿 draft failed unsent undelivered notsent notdelivered",
    Status.REJECTED: "被拒收 拒收 已拒收 对方拒收 rejected refused",
    Status.SENDING: "发送中 正在发送 待发送 sending pending queued",
    None: "已读 未读 read unread",
}
STATUSES = {word: None if s is None else str(s) for s, words in _STATUSES.items() for word in words.split()}
