"""What a field's name hints at: a weak sign, which the values have to bear out."""

from functools import cache, lru_cache

from reconcile.patterns import lazy_pattern
from reconcile.wechat.chinese_script import simplified

_WORDS: dict[str, str] = {
    "time": "time timestamp ts date datetime sent sendtime senttime createtime createdat created create at when utc messagedate datesent sentdate 时间 日期 发送时间 时刻 "
    "消息时间 送信日時 日時 日付 時刻 zeit datum uhrzeit fecha hora heure tijd data dateandtime unixtime epoch clock sentat zeitpunkt erstellt erstelltam gesendet gesendetam envoyé enviado "
    "시간 시각 날짜 일시 дата время thờigian ngày czas tarih zaman orario",
    "sender": "sender from author speaker user handle nick nickname who by talker member person name username uid uin wxid account sendername "
    "displayname fromname 发送者 发送人 发送方 发言人 发言者 发信人 发件人 说话人 付款人 付款方 转账人 汇款人 来自 昵称 姓名 作者 用户 用户名 名称 备注 微信号 账号 absender auteur remitente "
    "von 送信者 発言者 差出人 發送者 發送人 發話者 發言人 afzender expéditeur remetente role senderid fromid fromuser userid "
    "보낸사람 보낸이 발신자 발신인 송신자 작성자 이름 отправитель автор имя mittente autore nadawca gönderen ngườigửi creator poster",
    "text": "text content body message msg words 内容 正文 消息 文本 消息内容 聊天内容 信息内容 文本内容 nachricht mensaje texto texte bericht mensagem "
    "转账说明 转账备注 付款说明 附言 本文 メッセージ トーク 內容 訊息 messagetext msgcontent plaintext originaltext 原文 say said line utterance "
    "메시지 내용 본문 대화내용 сообщение текст messaggio testo wiadomość treść mesaj nộidung tinnhắn",
    "kind": "type kind msgtype messagetype contenttype category typename 类型 消息类型 内容类型 typ tipo",
    "direction": "self own mine me outgoing isself issend issender fromme isfromme direction isme ismine issent sent isowner isoutbox outbox 方向 收发 本人 是否本人 是否发送者 是否发送 "
    "收发方向 side out incoming isincoming inbound isinbound isreceived 是否接收 是否收到 방향 направление kierunek",
    "conversation": "conversation chat room session thread channel group participants peer chatname chatid roomid rid groupid talker dialog 会话 群 群名 群聊 聊天对象 对话 "
    "会话名称 会话id 대화방 채팅방 чат беседа",
    "receiver": "to an receive recv receiver recipient listener 受信者 宛先 接收者 touser receivername toid towxid 接收者 接收人 接收方 收件人 收信人 收款人 收款方 发往 发给 发送给 发至 받는사람 받는이 수신자 수신인 получатель кому empfänger destinataire destinatario destinatário odbiorca ngườinhận",
    "id": "id msgid messageid serverid svrid server msgsvrid guid uuid newmsgid 消息id 编号",
    "local_id": "localid local index no seq rowid 序号 本地id",
    "amount": "amount money 金额 转账金额 yuan",
    "reply_to": "replyto replyid quoteid refid",
    "media_hash": "md5 sha256 hash",
    "file_name": "filename attachment 文件名 文件名称 附件 附件名",
    "duration": "duration 时长",
    "url": "url link href 链接",
    "status": "status state sendstatus 状态 发送状态 消息状态",
    "deleted": "deleted isdeleted deletedstate recalled isrecalled isrecall revoked isrevoked isrevoke unsent isunsent retracted 删除状态 是否删除 已删除 是否撤回 已撤回",
    "file_size": "filesize 文件大小",
}  # fmt: skip
# Words for other things than the message itself; a name with one of them does not fit the role.
_ELSEWHERE: dict[str, str] = {
    "time": "edit edited update updated modify modified delete deleted revoke recall recalled receive received deliver delivered read seen import imported "
    "export exported download downloaded join joined expire expires expired birth last first quote quoted reply ref media file avatar start end "
    "geändert bearbeitet empfangen gelesen zugestellt modifié reçu lu modificado recibido leído 撤回 修改 更新 接收 导出 导入 下载 入群 引用",
    "sender": "receiver recipient to target peer chat conversation room group session channel reply quote quoted ref mention at file avatar color colour discriminator tool device "
    "receive receives receipt receipts recv reaction reactions original media forward via center centre smsc subject topic title 接收 收件 群 会话 聊天对象 引用 附件 文件 to_user",
    "text": "raw xml html source quote quoted reply ref refer forward title desc description file url path avatar md5 remark extra json elements "
    "original media thumb caption origin type kind time date key count meta 引用 原始 文件 链接 备注 status 状态 id",
    "kind": "chat conversation media mime file quote reply ref room group account user sub elements",
    "id": "user sender from author chat room conversation group talker member reply quote file media session account to peer 用户 发送者 引用 会话 群",
    "direction": "read edited deleted reply",
}
# Words that name an end of a message behind `from` or `receiver`, and those before them.
_ENDS = frozenset(["recipient", "account", "address", "number", "phone", "jid", "email", "id", "name", "user"])
_BEGINNINGS = {"sender": ("from", "sender", "send"), "receiver": ("to", "receiver", "receive", "recv")}
_SOMEBODY = frozenset(["user", "sender", "author", "speaker", "member"])
# Words of objects that describe somebody, so that what is inside them is no text of a message.
_PEOPLE = frozenset(["sender", "author", "speaker", "member"])
# Who did what an action states.
ACTORS = frozenset(["actor", "caller", "initiator"])
_ROOMS = frozenset(["chat", "group", "room"])
_MARKUP = frozenset(["xml", "html"])
# What a member of a group is called there.
_MEMBER, _GROUP = lazy_pattern("成员|成員|昵称|暱稱|名片|发言|發言"), lazy_pattern("群(?:聊|组|组内|内|里)?的?")
# In stores of Apple's Core Data, the names of all columns begin with Z.
_CORE_DATA = lazy_pattern(r"Z[A-Z][A-Z0-9_]{2,}")
# Further words that may be joined in a name, such as `msg` in `msgtime`.
_OTHER_WORDS = frozenset([
    "msg", "message", "send", "sent", "recv", "chat", "list", "no", "str", "num", "user", "name", "id", "is", "at", "on", "type", "code", "key", "db",
    "local", "server",
])  # fmt: skip
# Words in what the names of people are called.
_NAMES, _CHINESE_NAMES = (
    frozenset(["name", "nick", "nickname", "remark", "alias", "card", "displayname"]),
    ("名", "昵称", "备注"),
)
_TRANSLATIONS = frozenset(["translation", "translated", "traduction", "traducción", "übersetzung", "vertaling"])
_SHORTEST_FUSED, _LONGEST_FUSED = 5, 40
_PARTS = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


@cache
def words_of(name: str) -> set[str]:
    """The words of all levels of a dotted name."""
    return {w for level in parts_of(name) for w in level}


def parts_of(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of each level of a dotted name: `sender.nickName` -> ((sender,), (nick, name))."""
    bare = (level[1:] if is_of_core_data(level) else level for level in name.split("."))
    levels = (tuple(w for p in _PARTS.findall(level) for w in _unfused(p.lower())) for level in bare)
    return tuple(level for level in levels if level)


def is_of_core_data(name: str) -> bool:
    """Whether a name is one of a column of Apple's Core Data, such as `ZUSER`."""
    return bool(_CORE_DATA.fullmatch(name))


@cache
def _unfused(part: str) -> tuple[str, ...]:
    """The words that a lower-case name such as `fromuid` joins; else the name itself.

    A word that names a role is never split.
    """
    known = _vocabulary()
    if part in known or not _SHORTEST_FUSED <= len(part) <= _LONGEST_FUSED or not part.isascii():
        return (part,)
    splits: list[tuple[str, ...] | None] = [(), *[None] * len(part)]
    for end in range(1, len(part) + 1):
        found = [
            (*told, part[at:end]) for at in range(end) if (told := splits[at]) is not None and part[at:end] in known
        ]
        splits[end] = min(found, key=len, default=None)
    return splits[-1] or (part,)


@cache
def _vocabulary() -> frozenset[str]:
    """All words that speak for any role."""
    words = {w for told in (*_WORDS.values(), *_ELSEWHERE.values()) for w in told.split()}
    return frozenset({w for w in words if w.isascii() and len(w) > 1} | _OTHER_WORDS)


@cache
def _words_of_role(role: str) -> frozenset[str]:
    return frozenset(_WORDS.get(role, "").split())


@cache
def _words_of_other_roles(role: str) -> frozenset[str]:
    return frozenset(_ELSEWHERE.get(role, "").split())


def _names_an_end(words: tuple[str, ...], role: str) -> bool:
    """Whether words such as `from_recipient_id` name the end of a transfer that has this role."""
    return len(words) > 1 and words[0] in _BEGINNINGS.get(role, ()) and {*words[1:]} <= _ENDS


def _without_rooms(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words such as `chat-user` or 群成员, which name somebody in a chat and not the chat, without the chat."""
    if words[-1] in _SOMEBODY:
        return tuple(w for w in words if w not in _ROOMS)
    return tuple(_GROUP.sub("", w) or w for w in words) if any(map(_MEMBER.search, words)) else words


def is_called_a_name(column: str) -> bool:
    """Whether the last word of a column's name is one for names: not the place or address of a person."""
    last = parts_of(column)[-1:]
    return any({*level} & _NAMES or any(w in part for w in _CHINESE_NAMES for part in level) for level in last)


def names_a_person(column: str, role: str) -> bool:
    """Whether a column is called a name and not by a word of the role: it has another role.

    A remark may be words.
    """
    return hint(column, role) <= 0 and column.isascii() and is_called_a_name(column) and "remark" not in column.lower()


def names_a_party(column: str) -> bool:
    """Whether a column of the rows is called after a person, and not after a chat."""
    return not column.startswith("^") and hint(column, "sender") > 0 >= hint(column, "conversation")


def is_translation(name: str) -> bool:
    """Whether a name says that the words are a translation of others."""
    return bool(words_of(name) & _TRANSLATIONS) or any(w in name for w in ("译文", "翻译", "譯文", "翻譯"))


@lru_cache(10_000)
def hint(name: str, role: str) -> float:
    """How well a name fits a role: 1 its own word, 0.5 one word of several, 0 none, -1 a word against it.

    A name that says nothing in traditional characters is asked in simplified ones.
    """
    return _hint(name, role) or _hint(simplified(name), role)


def _hint(name: str, role: str) -> float:
    """`hint` of a name as it is written."""
    levels = parts_of(name)
    if role in ("sender", "conversation"):
        levels = tuple(_without_rooms(level) for level in levels)
    if not levels:
        return 0.0
    known, against = _words_of_role(role), _words_of_other_roles(role)
    last = levels[-1]
    joined = "".join(last)
    above = {p for level in levels[:-1] for p in (*level, "".join(level))}
    above_says_no = bool(above & (against | (_PEOPLE if role == "text" else frozenset())))
    above_says_no |= any(a in w for a in against if not a.isascii() for w in above)
    if (joined in known or _names_an_end(last, role)) and not above_says_no:
        return 1.0
    if role == "text" and last[-1] in _MARKUP and {*last[:-1]} & known and not above_says_no:
        return 0.5
    # The last of several words says what is named: the sender of a message is no text.
    above_says_no |= role == "text" and len(last) > 1 and last[-1] not in known and last[-1] in _words_of_role("sender")
    if above_says_no or {*last} & against or any(a in joined for a in against if not a.isascii()):
        return -1.0
    if above & known and (role == "sender" or (role == "conversation" and joined in _ENDS)):
        return 1.0
    return 0.5 if {*last} & known or any(k in joined for k in known if not k.isascii()) else 0.0
