"""LLDB breakpoints that count which engine Core ML calls, as one Python file that LLDB imports.

Patterns come from a list that was handed down among Core ML developers (hollance/neural-engine), from engine rules, or
from a recording: in any case as plain data. Regular expressions are translated to LLDB's, which are POSIX's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

Engine = Literal["ANE", "GPU", "CPU", "any"]


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """Where to count."""

    engine: Engine
    kind: Literal["name", "regex"]
    pattern: str


SEEDS: Final = (
    Breakpoint("ANE", "name", "-[_ANEModel program]"),
    Breakpoint("GPU", "regex", r"^Espresso::MPSEngine::context::__launch_kernel"),
    Breakpoint("CPU", "regex", r"^Espresso::BNNSEngine::convolution_kernel::__launch"),
    Breakpoint("CPU", "regex", r"^Espresso::elementwise_kernel_cpu::__launch"),
    Breakpoint("any", "regex", r"^Espresso::layer::__launch"),
    Breakpoint("any", "regex", r"^Espresso::net::__forward"),
)

_SPECIAL: Final = re.compile(r"([.^$*+?()\[\]{}|\\])")
_TOKEN: Final = re.compile(r"\\.|\(\?:|\(\?|[*+?}]\?|\[\^?\]?|\]|.", re.S)
_CLASSES: Final = {r"\w": "A-Za-z0-9_", r"\d": "0-9", r"\s": "[:space:]"}
_BREAKPOINTS: Final = "BREAKPOINTS: list[tuple[str, str, str]] = []\n"
_NOT_RUNNING: Final = "NOT_RUNNING: list[str] = []\n"


def exactly(engine: Engine, symbol: str) -> Breakpoint:
    """A breakpoint on one symbol as a trace shows it. Objective-C methods are names; C++ keeps its arguments."""
    if symbol.startswith(("-[", "+[")):
        return Breakpoint(engine, "name", symbol)
    return Breakpoint(engine, "regex", "^" + _SPECIAL.sub(r"\\\1", symbol) + "$")


def posix(pattern: str) -> str | None:
    """A Python regular expression as a POSIX extended one; None where it uses what POSIX has not."""
    written, in_set = [], False
    for piece in _TOKEN.findall(pattern):
        if piece in _CLASSES:
            written.append(_CLASSES[piece] if in_set else f"[{_CLASSES[piece]}]")
        elif piece == "(?:":
            written.append("(")
        elif piece == "(?" or (len(piece) == 2 and piece[0] in "*+?}" and not in_set) or _is_escape(piece):
            return None
        else:
            in_set = (in_set or piece.startswith("[")) and piece != "]"
            written.append(piece)
    return "".join(written)


def script(breakpoints: Iterable[Breakpoint], not_running: Iterable[str] = ()) -> str:
    """The Python file for ``command script import``. ``not_running`` are Python expressions of functions that run
    nothing although their class is an engine's; hits on them are not counted.
    """
    text = resources.files("tracekit.recording.lldb").joinpath("counter.py").read_text("utf-8")
    rows = [repr((each.engine, each.kind, each.pattern)) for each in dict.fromkeys(breakpoints)]
    for placeholder, values in ((_BREAKPOINTS, rows), (_NOT_RUNNING, [repr(each) for each in not_running])):
        head, found, tail = text.partition(placeholder)
        assert found
        listed = "".join(f"    {value},\n" for value in values)
        text = head + placeholder.replace("[]\n", f"[\n{listed}]\n") + tail
    return text


def _is_escape(piece: str) -> bool:
    """Whether a piece is an escape with a meaning of its own, such as ``\\b``."""
    return piece.startswith("\\") and piece[1:].isalnum()
