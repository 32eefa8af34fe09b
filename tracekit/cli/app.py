"""The commands, and the one place where errors become sentences.

Exit codes: 0 done; 1 a problem with the input or output, said in one line; 2 usage; 3 a gate of ``check`` failed.
"""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tracekit._version import __version__
from tracekit.cli import (
    analyze,
    batch,
    breakpoints,
    check,
    convert,
    demo,
    diff,
    doctor,
    explain,
    export,
    history,
    info,
    mcp,
    ops,
    record,
    report,
    sql,
    sweep,
    symbols,
    table,
    tables,
    tree,
    verify,
)
from tracekit.cli.ahead import reading_ahead
from tracekit.cli.console import warnings_last
from tracekit.cli.memory import keep_what_is_freed, leave, short_lived
from tracekit.errors import TracekitError

EXIT_PROBLEM = 1
EXIT_INTERRUPTED = 130

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


for module in (
    analyze,
    report,
    tree,
    info,
    ops,
    explain,
    tables,
    table,
    convert,
    demo,
    record,
    export,
    diff,
    check,
    doctor,
    breakpoints,
    symbols,
    batch,
    history,
    sql,
    mcp,
    sweep,
    verify,
):
    app.command(module.NAME, cls=getattr(module, "Command", None))(warnings_last(module.command))


def program() -> NoReturn:
    """Run the command line, as a process of its own."""
    try:
        main()
    except SystemExit as end:
        leave(end.code)


def main() -> NoReturn:
    """Run the command line and exit."""
    arguments, debug = _without("--debug", sys.argv[1:])
    arguments, is_anew = _without("--no-cache", arguments)
    if is_anew:
        os.environ["TRACEKIT_NO_CACHE"] = "1"
    _prepare_streams()
    try:
        with short_lived(), reading_ahead(arguments):
            keep_what_is_freed()
            app(arguments)
    except TracekitError as error:
        if debug:
            raise
        _complain(str(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        # The reader of our output went away (| head). typer and rich call that exit code 1; it is no problem of ours.
        # And Python would complain when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if debug:
            raise
        _complain(f"{error.filename or 'the output cannot be written'}: {error.strerror}.")
    except MemoryError:
        _complain("there is not enough memory for this input. Export a smaller part of the recording.")
    except Exception as error:
        if debug:
            raise
        _complain(f"internal error ({type(error).__name__}: {error}). Please report it with the output of --debug.")
    sys.exit(0)


def _without(flag: str, arguments: list[str]) -> tuple[list[str], bool]:
    """The arguments without a flag that may stand anywhere, and whether it was there. What follows ``--`` is the
    recorded program's.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours, theirs = arguments[:end], arguments[end:]
    return [argument for argument in ours if argument != flag] + theirs, flag in ours


def _prepare_streams() -> None:
    if sys.stderr is None:  # closed by who started us; the result does not depend on it
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the program
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # it need not be UTF-8: on Windows a pipe is not


def _complain(sentence: str) -> NoReturn:
    from tracekit.report.numbers import visible

    typer.echo(f"tracekit: {visible(sentence)}", err=True)
    sys.exit(EXIT_PROBLEM)
