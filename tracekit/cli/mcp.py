"""``tracekit mcp``: recordings for agents and editors."""

from typing import Annotated

import typer


def command(
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Where recordings may be read.")],
) -> None:
    """Answer an agent over the Model Context Protocol, on stdin and stdout, from recordings in these folders only."""
    from tracekit.agents.server import build

    build(folders).run("stdio")
