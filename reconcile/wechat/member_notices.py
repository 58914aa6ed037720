"""How clients tell of a member who joins or leaves a group: to the member, and to all others."""

JOINED = (
    r"你(?:已)?(?:被.{0,40})?(?:加入了?|进入了?)(?:本?群聊|该群)|邀请(?:你|您)(?:和.{0,200})?加入了?群聊|你通过.{0,60}加入群聊"
    r"|[Yy]ou(?: have|'ve)? joined|invited you|added you\b|[Yy]ou were added"
)
LEFT = (
    r"你(?:已经?|被.{0,40})?(?:移出|退出)了?群聊|你被.{0,40}移出|[Yy]ou (?:have )?(?:left|been removed|were removed)"
    r"|removed you\b"
)
# Any notice of a member joining or leaving, in the words of the device's owner.
COMES_OR_GOES = f"{JOINED}|{LEFT}"
ANY_JOIN = r"加入了?群聊|进入了?群聊|joined|invited| added "
ANY_LEAVE = r"移出了?群聊|移出|退出了?群聊|left|removed"
# Who joined or left: whom another brought or removed, else who did so. Several names have signs between them.
JOINING = (
    r"(?:邀请|invited |added )(.+?)(?:(?:加入|进入)了?群聊| to the group|$)",
    r"^(.+?)(?:通过.{0,60}加入群聊|(?:加入|进入)了?群聊| joined)",
)
LEAVING = (r"(?:将|removed )(.+?)(?:移出|$)", r"^(.+?)(?:被.{0,40}移出|退出了?群聊| (?:has )?left| was removed)")
BETWEEN_NAMES = r"\s*(?:[、，,]| and |(?:你|您)和)\s*"
AROUND_NAMES = ' "“”「」.'
