"""Addresses → functions: the image that covers an address, then the symbol that covers its place in the image."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tracekit.model.schema import NONE
from tracekit.readers.bundle.addresses.images import AddressSpace
from tracekit.readers.bundle.addresses.symbols import DEDUPLICATED_NAME, SymbolArchive
from tracekit.readers.bundle.storage.files import BundleFiles
from tracekit.readers.demangling import printed_name

Binary = tuple[str, str, str, int]
"""Name, path, UUID and load address of an image."""

_ONE: Final = np.uint64(1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sites:
    """Places on stacks, each once."""

    pid: NDArray[np.int64]
    address: NDArray[np.uint64]
    """As recorded: a leaf's program counter (plus 1 on arm64), a caller's return address."""
    is_leaf: NDArray[np.bool_]
    time: NDArray[np.int64]
    """A time at which the address was on a stack, which decides where images took turns in one place."""

    def __len__(self) -> int:
        return len(self.address)


@dataclass(frozen=True, slots=True)
class Functions:
    """What was found for each site: numbers into lists."""

    name: NDArray[np.int64]
    binary: NDArray[np.int64]
    """-1 where no image covers the address."""
    file: NDArray[np.int64]
    line: NDArray[np.int64]
    names: list[str]
    binaries: list[Binary]
    files: list[str]


Finder = Callable[[Sites], Functions]
"""Whatever names sites."""


def archives_of(files: BundleFiles) -> Callable[[str], SymbolArchive | None]:
    """The symbol archive of an image, by UUID; None where it has none. Each is opened once, when it is asked for.

    The function raises InputError or UnsupportedError where an archive cannot be read.
    """

    @cache
    def archive_of(uuid: str) -> SymbolArchive | None:
        name = f"symbols/stores/{uuid}.symbolsarchive"
        return SymbolArchive(files.read(name), files.where(name)) if name in files else None

    return archive_of


def symbolicate(
    sites: Sites, archive_of: Callable[[str], SymbolArchive | None], space_of: Callable[[int], AddressSpace]
) -> Functions:
    """The functions at some sites, process by process and image by image.

    Raises:
        InputError, UnsupportedError: an image list or symbol archive cannot be read.
    """
    name, binary = np.full((2, len(sites)), NONE, np.int64)
    file, line = np.zeros((2, len(sites)), np.int64)
    names: dict[str, int] = {}
    files = {"": 0}
    binaries: dict[Binary, int] = {}
    # A return address lies behind the call. A leaf does not, not even that of arm64, which is recorded as pc + 1:
    # symbols of one byte are found by it as it is.
    addresses = np.where(sites.is_leaf, sites.address, sites.address - _ONE)
    for pid, here in groups(sites.pid):
        space = space_of(pid)
        for row, inside in groups(space.find(addresses[here], sites.time[here])):
            if row == NONE:
                continue
            image, segment = space.segments[row]
            at = here[inside]
            binary[at] = numbered((image.name, image.path, image.uuid, image.load_addr), binaries)
            archive = archive_of(image.uuid)
            if archive is not None and segment.name in archive.segments:
                found = archive.find(space.offsets(addresses[at], row) + archive.segments[segment.name])
                name[at] = _each_once(found.function, lambda number: _printed(archive, number), names)  # noqa: B023
                file[at] = _each_once(found.file, archive.string, files)
                line[at] = found.line
    name_by_address(name, sites, names)
    return Functions(name, binary, file, line, list(names), list(binaries), list(files))


def numbered(value: T, known: dict[T, int]) -> int:
    """The number of a value, the same for the same one."""
    return known.setdefault(value, len(known))


def groups(values: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each distinct value with the places where it stands."""
    order = np.argsort(values, kind="stable")
    distinct, first = np.unique(values[order], return_index=True)
    if len(distinct):
        yield from zip(distinct.tolist(), np.split(order, first[1:]), strict=True)


def _each_once(values: NDArray[np.int64], text_of: Callable[[int], str], known: dict[str, int]) -> NDArray[np.int64]:
    """Numbers of the texts of some values, each distinct value asked once; -1 stays."""
    distinct, which = np.unique(values, return_inverse=True)
    numbers = [NONE if value == NONE else numbered(text_of(value), known) for value in distinct.tolist()]
    return np.array(numbers, np.int64)[which]


def _printed(archive: SymbolArchive, function: int) -> str:
    names = archive.names(function)
    return DEDUPLICATED_NAME if names.is_deduplicated else printed_name(names.display, names.mangled)


def name_by_address(name: NDArray[np.int64], sites: Sites, names: dict[str, int]) -> None:
    """Name what has no symbol as xctrace does: by its address, made odd."""
    nameless = np.flatnonzero(name == NONE)
    addresses, which = np.unique((sites.address[nameless] - _ONE) | _ONE, return_inverse=True)
    numbers = [numbered(f"{address:#x}", names) for address in addresses.tolist()]
    name[nameless] = np.array(numbers, np.int64)[which]
