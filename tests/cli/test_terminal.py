"""What a person sees: names as text whatever they hold, colours where they are wanted, lines as wide as the place."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Thread

import pytest

from tests.bench.generate_export import Shape, export_text
from tests.cli.conftest import Tracekit
from tests.cli.inputs import SAMPLE, first_rows
from tests.readers.export.documents import toc, toc_run
from tracekit.cli.main import main

if sys.platform != "win32":
    import pty

needs_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals here")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
ANY_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ANY_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")

HOSTILE = {
    "terminal escapes": ("\x9b31mred", "\\u{9b}31mred"),
    "a direction mark": ("a\u202eb", "a\\u{202e}b"),
    "an invisible blank": ("a\u200bb", "a\\u{200b}b"),
    "a line break": ("a\u2028b", "a\\u{2028}b"),
    "HTML": ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    "markup of rich": ("[bold red]a[/]", "[bold red]a[/]"),
    "a link of rich": ("[link=https://x]a[/link]", "[link=https://x]a[/link]"),
    "an emoji of rich": (":smiley:", ":smiley:"),
}


def quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("\n", "&#10;")


def seen(*outputs: str) -> str:
    """All that was shown; nothing in it moves the cursor, changes a colour, or hides."""
    text = "".join(outputs)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    return text


@pytest.mark.parametrize("what", HOSTILE)
def test_a_symbol_is_shown_as_text(tracekit: Tracekit, what: str) -> None:
    name, shown = HOSTILE[what]
    stdin = f"main;{name} 3\nmain;-[MLModel predictionFromFeatures:error:];Espresso`Espresso::weird{name} 40\n".encode()
    tree = tracekit("tree", "-", "--no-focus", stdin=stdin)
    assert f"  {shown}\n" in seen(tree.out, tree.err)
    analysis = tracekit("analyze", "-", stdin=stdin)
    assert f"Espresso::weird{shown}\n" in seen(analysis.out, analysis.err)  # a symbol that no rule knows


@pytest.mark.parametrize("what", HOSTILE)
def test_names_of_an_export_are_shown_as_text(tracekit: Tracekit, what: str, tmp_path: Path) -> None:
    name, shown = HOSTILE[what]
    device = toc(
        toc_run(1, f'schema="{quoted(name)}" a="{quoted(name)}"').replace('name="mine"', f'name="{quoted(name)}"')
    )
    profile = first_rows(30).replace('fmt="CaptionBench (7310)"', f'fmt="{quoted(name)} (7310)"')
    profile = re.sub(r'<binary ([^>]*)name="CoreML"', rf'<binary \1name="{quoted(name)}"', profile)
    profile = profile.replace('<core ref="', f'<core ref="{quoted(name)}', 1)
    (tmp_path / "toc.xml").write_text(device)
    (tmp_path / "profile.xml").write_text(profile)
    assert shown in seen(*tracekit("info", tmp_path)[1:])
    assert seen(*tracekit("tables", tmp_path)[1:]).count(shown) == 2
    assert f"  {shown}\n" in seen(*tracekit("tree", tmp_path, "--no-focus", "--min-share", "0")[1:])
    nobody = tracekit("analyze", tmp_path, "--process", "nobody")
    assert shown in seen(nobody.out, nobody.err.splitlines()[-1])
    assert f'<core ref="{shown}' in seen(*tracekit("analyze", tmp_path)[1:])


# ---- In a pipe.


def test_a_pipe_gets_whole_lines_without_colours(tracekit: Tracekit) -> None:
    deep = ";".join(f"function_number_{depth}" for depth in range(120))
    done = tracekit("tree", "-", "--no-focus", stdin=f"{deep} 40\n".encode())
    lines = done.out.splitlines()
    assert len(lines) == 121
    assert all(line.endswith(f"function_number_{depth}") for depth, line in enumerate(lines[1:]))
    assert "\x1b" not in done.out


def test_a_long_warning_is_one_line(tracekit: Tracekit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    damaged = first_rows(5).replace('<core ref="', '<core ref="9', 1)
    done = tracekit("analyze", "-", "--json", "-", stdin=damaged.encode())
    assert done.err.startswith("! row 2 of time-profile (line 4): <core ref=")
    assert done.err.endswith("refers to nothing that was defined before; the row was skipped\n")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("encoding, command", [("ascii", "tree"), ("cp1252", "analyze")])
def test_a_pipe_need_not_be_utf_8(encoding: str, command: str) -> None:
    """Windows gives a pipe the code page of the system."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-m", "tracekit", command, SAMPLE],
        capture_output=True, timeout=60, check=False, env=environment,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "predict" in done.stdout.decode(encoding)


# ---- On a terminal.


AT_ONCE = "from tracekit.cli import console, main; console._PROGRESS_AFTER_S = 0; main.main()"
"""As tracekit, but a bar waits for no clock: how fast a machine reads decides nothing."""


@cache
def on_terminal(*arguments: object, **environment: str) -> str:
    """What a terminal gets, of a command within this process: one of its own would load everything anew."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []
    reader = Thread(target=lambda: shown.extend(pieces(ours)))
    reader.start()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            patch.delenv(name, raising=False)
        for name, value in {"TERM": "xterm-256color", **environment}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["tracekit", *map(str, arguments)])
        for name in ("stdout", "stderr"):
            patch.setattr(sys, name, terminal)
        with pytest.raises(SystemExit) as end:
            main()
    reader.join()
    os.close(ours)
    assert end.value.code == 0
    return text_of(shown)


def process_on_terminal(program: str, *arguments: object, **environment: str) -> str:
    """What a terminal gets, of a process of its own."""
    ours, theirs = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, close_fds=True,
        env={**plain, "TERM": "xterm-256color", **environment},
    ) as child:  # fmt: skip
        os.close(theirs)
        shown = [*pieces(ours)]
        assert child.wait(60) == 0
    os.close(ours)
    return text_of(shown)


def pieces(terminal: int) -> Iterator[bytes]:
    """All that is written, until the other end is closed."""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            return
        if not piece:
            return
        yield piece


def text_of(shown: list[bytes]) -> str:
    return b"".join(shown).decode().replace("\r\n", "\n")


@needs_a_terminal
def test_a_terminal_gets_colours_unless_it_is_told_otherwise() -> None:
    coloured = on_terminal("tree", SAMPLE, COLUMNS="120")
    plain = on_terminal("tree", SAMPLE, COLUMNS="120", NO_COLOR="1")
    assert COLOUR.search(coloured)
    assert not COLOUR.search(plain)
    assert ANY_ESCAPE.sub("", coloured) == ANY_ESCAPE.sub("", plain)


@needs_a_terminal
@pytest.mark.parametrize("command", ["tree", "analyze", "info"])
def test_no_line_is_wider_than_the_terminal(command: str) -> None:
    path = SAMPLE if command != "info" else SAMPLE.with_name("two-runs.toc.xml")
    shown = ANY_ESCAPE.sub("", on_terminal(command, path, COLUMNS="40"))
    lines = [line for line in shown.splitlines() if "tracekit " not in line]  # which is to be pasted
    assert max(map(len, lines)) <= 40


@needs_a_terminal
def test_no_command_is_broken_where_it_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "my own recordings" / "of today.zip"
    path.parent.mkdir()
    path.write_bytes(SAMPLE.with_name("ane-with-cpu-fallback.trace.zip").read_bytes())
    fix = ANY_ESCAPE.sub("", on_terminal("analyze", path, COLUMNS="40"))
    assert f"\n       tracekit ops '{path}' --all\n" in fix
    lost = tmp_path / "my own recordings" / "no model.folded"
    lost.write_text("main;runInference;matmul 40\n")
    shown = ANY_ESCAPE.sub("", on_terminal("analyze", lost, COLUMNS="40"))
    assert f"\n  tracekit analyze '{lost}' --focus runInference\n" in shown
    assert "\n  tracekit record --app Harness --model MODEL.mlpackage -o again.trace\n" in shown


@needs_a_terminal
def test_a_narrow_terminal_loses_no_word_of_the_verdict() -> None:
    wide, narrow = (
        ANY_ESCAPE.sub("", on_terminal("analyze", SAMPLE, COLUMNS=columns)).partition("evidence:")[0].split()
        for columns in ("120", "40")
    )
    assert wide == narrow
    assert wide[0] == "Partly:"


@needs_a_terminal
def test_where_the_screen_is_too_short_the_answer_is_said_again_at_the_end() -> None:
    short, tall = (
        ANY_ESCAPE.sub("", on_terminal("analyze", SAMPLE, COLUMNS="80", LINES=lines)) for lines in ("20", "99")
    )
    first_sentence = "Partly: the Neural Engine worked in these predictions, but not alone."
    assert tall.startswith(f"{first_sentence}\n")
    assert tall.count("Partly:") == 1
    answer, sign, commands = tall.partition("next: ")
    assert short == f"{answer}\n{first_sentence}\n{sign}{commands}"
    assert [line.split()[:2] for line in commands.splitlines()] == [["tracekit", "ops"], ["next:", "tracekit"]]


@needs_a_terminal
def test_a_wide_tree_has_whole_names_and_only_branches_indented() -> None:
    wide = ANY_ESCAPE.sub("", on_terminal("tree", SAMPLE, "--wide", COLUMNS="40"))
    narrow = ANY_ESCAPE.sub("", on_terminal("tree", SAMPLE, COLUMNS="40"))
    assert "-[MLModel predictionFromFeatures:error:]  CoreML\n" in wide
    assert "…" not in wide
    assert "-[MLModel predictionFromFeatures:error:]" not in narrow
    assert wide.count("├ ") == narrow.count("├ ") > 0


@needs_a_terminal
def test_warnings_stand_below_the_answer(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.xml"
    damaged.write_text(first_rows(40).replace('<core ref="', '<core ref="9', 1))
    shown = ANY_ESCAPE.sub("", on_terminal("analyze", damaged, COLUMNS="80"))
    assert shown.index("evidence:") < shown.index("! row 2 of time-profile")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.xml"
    with path.open("w") as file:
        file.writelines(export_text(Shape(rows=60_000, stacks=16)))
    return path


@needs_a_terminal
@pytest.mark.parametrize("columns", [50, 80])
def test_a_long_read_tells_its_rows(columns: int, large: Path) -> None:
    arguments = ("tree", large, "--no-focus", "--top", "1")
    shown = ANY_SEQUENCE.sub("", process_on_terminal(AT_ONCE, *arguments, COLUMNS=str(columns)))
    bars = [line for line in re.split(r"[\r\n]", shown) if " rows" in line and "MB" in line]
    assert re.search(r"[\d,]+ rows", bars[0])
    assert max(map(len, bars)) <= columns


@needs_a_terminal
def test_both_trees_of_a_comparison_are_drawn_as_one_is() -> None:
    shown = ANY_ESCAPE.sub("", on_terminal("diff", SAMPLE, SAMPLE.with_name("all-ane"), "--tree", COLUMNS="60"))
    header, *lines = shown[shown.index(" total A") :].splitlines()
    assert header.endswith("  function")
    assert any("├ " in line for line in lines)
    assert max(len(line) for line in lines) <= 60


def test_a_pipe_gets_colours_when_it_asks_for_them() -> None:
    """For ``less -R``."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "72"}
    environment.pop("NO_COLOR", None)
    arguments = [sys.executable, "-m", "tracekit", "tree", str(SAMPLE)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True, env=environment)
    assert COLOUR.search(done.stdout)
    assert max(map(len, ANY_ESCAPE.sub("", done.stdout).splitlines())) <= 72
