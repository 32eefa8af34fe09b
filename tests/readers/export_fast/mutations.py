"""Small exports, damaged and edited in the ways files are, each from its number."""

import random
import re
from collections.abc import Callable
from typing import Final

_TAG = re.compile(rb"<[^<>]*>")
_NUMBER = re.compile(rb"(?<=[\">])[0-9]+(?=[\"<])")
_ROW = re.compile(rb"<row>.*?</row>\n", re.S)
_CELL = re.compile(rb"<([a-z0-9-]+) [^<>]*/>|<sentinel/>")
_TEXTS: Final = (
    *(b" ", b"\n", b"\t", b"\r\n", b"\x00", b"\x0b", b"\x7f", b"\xff", b"\xc3\xa9", b"\xef\xbf\xbf", b"\xed\xa0\x80"),
    *(b"&amp;", b"&", b"&#65;", b"&bogus;", b"&lt;", b'"', b"'", b"<", b">", b"/", b"]]>", b"0", b"00", b"-", b"+1"),
    *(b"<!-- -->", b"<![CDATA[1]]>", b"<?pi?>", b"<x/>", b"<frame/>", b"<sentinel/>", b"<row>", b"</row>\n", b"<row/>"),
    *(
        b' id="3"',
        b' ref="3"',
        b' id="99"',
        b' fmt="x"',
        b'<frame ref="11"/>',
        b'<process ref="4"/>',
        b'<thread ref="2"/>',
    ),
)
_NUMBERS: Final = (
    *(b"0", b"1", b"2", b"3", b"007", b"65535", b"32768", b"9007199254740992", b"9223372036854775807", b"-5", b""),
    *(b"99999999", b"123456789", b"1234567890123456", b"12345678901234567", b"18446744073709551616", b"1e3", b" 7 "),
)
_NAMES: Final = (
    *(b"thread", b"process", b"core", b"thread-state", b"weight", b"cycle-weight", b"backtrace", b"tagged-backtrace"),
    *(b"frame", b"binary", b"sample-time", b"uint64", b"sentinel", b"row", b"tid", b"text-addresses", b"pmc-event"),
)


def mutated(document: bytes, number: int) -> bytes:
    """``document`` with one to three changes, the same ones for the same number."""
    chance = random.Random(number)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        document = chance.choice(_CHANGES)(document, chance)
    return document


def _other_byte(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _less(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 1, 2, 5, 40)) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _more(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_TEXTS) + data[at:]


def _more_at_a_tag(data: bytes, chance: random.Random) -> bytes:
    tag = _one(_TAG, data, chance)
    at = chance.choice((tag.start(), tag.end(), tag.end() - 1, tag.end() - 2))
    return data[:at] + chance.choice(_TEXTS) + data[at:]


def _other_number(data: bytes, chance: random.Random) -> bytes:
    return _with(data, _one(_NUMBER, data, chance), chance.choice(_NUMBERS))


def _next_number(data: bytes, chance: random.Random) -> bytes:
    number = _one(_NUMBER, data, chance)
    return _with(data, number, b"%d" % max(0, int(number[0] or 0) + chance.choice((-2, -1, 1, 2))))


def _swapped_numbers(data: bytes, chance: random.Random) -> bytes:
    return _swapped(_NUMBER, data, chance)


def _no_tag(data: bytes, chance: random.Random) -> bytes:
    return _with(data, _one(_TAG, data, chance), b"")


def _twice(data: bytes, chance: random.Random) -> bytes:
    found = _one(chance.choice((_TAG, _ROW, _CELL)), data, chance)
    return _with(data, found, 2 * found[0])


def _swapped_rows(data: bytes, chance: random.Random) -> bytes:
    return _swapped(_ROW, data, chance)


def _swapped_cells(data: bytes, chance: random.Random) -> bytes:
    return _swapped(_CELL, data, chance)


def _no_row(data: bytes, chance: random.Random) -> bytes:
    return _with(data, _one(_ROW, data, chance), b"")


def _no_cell(data: bytes, chance: random.Random) -> bytes:
    return _with(data, _one(_CELL, data, chance), chance.choice((b"", b"<sentinel/>")))


def _other_name(data: bytes, chance: random.Random) -> bytes:
    """One element's tag, or all of a kind's."""
    old, new = chance.choice(_NAMES), chance.choice(_NAMES)
    return data.replace(b"<" + old, b"<" + new, chance.choice((1, -1))).replace(b"</" + old, b"</" + new, 1)


def _other_attributes(data: bytes, chance: random.Random) -> bytes:
    """Another order, other quotes, other white space."""
    tag = _one(_TAG, data, chance)
    change = chance.choice(
        (
            lambda text: re.sub(rb'( [a-z]+="[^"]*")( [a-z]+="[^"]*")', rb"\2\1", text, count=1),
            lambda text: text.replace(b'"', b"'"),
            lambda text: text.replace(b" ", b"  ", 1),
            lambda text: text.replace(b"/>", b" />"),
            lambda text: text.replace(b"=", b" = ", 1),
            lambda text: re.sub(rb"<([a-z0-9-]+)([^<>]*)/>$", rb"<\1\2></\1>", text),
        )
    )
    return _with(data, tag, change(tag[0]))


def _other_head(data: bytes, chance: random.Random) -> bytes:
    change = chance.choice(
        (
            (b'<?xml version="1.0"?>', b'<?xml version="1.0" encoding="latin-1"?>'),
            (b'<?xml version="1.0"?>', b'<?xml version="1.0"?><!DOCTYPE trace-query-result [<!ENTITY a "b">]>'),
            (b'<?xml version="1.0"?>', b"\xef\xbb\xbf<?xml version='1.0'?>"),
            (b'<?xml version="1.0"?>\n', b""),
            (b"<mnemonic>core</mnemonic>", b"<mnemonic>kern</mnemonic>"),
            (b"<mnemonic>weight</mnemonic>", b"<mnemonic>mass</mnemonic>"),
            (b"run[1]", b"run[2]"),
            (b"time-profile", b"cpu-profile"),
            (b"</trace-query-result>", b"</trace-query-result><x/>"),
            (b"</node>", b"</node><node></node>"),
            (b"\n", b"\r\n"),
        )
    )
    return data.replace(*change)


def _one(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes]:
    found = [*pattern.finditer(data)]
    return chance.choice(found) if found else re.match(b"", data)  # type: ignore[return-value]


def _with(data: bytes, place: re.Match[bytes], text: bytes) -> bytes:
    return data[: place.start()] + text + data[place.end() :]


def _swapped(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> bytes:
    one, other = sorted((_one(pattern, data, chance) for _ in range(2)), key=lambda match: match.start())
    if one.end() > other.start():
        return data
    between = data[one.end() : other.start()]
    return data[: one.start()] + other[0] + between + one[0] + data[other.end() :]


_CHANGES: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    *(_other_byte, _less, _cut, _more, _more_at_a_tag, _other_number, _next_number, _swapped_numbers, _no_tag, _twice),
    *(_swapped_rows, _swapped_cells, _no_row, _no_cell, _other_name, _other_attributes, _other_head),
)
