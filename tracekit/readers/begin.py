"""What can begin before pandas is loaded, which takes a third of a second.

A large file that was read before is told by its digest; a large export that was not is scanned by a second process.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tracekit.readers.cache import folder
from tracekit.readers.cache.digest import digesting
from tracekit.readers.export.ahead import scanning_ahead


@contextmanager
def beginning(path: str) -> Iterator[None]:
    """Begin to read a file, if it is a large one, until the block ends; ``open_trace`` finds what was begun."""
    with ExitStack() as stack:
        place = Path(path)
        is_known = False
        if folder.is_worth_keeping(place):
            stack.enter_context(digesting(place))
            is_known = folder.may_have(place)
        if not is_known:
            stack.enter_context(scanning_ahead(path))
        yield
