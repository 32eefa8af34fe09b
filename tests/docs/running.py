"""What commands of the documentation print, run in this process: a new one would take longer to start than they do."""

import io
import shlex
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tracekit.cli.main import main


def printed(command: str, folder: Path, *, columns: int, **environment: str) -> str:
    """What a command prints on a terminal that shows colours, seen from a folder; errors are among it."""
    output = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True)
    with pytest.MonkeyPatch.context() as patch, chdir(folder):
        patch.setattr(sys, "argv", shlex.split(command))
        patch.delenv("NO_COLOR", raising=False)
        for name, value in {"COLUMNS": str(columns), "LINES": "200", "FORCE_COLOR": "1", **environment}.items():
            patch.setenv(name, value)
        with redirect_stdout(output), redirect_stderr(output), pytest.raises(SystemExit):
            main()
    return output.buffer.getvalue().decode()
