"""Images of a recording without ``form.template``: from the events by which dyld told the kernel what it mapped.

Instruments records them for a target it launches, as kernel debug events of class 0x1f, subclass 5. An image takes two
events of the same thread: the first has its UUID and load address, the second the number of its path, which the table
``kdebug-strings`` holds. How big an image is they do not say; its symbol archive does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.readers.bundle.addresses.images import ALWAYS, Image, Segment
from tracekit.readers.bundle.addresses.symbols import SymbolArchive
from tracekit.readers.bundle.names import Names
from tracekit.readers.bundle.storage.keyed_archive import uuid_text
from tracekit.readers.bundle.storage.layouts import CATEGORY1, TIME, Rows
from tracekit.readers.bundle.storage.stores import Store
from tracekit.readers.bundle.storage.uniquing import Uniquing

_CLASS, _SUBCLASS = 0x1F, 0x05
_MAP, _MAP_PATH, _UNMAP, _UNMAP_PATH = 0, 1, 5, 6
_EVENT_FIELDS: Final = (TIME, CATEGORY1, "class", "subclass", "code", "arg1", "arg2", "arg3")
_STRING_FIELDS: Final = (CATEGORY1, "raw-string-id")


def dyld_images(
    stores: Sequence[Store],
    uniquing: Uniquing,
    names: Names,
    archive_of: Callable[[str], SymbolArchive | None],
) -> dict[int, tuple[Image, ...]]:
    """The images of each process that dyld reported and that have symbols, by process id.

    Raises:
        InputError: the tables of the events are damaged.
    """
    events = _dyld_events(stores)
    paths = _paths(stores, uniquing)
    threads = names.threads(np.unique(events[CATEGORY1]))
    found: dict[int, dict[tuple[str, int], Image]] = {}
    for thread, code, image in _images(events, paths):
        archive = archive_of(image.uuid)
        if thread not in threads or archive is None:
            continue
        known = found.setdefault(threads[thread].process.pid, {})
        key = (image.uuid, image.load_addr)
        since = image.lifetime[0]
        born = known[key].lifetime[0] if key in known else ALWAYS[0]
        lifetime = (since, ALWAYS[1]) if code == _MAP else (born, since)
        text = Segment("__TEXT", image.load_addr, archive.text_size)
        known[key] = Image(image.uuid, image.path, (text,), archive.cpu_type, lifetime)
    return {pid: tuple(images.values()) for pid, images in found.items()}


def _dyld_events(stores: Sequence[Store]) -> NDArray[np.void]:
    """The events of dyld in time order, from the table that has most of them."""
    best = np.empty(0, [(name, "<u8") for name in _EVENT_FIELDS])
    for rows in _told(stores, "kdebug", _EVENT_FIELDS):
        rows = rows[(rows["class"] == _CLASS) & (rows["subclass"] == _SUBCLASS)]
        if len(rows) > len(best):
            best = rows[np.argsort(rows[TIME], kind="stable")]
    return best


def _paths(stores: Sequence[Store], uniquing: Uniquing) -> dict[int, str]:
    """Strings by the numbers that events give them; a long one comes in pieces."""
    paths: dict[int, str] = {}
    for rows in _told(stores, "kdebug-strings", _STRING_FIELDS):
        for text, number in zip(rows[CATEGORY1].tolist(), rows["raw-string-id"].tolist(), strict=True):
            paths[number] = paths.get(number, "") + uniquing.string(text)
    return paths


def _told(stores: Sequence[Store], schema: str, fields: Sequence[str]) -> Iterator[Rows]:
    """The rows of each table of a schema that holds what dyld told, and has these fields."""
    for store in stores:
        if store.schema == schema and "0x1f,0x05" in store.attributes.get("codes", "").lower():
            rows = store.rows()
            if set(fields) <= set(rows.dtype.names or ()):
                yield rows


def _images(events: NDArray[np.void], paths: dict[int, str]) -> Iterator[tuple[int, int, Image]]:
    """Thread, kind of event, and image at its load address; the first end of its lifetime is the event's time."""
    first: dict[int, tuple[int, int, int, int, int]] = {}
    for time, thread, _, _, code, arg1, arg2, arg3 in zip(
        *(events[name].tolist() for name in _EVENT_FIELDS), strict=True
    ):
        if code in (_MAP, _UNMAP):
            first[thread] = (code, time, arg1, arg2, arg3)
        elif code in (_MAP_PATH, _UNMAP_PATH) and thread in first:
            kind, since, low, high, address = first.pop(thread)
            identity = uuid_text(low.to_bytes(8, "little") + high.to_bytes(8, "little"))
            place = Segment("__TEXT", address, 0)
            lifetime = (min(since, ALWAYS[1]), ALWAYS[1])
            yield thread, kind, Image(identity, paths.get(arg2, ""), (place,), 0, lifetime)
