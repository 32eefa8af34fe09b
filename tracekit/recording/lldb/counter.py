"""Counts in LLDB which engine Core ML calls: ``command script import THIS_FILE``, then run or continue.

Written by ``tracekit breakpoints``; needs nothing but LLDB. Breakpoints continue by themselves. The verdict is printed
when the process exits, and whenever you type ``tracekit-verdict``. One operation may hit several breakpoints on its way
down, so hits say which engines were called, not how often or for how long.
"""

# Runs in the Python 3.9 of Xcode's LLDB: no newer syntax.
import re
import sys
from typing import Any

# (engine, "name" or "regex", pattern); engine "any" is Espresso's own loop, which runs layers of every engine.
BREAKPOINTS: list[tuple[str, str, str]] = []

# Functions of an engine's classes that run nothing: they are met while a model loads.
NOT_RUNNING: list[str] = []

_ENGINES = ("ANE", "GPU", "CPU")
_CONSTRUCTOR = re.compile(r"(?:^|::)(\w+)(?:<.*>)?::~?\1\b")
_LABEL = "tracekit"
_placed: list[tuple[str, str, Any]] = []


def place(target: Any) -> None:
    """Set every breakpoint; those of libraries that are not loaded yet resolve when they are."""
    del _placed[:]
    for engine, kind, pattern in BREAKPOINTS:
        if kind == "name":
            breakpoint = target.BreakpointCreateByName(pattern)
        else:
            breakpoint = target.BreakpointCreateByRegex(pattern)
        breakpoint.SetAutoContinue(True)
        breakpoint.AddName(_LABEL)
        _placed.append((engine, pattern, breakpoint))
    at_exit = target.BreakpointCreateByName("exit")
    at_exit.SetAutoContinue(True)
    at_exit.AddName(_LABEL)
    at_exit.SetScriptCallbackFunction(__name__ + ".on_exit")


def seen() -> dict[str, tuple[str, int]]:
    """Engine and hits of every function that a breakpoint is on; one that several patterns match counts once."""
    found: dict[str, tuple[str, int]] = {}
    for engine, _, breakpoint in _placed:
        for location in breakpoint:
            symbol = location.GetAddress().GetSymbol()
            name = symbol.GetName() or ""
            if not runs_nothing(name):
                found.setdefault(name, (engine, location.GetHitCount()))
    return found


def runs_nothing(name: str) -> bool:
    """Whether a function only makes, loads or registers."""
    return bool(_CONSTRUCTOR.search(name)) or any(re.search(pattern, name) for pattern in NOT_RUNNING)


def counts(functions: dict[str, tuple[str, int]]) -> dict[str, int]:
    """Hits by engine."""
    hits = dict.fromkeys((*_ENGINES, "any"), 0)
    for engine, count in functions.values():
        hits[engine] += count
    return hits


def sentence() -> str:
    """What the hits say about the Neural Engine."""
    functions = seen()
    hits = counts(functions)
    resolved = any(engine == "ANE" for engine, _ in functions.values())
    others = [engine for engine in ("GPU", "CPU") if hits[engine]]
    if hits["ANE"]:
        return "the Neural Engine was called" + "".join(f", the {name} too" for name in others)
    if not resolved:
        return "unknown: none of the Neural Engine's functions was found in this process under a known name"
    if others:
        return "the Neural Engine was not called, but the " + " and the ".join(others)
    return "unknown: no engine was seen" + (", though layers ran" if hits["any"] else "; was there a prediction?")


def report() -> str:
    """The verdict with the hits it rests on, as lines."""
    functions = seen()
    hits = counts(functions)
    lines = ["tracekit: " + sentence() + "."]
    lines.append("  hits: " + ", ".join(f"{name} {hits[name]}" for name in (*_ENGINES, "any")))
    rows = sorted(((hit, engine, name) for name, (engine, hit) in functions.items() if hit), reverse=True)
    lines += [f"  {hit:6d}  {engine:3}  {name}" for hit, engine, name in rows]
    return "\n".join(lines) + "\n"


def on_exit(_frame: Any, _location: Any, _arguments: Any, _names: Any) -> bool:
    """The process is about to exit: print the verdict and let it go on."""
    sys.stdout.write(report())
    sys.stdout.flush()
    return False


def verdict(_debugger: Any, _command: str, result: Any, _names: Any) -> None:
    """``tracekit-verdict``."""
    result.AppendMessage(report())


def count(debugger: Any, _command: str, result: Any, _names: Any) -> None:
    """``tracekit-count``: set the breakpoints in the selected target, counting from nothing."""
    target = debugger.GetSelectedTarget()
    if not target.IsValid():
        result.SetError("there is no target yet: create one or attach, then type tracekit-count")
        return
    place(target)
    result.AppendMessage(f"tracekit: {len(_placed)} breakpoints, which continue by themselves")


def __lldb_init_module(debugger: Any, _names: Any) -> None:
    for name, function in (("tracekit-count", "count"), ("tracekit-verdict", "verdict")):
        debugger.HandleCommand("command script add -f " + __name__ + "." + function + " " + name)
    if debugger.GetSelectedTarget().IsValid():
        debugger.HandleCommand("tracekit-count")
    else:
        sys.stdout.write("tracekit: create a target or attach, then type tracekit-count\n")
