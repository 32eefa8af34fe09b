"""LLDB breakpoints: patterns translated, and the script run in a real LLDB on a stand-in in C++."""

import ast
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recording.conftest import Here
from tests.support.fake_mac import FakeMac
from tracekit.attribution.breakpoints import engine_patterns, stage_patterns
from tracekit.attribution.catalogue import builtin_catalogue
from tracekit.recording.lldb.script import SEEDS, Breakpoint, exactly, posix, script

STAND_IN = """
namespace Espresso {
volatile int sink;
struct layer { virtual void __launch(); };
struct net { int __forward(int); };
namespace MPSEngine {
struct context { context(); void __launch_kernel(int); };
void register_kernels(int);
}
namespace BNNSEngine { struct convolution_kernel { void __launch(int); }; }
struct elementwise_kernel_cpu { void __launch(const char *); };
void layer::__launch() { sink = 1; }
int net::__forward(int n) { sink = n; return n; }
MPSEngine::context::context() { sink = 6; }
void MPSEngine::context::__launch_kernel(int) { sink = 2; }
void MPSEngine::register_kernels(int) { sink = 7; }
void BNNSEngine::convolution_kernel::__launch(int) { sink = 3; }
void elementwise_kernel_cpu::__launch(const char *) { sink = 4; }
}
extern "C" void program() __asm__("-[_ANEModel program]");
extern "C" void program() { Espresso::sink = 5; }
int main(int argc, char **) {
    Espresso::layer layer;
    Espresso::net net;
    Espresso::MPSEngine::context gpu;
    Espresso::MPSEngine::register_kernels(1);
    Espresso::BNNSEngine::convolution_kernel cpu;
    Espresso::elementwise_kernel_cpu elementwise;
    for (int i = 0; i < 7; i++) {
        net.__forward(i);
        layer.__launch();
        if (argc > 2) gpu.__launch_kernel(i);
        if (argc > 1) program();
        if (i % 2) cpu.__launch(i);
        elementwise.__launch("");
    }
    return 3;
}
"""


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with functions of those names; only clang's assembler takes the Objective-C one."""
    folder = tmp_path_factory.mktemp("stand-in")
    source = folder / "stand.cpp"
    source.write_text(STAND_IN)
    try:
        subprocess.run(["clang++", "-g", "-O0", str(source), "-o", str(folder / "stand")], check=True)
    except FileNotFoundError:
        source.unlink()
    return folder / "stand"


def in_lldb(lldb: str, folder: Path, *commands: str) -> str:
    """What LLDB prints. Debian's finds its own Python modules only when told where they are."""
    paths = [*map(str, Path("/usr/lib").glob("llvm-*/lib/python3*/*-packages")), "/usr/lib/python3/dist-packages"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    if Path("/usr/lib/python3/dist-packages").is_dir():
        environment |= {"PYTHONPATH": ":".join(paths), "PATH": "/usr/bin:/bin"}
    asked = [part for command in commands for part in ("-o", command)]
    done = subprocess.run(
        [lldb, "-b", *asked], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_real_lldb_counts_and_goes_on(needed: Callable[[str], str], stand_in: Path, tmp_path: Path) -> None:
    needed("clang++")
    rules = builtin_catalogue().rules
    patterns = [(engine, posix(pattern)) for engine, pattern in engine_patterns(rules)]
    found = [Breakpoint(engine, "regex", pattern) for engine, pattern in patterns if pattern]  # type: ignore[arg-type]
    (tmp_path / "counter.py").write_text(script([*SEEDS, *found], stage_patterns(rules)))
    printed = in_lldb(
        needed("lldb"), tmp_path, f"target create {stand_in}", "command script import counter.py", "run one two"
    )
    assert "tracekit: the Neural Engine was called, the GPU too, the CPU too.\n" in printed
    assert "hits: ANE 7, GPU 7, CPU 10, any 14" in printed
    assert "exited with status = 3" in printed
    assert "stop reason" not in printed


def test_from_a_recording_only_what_was_seen(
    needed: Callable[[str], str], stand_in: Path, mac: FakeMac, here: Here
) -> None:
    needed("clang++")
    (mac.home / "seen.folded").write_text(
        "main;-[MLModel predictionFromFeatures:error:];Espresso`Espresso::net::__forward(int);"
        "Espresso`Espresso::elementwise_kernel_cpu::__launch(char const*) 40\n"
    )
    done = here("breakpoints", "--from", "seen.folded", "-o", "counter.py")
    assert done.returncode == 0, done.stderr
    text = (mac.home / "counter.py").read_text()
    assert r"^Espresso::elementwise_kernel_cpu::__launch\\(char const\\*\\)$" in text
    assert "AneInferenceOperation" not in text
    commands = (f"target create {stand_in}", "command script import counter.py", "run", "tracekit-verdict")
    printed = in_lldb(needed("lldb"), mac.home, *commands)
    assert printed.count("tracekit: the Neural Engine was not called, but the CPU.\n") == 2
    assert printed.count("hits: ANE 0, GPU 0, CPU 10, any 14") == 2


def test_a_recording_without_engines(mac: FakeMac, here: Here) -> None:
    (mac.home / "none.folded").write_text("main;work 5\n")
    done = here("breakpoints", "--from", "none.folded")
    assert done.returncode == 1
    assert "no named function of an engine was seen" in done.stderr


@pytest.mark.parametrize(
    "python, expected",
    [
        (r"Espresso::\w+_kernel", "Espresso::[A-Za-z0-9_]+_kernel"),
        (r"[\w.]+\d", "[A-Za-z0-9_.]+[0-9]"),
        (r"(?:a|b)c", "(a|b)c"),
        (r"-\[_ANEModel program\]", r"-\[_ANEModel program\]"),
        (r"[]x]+", "[]x]+"),
        (r"E5RT::(?!Ops::)", None),
        (r"a*?b", None),
        (r"\bword", None),
    ],
)
def test_expressions_as_posix_has_them(python: str, expected: str | None) -> None:
    assert posix(python) == expected


def test_every_engine_pattern_translates_and_still_finds_its_examples() -> None:
    for rule in builtin_catalogue().rules:
        pairs = [pattern for _, pattern in engine_patterns([rule])]
        for pattern in pairs:
            translated = posix(pattern)
            assert translated is not None, rule.id
            for example in rule.examples:
                assert re.search(translated, example.split("`")[-1]), (rule.id, example)


def test_one_symbol_exactly() -> None:
    assert exactly("ANE", "-[_ANEModel program]") == Breakpoint("ANE", "name", "-[_ANEModel program]")
    assert exactly("CPU", "a::f(int*)[x]").pattern == r"^a::f\(int\*\)\[x\]$"


def test_names_from_a_trace_cannot_write_python() -> None:
    hostile = 'x"""\n\'); import os; os.system("rm") #\\'
    tree = ast.parse(script([exactly("CPU", hostile)], [hostile]))
    called = [
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert "system" not in called


def test_the_script_is_python_of_xcode_s_lldb() -> None:
    ast.parse(script(SEEDS), feature_version=(3, 9))
