"""Building the harness on first use, with the Mac's own compiler, into a cache.

The cache's key is the source, the flags and the compiler's version, so a program is never stale. It is signed ad hoc
with ``get-task-allow``, which instruments that look into a process need. Beside it is kept its dSYM, which clang writes
where it compiles and links in one go: without it the names of source lines are gone with the object files.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tracekit.errors import RecordingError
from tracekit.files import cache_folder, writing
from tracekit.recording.runner import Runner
from tracekit.recording.xctrace.failures import explain

FOLDER: Final = Path(__file__).parent
SOURCE: Final = FOLDER / "source"
PROGRAM: Final = "tracekit-harness"
DEBUG_SYMBOLS: Final = f"{PROGRAM}.dSYM"

_UNITS: Final = ("main.m", "harness.m", "features.m", "evaluate.m", "machine.m", "plan.m", "record.c", "inputs.c")
_ENTITLEMENTS: Final = "harness.entitlements"
_FLAGS: Final = ("-fobjc-arc", "-O2", "-g", "-mmacosx-version-min=13.0")
_FRAMEWORKS: Final = ("Foundation", "CoreML", "CoreVideo")
_KEY_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Build:
    """How the harness is made, and where."""

    program: Path
    compile: tuple[str, ...]
    """The compiler's command, without the output."""
    sign: tuple[str, ...]
    """The signer's command, without the program."""

    @property
    def is_there(self) -> bool:
        """Whether it was built before."""
        return self.program.is_file()

    def commands(self) -> Iterator[tuple[str, ...]]:
        """What will be run."""
        yield (*self.compile, "-o", str(self.program))
        yield (*self.sign, str(self.program))


def plan_build(runner: Runner) -> Build:
    """The build for this machine's compiler.

    Raises:
        RecordingError: there is no compiler.
    """
    architecture = hardware(runner)
    answer = runner.ask(["xcrun", "clang", "--version"])
    if answer.code != 0:
        known = explain(answer.text)
        hint = "Run: xcode-select --install, or open Xcode once"
        raise known.error() if known else RecordingError("there is no C compiler", hint=hint)
    source = source_hash()
    key = hashlib.sha256("\0".join([source, architecture, *_FLAGS, answer.out]).encode()).hexdigest()[:_KEY_DIGITS]
    frameworks = [part for name in _FRAMEWORKS for part in ("-framework", name)]
    compile = ["xcrun", "clang", "-arch", architecture, *_FLAGS, f'-DTRACEKIT_HARNESS_SOURCE="{source[:_KEY_DIGITS]}"']
    compile += [str(SOURCE / unit) for unit in _UNITS] + frameworks
    sign = ["codesign", "--sign", "-", "--force", "--entitlements", str(SOURCE / _ENTITLEMENTS)]
    return Build(cache_folder() / f"harness-{key}" / PROGRAM, tuple(compile), tuple(sign))


def hardware(runner: Runner) -> str:
    """``arm64`` or ``x86_64``: the machine's own. A Python under Rosetta would build for Intel otherwise."""
    answer = runner.ask(["sysctl", "-n", "hw.optional.arm64"])
    return "arm64" if answer.code == 0 and answer.out.strip() == "1" else "x86_64"


def build(plan: Build, runner: Runner) -> Path:
    """The program, built unless it is there. It appears under its name only when it is whole and signed.

    Raises:
        RecordingError: it does not compile or cannot be signed.
        OutputError: the cache cannot be written.
    """
    if plan.is_there:
        return plan.program
    folder = plan.program.parent
    with writing(folder):
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is read is kept there, too
        folder.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=".build-") as place:
            made = Path(place) / PROGRAM
            _run([*plan.compile, "-o", str(made)], runner, "the harness does not compile")
            _run([*plan.sign, str(made)], runner, "the harness cannot be signed")
            symbols = made.with_name(DEBUG_SYMBOLS)
            if symbols.is_dir():
                shutil.rmtree(folder / DEBUG_SYMBOLS, ignore_errors=True)
                symbols.rename(folder / DEBUG_SYMBOLS)
            made.replace(plan.program)
    return plan.program


def source_hash() -> str:
    """A hash of everything the program is made from."""
    digest = hashlib.sha256()
    for path in sorted(SOURCE.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run(argv: Sequence[str], runner: Runner, what: str) -> None:
    answer = runner.ask(argv, within_s=300.0)
    if answer.code != 0:
        first = next((line for line in answer.text.splitlines() if "error" in line), answer.text.strip()[:200])
        hint = "Please report it, with what `xcrun clang --version` prints"
        raise RecordingError(f"{what}: {first.strip()}", hint=hint)
