"""What a table tells and how: names or accounts, ids and what spreadsheets do to them, columns left out, sizes, stock replies."""

from collections.abc import Callable
from random import Random

from bench.sim.model import Key, Numbering, Who
from bench.sim.stage import DISPUTED, Fault, Hook, Scene, Stage, both, direct, group, hooks, lone, wants
from bench.sim.truth import Plan
from reconcile.vocabulary import Side


def _nothing(_scene: Scene) -> bool:
    return True


def _names(plan: Plan, rng: Random) -> None:
    both(plan, names_for_ids=True, has_contacts=False, has_ids=False, key=Key.TITLE, has_owner=rng.random() < 0.5)


def _names_on_one(plan: Plan, rng: Random) -> None:
    side = rng.choice(list(Side))
    plan.tables[side].update(names_for_ids=True, has_contacts=False, key=Key.TITLE, owner_as_me=rng.random() < 0.4)


def _names_with_contacts(plan: Plan, _rng: Random) -> None:
    both(plan, names_for_ids=True, has_contacts=True, has_sidecar=True, key=Key.TITLE)


def _me(plan: Plan, _rng: Random) -> None:
    both(plan, names_for_ids=True, has_contacts=False, key=Key.TITLE, owner_as_me=True, who=Who.SENDER)


def _senders_only(plan: Plan, rng: Random) -> None:
    both(plan, who=Who.SENDER, has_names=False, has_owner=rng.random() < 0.5)


def _self_only(plan: Plan, _rng: Random) -> None:
    both(plan, who=Who.SELF, has_names=False)


def _bare(plan: Plan, _rng: Random) -> None:
    """Nothing but time, side and words."""
    both(
        plan,
        who=Who.SELF,
        has_names=False,
        has_ids=False,
        numbering=Numbering.NONE,
        has_hash=False,
        has_amount=False,
        has_duration=False,
        has_status=False,
    )
    both(plan, has_conversation_kind=False, has_sidecar=False, key=Key.ABSENT)


def _no_ids(plan: Plan, _rng: Random) -> None:
    both(plan, has_ids=False)


def _ids(plan: Plan, _rng: Random) -> None:
    both(plan, has_ids=True)


def _ids_on_one(plan: Plan, rng: Random) -> None:
    side = rng.choice(list(Side))
    plan.tables[side]["has_ids"], plan.tables[side.other]["has_ids"] = True, False


def _round_ids(digits: int | None) -> Callable[[Scene], bool]:
    """Ids of one side as a float64 holds them, or with all but the first digits zero."""

    def rounded(number: str) -> str:
        if len(number) < 16:
            return number
        return str(int(float(int(number)))) if digits is None else number[:digits] + "0" * (len(number) - digits)

    def run(scene: Scene) -> bool:
        for row in scene.dispute.copies[scene.side()].rows:
            row.message_id, row.reply_to = rounded(row.message_id), rounded(row.reply_to)
        return True

    return run


def _scientific_ids(scene: Scene) -> bool:
    """Ids of one side as a spreadsheet shows them: six digits and an exponent."""
    for row in scene.dispute.copies[scene.side()].rows:
        if len(row.message_id) > 15:
            row.message_id = f"{float(row.message_id):.5E}"
        row.reply_to = f"{float(row.reply_to):.5E}" if row.reply_to else ""
    scene.dispute.ids_are_shared = False
    return True


def _short_ids(scene: Scene) -> bool:
    """Short running ids in place of the server's, the same on both sides."""
    numbers = {r.message_id: f"m{i:05}" for i, r in enumerate(scene.dispute.said) if len(r.message_id) > 15}
    for copy in scene.dispute.copies.values():
        for row in copy.rows:
            row.message_id, row.reply_to = (
                numbers.get(row.message_id, row.message_id),
                numbers.get(row.reply_to, row.reply_to),
            )
    return True


def _namesakes(scene: Scene) -> bool:
    """Two members of the room bear one name on one device, which writes names only."""
    side = scene.side()
    copy = scene.dispute.copies[side]
    others = [m for m in scene.dispute.chats[DISPUTED].members if m != copy.owner]
    one, two = scene.rng.sample(others, 2)
    copy.remarks[one] = copy.remarks[two] = scene.dispute.name_on(side, one)
    copy.dialect.names_for_ids, copy.dialect.has_contacts = True, False
    return True


def _phones(scene: Scene) -> bool:
    """One device shows phone numbers where it has no name, and writes names only."""
    side = scene.side()
    copy = scene.dispute.copies[side]
    for i, person in enumerate(scene.dispute.people):
        person.phone = person.phone or f"1{scene.rng.randrange(30, 99)}{scene.rng.randrange(10**8):08}"
        if i != copy.owner:
            copy.remarks[i] = f"+86 {person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}"
    copy.dialect.names_for_ids, copy.dialect.has_contacts, copy.dialect.key = True, False, Key.TITLE
    return True


def _own_ids(scene: Scene) -> bool:
    """Each exporter numbers the messages for itself."""
    renamed = {r.message_id: str(scene.rng.randrange(10**18, 9 * 10**18)) for r in scene.dispute.said if r.message_id}
    for row in scene.dispute.copies[scene.side()].rows:
        row.message_id, row.reply_to = (
            renamed.get(row.message_id, row.message_id),
            renamed.get(row.reply_to, row.reply_to),
        )
    scene.dispute.ids_are_shared = False
    return True


def _no_kind(plan: Plan, _rng: Random) -> None:
    both(plan, has_kind=False)


def _tiny(plan: Plan, rng: Random) -> None:
    plan.messages = rng.randint(6, 16)


def _big_room(plan: Plan, rng: Random) -> None:
    plan.members = rng.randint(15, 40)


def _chats(plan: Plan, rng: Random) -> None:
    plan.shared = rng.randint(1, 3)
    plan.others = {side: rng.randint(1, 4) for side in Side}


def _stock(share: float) -> Hook:
    return wants(stock=share)


TABLES = (
    Fault("names only", _nothing, Stage.FORM, _names, slot="names"),
    Fault("names on one side", _nothing, Stage.FORM, _names_on_one, slot="names"),
    Fault("names with a contact list", _nothing, Stage.FORM, _names_with_contacts, slot="names"),
    Fault("namesakes in the room", _namesakes, Stage.CONTENT, group, slot="names members"),
    Fault("phone numbers for names", _phones, Stage.CONTENT, slot="names"),
    Fault("own rows by 我", _nothing, Stage.FORM, _me, slot="names"),
    Fault("senders only", _nothing, Stage.FORM, _senders_only, slot="names"),
    Fault("is_self only", _nothing, Stage.FORM, hooks(direct, _self_only), slot="names members"),
    Fault("bare tables", _nothing, Stage.FORM, hooks(direct, lone, _bare), slot="names members", alone=True),
    Fault("no ids", _nothing, Stage.FORM, _no_ids, slot="ids"),
    Fault("ids on one side", _nothing, Stage.FORM, _ids_on_one, slot="ids"),
    Fault("ids rounded to float64", _round_ids(None), Stage.FORM, _ids, slot="ids"),
    Fault("ids cut to 15 digits", _round_ids(15), Stage.FORM, _ids, slot="ids"),
    Fault("ids in exponents", _scientific_ids, Stage.FORM, _ids, slot="ids"),
    Fault("short ids", _short_ids, Stage.FORM, _ids, slot="ids"),
    Fault("ids not shared", _own_ids, Stage.FORM, _ids, slot="ids"),
    Fault("no kind column", _nothing, Stage.FORM, _no_kind, slot="recall"),
    Fault("few messages", _nothing, Stage.FORM, _tiny, slot="size"),
    Fault("large room", _nothing, Stage.FORM, hooks(group, _big_room), slot="members"),
    Fault("many chats", _nothing, Stage.FORM, _chats, slot="size"),
    Fault("stock replies 50 %", _nothing, Stage.FORM, hooks(_no_ids, _stock(0.5)), slot="ids"),
    Fault("stock replies 75 %", _nothing, Stage.FORM, hooks(_no_ids, _stock(0.75)), slot="ids"),
    Fault("twins", _nothing, Stage.FORM, hooks(_no_ids, wants(twins=0.06)), slot="ids"),
)  # fmt: skip
