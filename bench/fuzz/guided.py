"""Coverage-guided fuzzing of the byte-level parsers: `python -m bench.fuzz.guided [libFuzzer options]`; needs the group `fuzz`."""

import sys

import atheris

with atheris.instrument_imports(include=["reconcile"]):
    from reconcile.formats.pywxdump.rows import forward_items
    from reconcile.intake.text.mail import read_mail
    from reconcile.wechat.packed_blobs import bytes_extra, room_members, server_ids_in, unpacked_text
    from reconcile.wechat.payload.body import read_body
    from reconcile.wechat.protobuf import message_of, packed_numbers

LIMIT = 2**20
TYPES = (1, 3, 34, 42, 43, 47, 48, 49, 50, 10_000, 10_002)


def one_input(data: bytes) -> None:
    """Every parser of bodies and blobs with the same bytes; none of them may raise."""
    text = data[1:].decode("utf-8", "replace")
    read_body(TYPES[data[0] % len(TYPES)] if data else 1, 0, text)
    forward_items(text)
    for parse in (message_of, packed_numbers, bytes_extra, room_members, server_ids_in, read_mail):
        parse(data)
    unpacked_text(data, LIMIT)


def main() -> None:
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
