"""``python -m tracekit``."""

from tracekit.cli.app import program

program()
