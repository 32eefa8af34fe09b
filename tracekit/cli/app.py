"""The commands, and the options that go before any."""

from importlib import import_module
from typing import Annotated, Final

import typer

from tracekit._version import __version__
from tracekit.cli.console import warnings_last

COMMANDS: Final = (
    *("analyze", "report", "tree", "info", "ops", "explain", "tables", "table", "convert", "demo", "record", "export"),
    *("diff", "check", "doctor", "breakpoints", "symbols", "batch", "history", "sql", "mcp", "sweep", "verify"),
)
"""In the order of ``--help``; each is a module here with its ``command``."""

app = typer.Typer(
    name="tracekit",
    help="Is my model using the Neural Engine? Evidence from an Instruments trace, on any operating system.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tracekit {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read every file anew, and keep nothing of what was read.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of errors.")] = False,
) -> None:
    """Is my model using the Neural Engine?"""


for name in COMMANDS:
    module = import_module(f"tracekit.cli.{name}")
    app.command(name, cls=getattr(module, "Command", None))(warnings_last(module.command))
