"""Lists of symbols in every form."""

import gzip
from pathlib import Path

import pytest

from tracekit.errors import InputError
from tracekit.readers.demangling import demangled
from tracekit.recording.lldb.symbol_lists import SymbolList, parse_symbols, read_symbols

SYMTAB = """Symtab, file = /System/Library/PrivateFrameworks/Espresso.framework/Versions/A/Espresso, num_symbols = 3:
               Debug symbol
               |Synthetic symbol
               ||Externally Visible
               |||
Index   UserID DSX Type            File Address/Value Size               Flags      Name
------- ------ --- --------------- ------------------ ------------------ ------------------ ---------- -----------------
[    0]      0     Code            0x00000001a0001000 0x0000000000000030 0x001e0000 Espresso::net::__forward(int)
[    1]      7   X Code            0x00000001a0002000 0x0000000000000010 0x000f0000 espresso_plan_submit
[   12]     19 D   ObjCClass       0x00000001a0003000 0x000000012 0x0000000000000000 0x000f0000 -[ANEBuffer init:with:]
"""

NM = """
/usr/lib/libespresso.dylib (for architecture arm64e):
0000000000003f50 T __ZN8Espresso3net9__forwardEi
                 U _malloc
0000000000008000 S _OBJC_CLASS_$_ANEBuffer
0000000000003f90 t -[_ANEModel program]
"""

NM_M = "0000000000003f50 (__TEXT,__text) external __ZN8Espresso3net9__forwardEi\n"

TBD = """--- !tapi-tbd
tbd-version:     4
targets:         [ x86_64-macos, arm64e-macos ]
install-name:    '/System/Library/PrivateFrameworks/Espresso.framework/Versions/A/Espresso'
exports:
  - targets:         [ x86_64-macos, arm64e-macos ]
    symbols:         [ __ZN8Espresso3net9__forwardEi, '_$s',
                       _espresso_plan_submit ]
    objc-classes:    [ EspressoANE, _ANEClient ]
    weak-symbols:    [ __ZTIN8Espresso3netE ]
...
"""

FORWARD = "Espresso::net::__forward(int)"


@pytest.mark.parametrize(
    "text, expected",
    [
        (SYMTAB, SymbolList((FORWARD, "espresso_plan_submit", "-[ANEBuffer init:with:]"), (), "Espresso")),
        (NM, SymbolList((FORWARD, "malloc", "-[_ANEModel program]"), ("ANEBuffer",), "")),
        (
            TBD,
            SymbolList(
                (FORWARD, "_$s", "espresso_plan_submit", "typeinfo for Espresso::net"),
                ("EspressoANE", "_ANEClient"),
                "Espresso",
            ),
        ),
        (
            "# install-name: '/x/Espresso'\nSYM\tEspresso::a()\n+\tEspresso::b()\n-\tEspresso::gone()\nOBJC_CLASS\tC\n",
            SymbolList(("Espresso::a()", "Espresso::b()"), ("C",), "Espresso"),
        ),
        ("Espresso::a()\nEspresso::a()\n\n", SymbolList(("Espresso::a()",), (), "")),
    ],
)
def test_forms(text: str, expected: SymbolList) -> None:
    assert parse_symbols(text, "list", demangled) == expected


def test_older_stubs_write_classes_with_an_underscore() -> None:
    older = "--- !tapi-tbd-v3\nexports:\n  - archs: [ arm64 ]\n    objc-classes: [ _EspressoANE, __ANEClient ]\n"
    assert parse_symbols(older, "list", demangled).classes == ("EspressoANE", "_ANEClient")


def test_nm_m() -> None:
    assert FORWARD in parse_symbols(NM_M, "list", demangled).names


def test_gzip_and_what_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(b"Espresso::a()\n"))
    assert read_symbols(path, demangled).names == ("Espresso::a()",)
    path.write_bytes(gzip.compress(b"Espresso::a()\n")[:-9])
    with pytest.raises(InputError, match="cannot be read"):
        read_symbols(path, demangled)
    path.write_text("# nothing\n")
    with pytest.raises(InputError, match="holds no symbol"):
        read_symbols(path, demangled)


def test_a_recording_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "run.trace.zip"
    path.write_bytes(b"PK\3\4\0\0one 0x1234 two\n")
    with pytest.raises(InputError, match=r"is no text, and so no list of symbols\. Save one with: lldb"):
        read_symbols(path, str)
