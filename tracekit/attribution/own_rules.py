"""A user's own entries, of any kind, before those that tracekit ships: ``--rules FILE``."""

from pathlib import Path

from tracekit.attribution.catalogue import builtin_catalogue, check_unique, parse_catalogue
from tracekit.attribution.examples import failures
from tracekit.attribution.rules import Catalogue
from tracekit.errors import RuleError
from tracekit.files import read_file


def load_catalogue(path: str | Path | None) -> Catalogue:
    """The built-in catalogue, with a user's own before it, so that his entries decide first.

    Raises:
        InputError: the file cannot be read.
        RuleError: it is no text, an entry in it is malformed, or an example of one is decided by another.
    """
    builtin = builtin_catalogue()
    if path is None:
        return builtin
    try:
        text = read_file(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"is no text: byte {error.start:,} is not UTF-8", where=path) from error
    own = parse_catalogue(text, str(path), builtin)
    both = own + builtin
    check_unique(both, str(path))
    for problem in failures(own, both):
        raise RuleError(problem, where=path)
    return both
