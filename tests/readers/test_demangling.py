"""Names are spelled as xctrace spells them, and no name can hang the reader."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.readers.export.documents import ROW, time_profile
from tracekit.readers import open_trace
from tracekit.readers.demangling import MAX_MANGLED, demangled, printed_name

SPELLINGS = {
    "__ZN5dyld4L7prepareERNS_4APIsEPKN6mach_o6HeaderE": "dyld4::prepare(dyld4::APIs&, mach_o::Header const*)",
    "__ZZN5dyld45startEPNS_10KernelArgsEPvS2_ENK3$_0clEv": (
        "dyld4::start(dyld4::KernelArgs*, void*, void*)::$_0::operator()() const"
    ),
    "____ZNK5dyld46Loader25findAndRunAllInitializersERNS_12RuntimeStateE_block_invoke": (
        "invocation function for block in dyld4::Loader::findAndRunAllInitializers(dyld4::RuntimeState&) const"
    ),
    "__ZNSt3__119__shared_weak_count16__release_sharedB8ne190102Ev": (
        "std::__1::__shared_weak_count::__release_shared[abi:ne190102]()"
    ),
    "__ZN4core3ops8function6FnOnce9call_once17haf445f65926529afE": (
        "core::ops::function::FnOnce::call_once::haf445f65926529af"
    ),
    "_$s14MambaASRRunner14loadWavMono16k33_27F6C2839DE4FD767A3C534445713DECLL4pathSaySfGSgSS_tF": (
        "loadWavMono16k(path:)"
    ),
    "_$sSa22_allocateUninitializedySayxG_SpyxGtSiFZSf_Tt0g5": "specialized static Array._allocateUninitialized(_:)",
    "-[MLModel predictionFromFeatures:error:]": "-[MLModel predictionFromFeatures:error:]",
    "___53-[MLNeuralNetworkEngine evaluateBatch:options:error:]_block_invoke": (
        "___53-[MLNeuralNetworkEngine evaluateBatch:options:error:]_block_invoke"
    ),
    "DYLD-STUB$$_objc_retain": "DYLD-STUB$$objc_retain",
    "DYLD-STUB$$__platform_bzero": "DYLD-STUB$$_platform_bzero",
    "DYLD-STUB$$__ZNSt3__15mutex4lockEv": "DYLD-STUB$$std::__1::mutex::lock()",
    "objc_msgSend$count": "objc_msgSend$count",
    "0x1a501e460": "0x1a501e460",
    "": "",
}


def test_newer_names_of_rust_are_written_as_rust_writes_them() -> None:
    """An example of Rust's RFC 2603; older names of Rust keep their hash, as in xctrace."""
    assert demangled("_RNvCs15kBYyAo9fc_7mycrate3foo") == demangled("__RNvCs15kBYyAo9fc_7mycrate3foo") == "mycrate::foo"
    assert demangled("_Reset") == "_Reset"


@pytest.mark.parametrize("mangled, printed", SPELLINGS.items())
def test_spelling(mangled: str, printed: str) -> None:
    assert printed_name("", mangled) == printed


def test_a_display_name_is_printed_as_it_is() -> None:
    assert printed_name("main", "_main") == "main"
    assert printed_name("__ZN1a1bEv", "_x") == "__ZN1a1bEv"


@pytest.mark.parametrize(
    "mangled",
    [
        "__Z1f" + "P" * 8000 + "i",
        "__Z1f" + "1aI" * 4000 + "i" + "E" * 4000,
        "__Z1f" + "".join(f"1bIS{number}_S{number}_E" for number in range(1, 10)) * 200,
        "__ZN" + "1a" * 8000 + "Ev",
        "_$s1a" + "1bV" * 5000 + "yyF",
        "_$s1a1b" + "yS" * 8000 + "F",
        "_$s1a1byy" + "Say" * 2000 + "Si" + "G" * 2000 + "F",
        "_T" + "F" * 16_000,
        "__ZcvT_IiE" * 1600,
        "__Z1f" + "a" * (MAX_MANGLED + 1),
        "____Z1fv" + "_block_invoke_2" * 1000,
        "__Z\x00\ud800\n",
    ],
)
def test_a_hostile_name_costs_little(mangled: str) -> None:
    begin = time.perf_counter()
    spelling = demangled(mangled)
    assert time.perf_counter() - begin < 5
    assert len(spelling) <= max(16_384, 32 * len(mangled))


def test_a_long_name_of_a_real_kind_is_spelled() -> None:
    mangled = "__ZN4Core3runE" + "St6vectorIiSaIiEE" * 300
    assert demangled(mangled).startswith("Core::run(std::vector<int, std::allocator<int>>, std::vector<")
    assert demangled("__Z1f" + "i" * (MAX_MANGLED - 4)).startswith("__Z1f")


def test_the_demangler_is_only_imported_when_a_name_needs_it() -> None:
    code = "import sys, tracekit.readers.bundle; sys.exit('demangle' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


RUST = "_RNvCs15kBYyAo9fc_7mycrate3foo"
TEXTS = {
    "fast": time_profile(ROW.replace('name="work"', f'name="{RUST}"')),
    "lxml": time_profile(ROW.replace('name="work"', f'name="{RUST}"')).replace("<row>", "<!-- --><row>"),
    "sample": f"Call graph:\n    3 Thread_1\n    + 3 {RUST}  (in T) + 4  [0x1]\n\n",
    "deep copy": f"Weight\tSelf Weight\t\tSymbol Name\n3.0 ms 100.0%\t3.0 ms\t \t{RUST}\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_newer_names_of_rust_are_spelled_where_instruments_leaves_them(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(TEXTS[kind])
    assert RUST in TEXTS[kind]
    names = open_trace(path).profile().frames["name"].tolist()
    assert "mycrate::foo" in names
    assert RUST not in names
