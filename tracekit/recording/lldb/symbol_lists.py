"""Lists of symbols, in the forms in which they are found.

    image dump symtab Espresso     LLDB, on the Mac or device itself: local symbols too
    nm, nm -m                      of a file
    *.tbd                          an SDK's stubs: exported names only, Objective-C classes without their methods
    a name a line                  anything else; `+`, `-` and `~` before a tab mark a comparison, `#` a comment

All may be gzipped. C++ names may be mangled or not; demangling is injected.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from tracekit.errors import InputError
from tracekit.files import read_file

_LARGEST: Final = 512 << 20

_SYMTAB: Final = re.compile(r"^Symtab, file = (?P<file>.+), num_symbols", re.M)
_SYMTAB_ROW: Final = re.compile(r"^\[\s*\d+\]\s.*?0x[0-9a-f]+\s+(?:0x[0-9a-f]+\s+)*0x[0-9a-f]{8} (?P<name>\S.*)$", re.M)
_NM_ROW: Final = re.compile(r"^(?:[0-9a-fA-F]{8,16}| {8,})\s+[A-Za-z?-]\s(?P<name>\S.*)$", re.M)
_NM_M_ROW: Final = re.compile(r"^(?:[0-9a-fA-F]{8,16}| {8,})\s+\([^)]*\) [a-z ,-]*external (?P<name>\S.*)$", re.M)
_INSTALL: Final = re.compile(r"install-name:\s*['\"]?(?P<path>[^'\"\n]+)")
_TBD_LIST: Final = re.compile(
    r"(?P<kind>(?:weak-|thread-local-)?symbols|objc-classes|weak-def-symbols):\s*\[(?P<names>[^\]]*)\]", re.S
)
_TBD_NAME: Final = re.compile(r"'(?P<quoted>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<bare>[^\s,'\"]+)")
_TAGGED: Final = re.compile(r"^(?P<tag>[+~-]|SYM|WEAK|OBJC_CLASS|IVAR|TLV)\t(?P<name>.+)$")
_CLASS_PREFIXES: Final = ("_OBJC_CLASS_$_", "OBJC_CLASS_$_")


@dataclass(frozen=True, slots=True)
class SymbolList:
    """Names that are there, in order, each once."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    """Objective-C classes; their methods are in no export list."""
    image: str
    """The library they belong to; empty where the list does not say."""


_MAKE_ONE: Final = "Save one with: lldb -o 'image dump symtab Espresso', or nm, or a .tbd"


def read_symbols(path: Path, demangle: Callable[[str], str]) -> SymbolList:
    """Read a list of symbols.

    Raises:
        InputError: it cannot be read, or holds no symbol.
    """
    data = read_file(path, _LARGEST)
    try:
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as stream:
                data = stream.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", where=path) from error
    if len(data) > _LARGEST:
        raise InputError("is far too large for a list of symbols", where=path)
    if b"\0" in data:
        raise InputError("is no text, and so no list of symbols", where=path, hint=_MAKE_ONE)
    return parse_symbols(data.decode("utf-8", "replace"), str(path), demangle)


def parse_symbols(text: str, where: str, demangle: Callable[[str], str]) -> SymbolList:
    """The symbols of a list; see ``read_symbols``."""
    names: dict[str, None] = {}
    classes: dict[str, None] = {}
    for kind, name in _entries(text):
        of_class = next((name[len(prefix) :] for prefix in _CLASS_PREFIXES if name.startswith(prefix)), None)
        if kind == "class" or of_class is not None:
            classes[of_class or name] = None
        else:
            names[_plain(demangle(name))] = None
    if not names and not classes:
        raise InputError("holds no symbol", where=where, hint=_MAKE_ONE)
    return SymbolList(tuple(names), tuple(classes), _image(text))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    if _SYMTAB.search(text):
        yield from (("symbol", match["name"].strip()) for match in _SYMTAB_ROW.finditer(text))
    elif text.lstrip().startswith(("--- !tapi", "---\narchs", "---\n")):
        yield from _tbd(text)
    elif _NM_ROW.search(text) or _NM_M_ROW.search(text):
        rows = _NM_ROW if _NM_ROW.search(text) else _NM_M_ROW
        yield from (("symbol", match["name"].strip()) for match in rows.finditer(text))
    else:
        yield from _lines(text)


def _tbd(text: str) -> Iterator[tuple[str, str]]:
    is_prefixed = not text.lstrip().startswith("--- !tapi-tbd\n")  # versions 1 to 3 write classes with an underscore
    for block in _TBD_LIST.finditer(text):
        kind = "class" if block["kind"] == "objc-classes" else "symbol"
        for name in _TBD_NAME.finditer(block["names"]):
            found = name["quoted"] or name["double"] or name["bare"]
            yield kind, found.removeprefix("_") if kind == "class" and is_prefixed else found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        tagged = _TAGGED.match(line)
        if tagged and tagged["tag"] in ("-", "IVAR"):
            continue
        if tagged:
            yield "class" if tagged["tag"] == "OBJC_CLASS" else "symbol", tagged["name"].strip()
        elif line.strip() and not line.startswith("#"):
            yield "symbol", line.strip()


def _image(text: str) -> str:
    found = _SYMTAB.search(text)
    path = found["file"] if found else ""
    installed = None if found else _INSTALL.search(text)
    if installed:
        path = installed["path"].strip()
    return PurePosixPath(path).name.removesuffix(".tbd")


def _plain(name: str) -> str:
    """C's names without the underscore that Mach-O puts before them."""
    is_c = name.startswith("_") and not name.startswith(("__", "_Z", "_$"))
    return name[1:] if is_c and "::" not in name and " " not in name else name
