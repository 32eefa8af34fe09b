"""``python -m tracekit``."""

from tracekit.cli.main import program

program()
