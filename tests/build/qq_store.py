"""QQ NT's message store as its clients keep it, decrypted."""

from collections.abc import Sequence
from pathlib import Path

from tests.build.databases import create, insert, proto

ME, PEER, ROOM, START = 10001, 20002, 77001, 1_704_862_800
_COLUMNS = '"40001" INTEGER PRIMARY KEY, "40002" INT, "40003" INT, "40013" INT, "40020" TEXT, "40021" TEXT, "40027" INT, "40030" INT, "40033" INT, "40050" INT, "40090" TEXT, "40093" TEXT, "40800" BLOB, "40850" INT'

Element = tuple[tuple[int, int | bytes | str], ...]
TEXT: Element = ((45002, 1), (45101, "好的"))
RECALL: Element = ((45002, 8), (48214, '<gtip><nor txt="对方"/><nor txt="撤回了一条消息"/></gtip>'))


def store(folder: Path, bodies: Sequence[Sequence[Element]], *, group: bool = False) -> Path:
    table = "group_msg_table" if group else "c2c_msg_table"
    db = create(
        folder / "nt_msg.db",
        f"CREATE TABLE {table}({_COLUMNS})",
        'CREATE TABLE nt_uid_mapping_table("48901" INTEGER PRIMARY KEY, "48902" TEXT, "1002" INT)',
    )
    insert(db, "nt_uid_mapping_table", **{"48902": "u_peer", "1002": PEER})
    for n, elements in enumerate(bodies):
        own = n % 2 == 0
        body = b"".join(proto((40800, proto(*e))) for e in elements)
        insert(db, table, **{
            "40001": 7_300_000_000_000_000_000 + n, "40002": n, "40003": 100 + n, "40013": int(own), "40020": "u_me" if own else "u_peer",
            "40021": str(ROOM) if group else "u_peer", "40027": ROOM if group else 0, "40030": 0, "40033": ME if own else 0,
            "40050": START + n, "40800": body,
        })  # fmt: skip
    db.commit()
    db.close()
    return folder / "nt_msg.db"
