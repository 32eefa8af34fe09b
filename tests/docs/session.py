"""The terminal session in the README, as a picture: commands on the samples and the beginning of what they print.

``python -m tests.docs.session`` draws it anew; test_session.py holds it to what the commands print today.
"""

import os
import re
from html import unescape
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.docs.pages import ROOT
from tests.docs.running import printed

PICTURE: Final = ROOT / "docs" / "images" / "session.svg"
COLUMNS: Final = 98
COMMANDS: Final = (
    ("tracekit analyze sample_traces/ane-with-cpu-fallback.trace.zip", 15),
    ("tracekit diff sample_traces/ane-with-cpu-fallback.trace.zip sample_traces/all-ane.trace.zip", 1),
    ("tracekit check sample_traces/all-ane.trace.zip --require-ane '*' --max-cpu 0.1", 2),
)
"""Commands, and so many lines of each."""
_FONTS: Final = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""Rich would load its font from elsewhere."""


def session() -> list[Text]:
    """The lines of the session."""
    lines = []
    for command, shown in COMMANDS:
        output = printed(command, ROOT, columns=COLUMNS, TERM="xterm-256color")
        found = [Text.from_ansi(line.rstrip()) for line in output.splitlines()]
        lines += [Text.assemble(("$ ", "dim"), (command, "bold")), *found[:shown]]
        lines += [Text("…", style="dim")] if len(found) > shown else []
        lines.append(Text())
    return lines[:-1]


def drawn(lines: list[Text]) -> str:
    """The session as SVG that loads nothing."""
    console = Console(width=COLUMNS, record=True, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123
    for line in lines:
        console.print(line, soft_wrap=False, no_wrap=True, crop=False)
    made = console.export_svg(
        title="tracekit", theme=MONOKAI, code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT), unique_id="session"
    )
    return made + "\n"


def text_of(svg: str) -> list[str]:
    """The lines of text in a drawn session, blanks as one."""
    rows: dict[float, list[str]] = {}
    for at, text in re.findall(r'<text class="session-r\d+" x="[\d.]+" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        rows.setdefault(float(at), []).append(unescape(text).replace("\xa0", " "))
    return [" ".join("".join(parts).split()) for _, parts in sorted(rows.items())]


def main() -> None:
    """Draw the picture of the README anew."""
    PICTURE.write_text(drawn(session()), "utf-8")
    print(f"{PICTURE.relative_to(Path.cwd())} {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
