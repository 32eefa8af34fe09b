"""One run of the command line, and the one place where errors become sentences.

Exit codes: 0 done, and *unknown* is an answer, also of a recording whose tables hold no sample; 1 a problem with the
input or output, said in one line, such as a recording without any table that answers are taken from; 2 usage; 3 a gate
of ``check`` failed; 130 interrupted.
"""

import io
import os
import sys
from pathlib import Path
from typing import Final, NoReturn

from tracekit.cli.ahead import reading_ahead
from tracekit.cli.memory import keep_what_is_freed, leave, short_lived
from tracekit.errors import TracekitError

EXIT_PROBLEM: Final = 1
EXIT_INTERRUPTED: Final = 130


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
            from tracekit.cli.app import app  # typer and all commands: others read in the meantime

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

    print(f"tracekit: {visible(sentence)}", file=sys.stderr)
    sys.exit(EXIT_PROBLEM)
