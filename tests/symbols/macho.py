"""A Mach-O file with DWARF, written byte by byte: ``draw`` at 0x1000, in it ``blend`` inlined from line 5."""

import struct
import uuid

VMADDR = 0x1_0000_0000
ARM64, DSYM = 0x0100000C, 0xA
_TEXT_AT = VMADDR + 0x1000


def macho(identity: str) -> bytes:
    """A dSYM's file with this UUID.

    0x1000  draw     a.c:7
    0x1010    blend  a.c:2, called at a.c:8
    0x1020  draw     a.c:9
    0x1040  end
    """
    sections = {"__debug_abbrev": _abbreviations(), "__debug_info": _info(), "__debug_line": _lines()}
    header = 32 + 24 + (72 + 80) + (72 + 80 * len(sections))
    at, parts, described = header, b"", b""
    for name, data in sections.items():
        described += struct.pack("<16s16sQQ8I", name.encode(), b"__DWARF", 0, len(data), at, 0, 0, 0, 0, 0, 0, 0)
        parts += data
        at += len(data)
    text = struct.pack("<2I16s4Q4I", 0x19, 152, b"__TEXT", VMADDR, 0x4000, 0, 0, 5, 5, 1, 0)
    text += struct.pack("<16s16sQQ8I", b"__text", b"__TEXT", _TEXT_AT, 0x40, 0, 2, 0, 0, 0x80000400, 0, 0, 0)
    dwarf = struct.pack(
        "<2I16s4Q4I", 0x19, 72 + len(described), b"__DWARF", VMADDR + 0x4000, 0x1000, header, len(parts), 7, 3, 3, 0
    )
    commands = struct.pack("<2I16s", 0x1B, 24, uuid.UUID(identity).bytes) + text + dwarf + described
    return struct.pack("<8I", 0xFEEDFACF, ARM64, 0, DSYM, 3, len(commands), 0, 0) + commands + parts


def _abbreviations() -> bytes:
    def abbreviation(number: int, tag: int, children: int, *attributes: tuple[int, int]) -> bytes:
        return bytes([number, tag, children]) + b"".join(bytes(each) for each in attributes) + b"\0\0"

    name, low, high = (0x03, 0x08), (0x11, 0x01), (0x12, 0x06)  # string; addr; data4
    return (
        abbreviation(1, 0x11, 1, name, (0x13, 0x05), low, high, (0x10, 0x17))  # compile unit: language, statements
        + abbreviation(2, 0x2E, 0, name, (0x20, 0x0B))  # subprogram: inline
        + abbreviation(3, 0x2E, 1, name, low, high)
        + abbreviation(4, 0x1D, 0, (0x31, 0x13), low, high, (0x58, 0x0B), (0x59, 0x0B))  # inlined: origin, file, line
        + b"\0"
    )


def _info() -> bytes:
    start = struct.pack("<HIB", 4, 0, 8)
    unit = b"\1a.c\0" + struct.pack("<HQII", 0x0C, _TEXT_AT, 0x40, 0)
    origin = 4 + len(start) + len(unit)
    body = unit + b"\2blend\0\1" + b"\3draw\0" + struct.pack("<QI", _TEXT_AT, 0x40)
    body += b"\4" + struct.pack("<IQIBB", origin, _TEXT_AT + 0x10, 0x10, 1, 8) + b"\0\0"
    return struct.pack("<I", len(start) + len(body)) + start + body


def _lines() -> bytes:
    tables = b"/src\0\0" + b"a.c\0\1\0\0\0"
    lengths = bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
    prologue = struct.pack("<5B", 1, 1, 1, 0xFB, 14)[:5] + b"\x0d" + lengths + tables
    program = b"\0\x09\2" + struct.pack("<Q", _TEXT_AT)
    for step, line in ((0, 6), (0x10, -5), (0x10, 7)):  # to 7, 2 and 9
        program += b"\2" + bytes([step]) + b"\3" + bytes([line & 0x7F]) + b"\1"
    program += b"\2\x20" + b"\0\1\1"
    header = struct.pack("<HI", 4, len(prologue)) + prologue
    return struct.pack("<I", len(header) + len(program)) + header + program
