"""Time-stamp answers on the byte level: re-encoded as DER, with the algorithms of their signatures.

Authorities write parts in another order or with other lengths than DER requires (`openssl ts -reply -chain` leaves
certificates unsorted), and the library here only reads DER. No signed byte changes: certificates and signer parts are
copied unchanged. Forms: RFC 3161 2.4.2 (TimeStampResp), RFC 5652 5 (SignedData, SignerInfo), X.690 (BER, DER).
"""

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE, _OID, _OCTETS, _CONSTRUCTED = 0x30, 0x06, 0x04, 0x20
_PART_0, _PART_1 = 0xA0, 0xA1
_GRANTED = b"\x30\x03\x02\x01\x00"
# Deeper than any real answer; BER could nest without end.
_DEEPEST = 24


@dataclass(frozen=True, slots=True)
class _Part:
    """One element: its tag, the bytes inside, and all of its bytes."""

    tag: int
    inside: bytes
    whole: bytes


def to_der(data: bytes) -> bytes:
    """The answer, or bare token, as a TimeStampResp in DER. Raises ValueError where it is neither."""
    parts = list(split_elements(_single_element(data, _SEQUENCE).inside))
    if parts and parts[0].tag == _OID:  # a bare token: the authority's "granted" is put before it
        return _encode_element(_SEQUENCE, _GRANTED + _encode_token(parts))
    token = [_encode_token(list(split_elements(p.inside))) for p in parts[1:] if p.tag == _SEQUENCE]
    return _encode_element(_SEQUENCE, b"".join([_with_definite_lengths(parts[0]), *token]))


def algorithms_of(der: bytes) -> list[list[str]]:
    """Dotted identifiers of each signer's digest and signature. Raises ValueError for another form."""
    token = list(split_elements(_single_element(der, _SEQUENCE).inside))[1]
    content = list(split_elements(token.inside))[1]
    signed = list(split_elements(next(split_elements(content.inside)).inside))
    found = []
    for signer in split_elements(signed[-1].inside):
        parts = list(split_elements(signer.inside))
        # version, signer, digest, [0] attributes, signature's algorithm, signature, [1] attributes
        algorithms = (
            [p for p in parts if p.tag == _SEQUENCE][1:]
            if parts[1].tag == _SEQUENCE
            else [p for p in parts if p.tag == _SEQUENCE]
        )
        found.append([oid for p in algorithms for oid in _object_ids(p)])
    return found


def _encode_token(parts: list[_Part]) -> bytes:
    """A ContentInfo in DER, with the sets of its SignedData in order."""
    kind, content = parts
    signed = list(split_elements(next(split_elements(content.inside)).inside))
    version, digests, covered, *rest = signed
    encoded = [_with_definite_lengths(version), _sort_set(digests), _with_definite_lengths(covered)]
    encoded += [_sort_set(p) if p.tag in (_PART_0, _PART_1) else _encode_element(p.tag, p.inside) for p in rest]
    return _encode_element(
        _SEQUENCE, kind.whole + _encode_element(_PART_0, _encode_element(_SEQUENCE, b"".join(encoded)))
    )


def _sort_set(part: _Part) -> bytes:
    """A set sorted as DER requires, with unchanged content."""
    return _encode_element(part.tag, b"".join(sorted(p.whole for p in split_elements(part.inside))))


def _with_definite_lengths(part: _Part, depth: int = 0) -> bytes:
    """An element with definite lengths; bytes in several pieces are joined."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if not part.tag & _CONSTRUCTED:
        return _encode_element(part.tag, part.inside)
    inner = list(split_elements(part.inside))
    if part.tag == _OCTETS | _CONSTRUCTED:
        pieces = (_with_definite_lengths(p, depth + 1) for p in inner)
        return _encode_element(_OCTETS, b"".join(_single_element(piece, piece[0]).inside for piece in pieces))
    return _encode_element(part.tag, b"".join(_with_definite_lengths(p, depth + 1) for p in inner))


def _single_element(data: bytes, tag: int) -> _Part:
    """The one element of the data. Raises ValueError for another tag or more than one element."""
    parts = list(split_elements(data))
    if len(parts) != 1 or parts[0].tag != tag:
        raise ValueError("not of the form that was looked for")
    return parts[0]


def split_elements(data: bytes) -> Iterator[_Part]:
    """The elements of BER or DER data, one after another. Raises ValueError where it is neither."""
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        if tag & 0x1F == 0x1F:
            raise ValueError("a tag of several bytes")
        begin, end, at = _bounds(data, at + 1)
        yield _Part(tag, data[begin:end], data[start:at])


def _bounds(data: bytes, at: int, depth: int = 0) -> tuple[int, int, int]:
    """Start and end of the content, and end of the element, whose length field is at `at`."""
    if at >= len(data) or depth > _DEEPEST:
        raise ValueError("cut short")
    first, at = data[at], at + 1
    if first == 0x80:
        begin = at
        while data[at : at + 2] != b"\0\0":
            if at + 1 >= len(data):
                raise ValueError("cut short")
            _, _, at = _bounds(data, at + 1, depth + 1)
        return begin, at, at + 2
    if first & 0x80:
        size = first & 0x7F
        length, at = int.from_bytes(data[at : at + size]), at + size
    else:
        length = first
    if at + length > len(data):
        raise ValueError("cut short")
    return at, at + length, at + length


def _encode_element(tag: int, inside: bytes) -> bytes:
    length = len(inside)
    if length < 0x80:
        return bytes([tag, length]) + inside
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(size)]) + size + inside


def _object_ids(part: _Part, depth: int = 0) -> Iterator[str]:
    """Every object identifier inside an element, in order."""
    if part.tag == _OID:
        yield _dotted_id(part.inside)
    elif part.tag & _CONSTRUCTED and depth < _DEEPEST:
        for inner in split_elements(part.inside):
            yield from _object_ids(inner, depth + 1)


def _dotted_id(data: bytes) -> str:
    """An object identifier in dotted form. Raises ValueError for an empty one."""
    numbers, value = [], 0
    for byte in data:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    if not numbers:
        raise ValueError("an empty identifier")
    head = min(numbers[0] // 40, 2)
    return ".".join(map(str, [head, numbers[0] - 40 * head, *numbers[1:]]))
