"""Addresses → functions: the image that covers an address, then the symbol that covers its place in the image."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

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


@dataclass
class Interned:
    """Values by number, each once."""

    values: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, value: str) -> int:
        number = self.numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


class Finder(Protocol):
    """Whatever names sites."""

    def find(self, sites: Sites) -> Functions:
        """The functions at some sites."""


class Archives:
    """The symbol archives of a bundle by UUID, opened when an address falls into their image."""

    def __init__(self, files: BundleFiles) -> None:
        self._files = files
        self._known: dict[str, SymbolArchive | None] = {}

    def get(self, uuid: str) -> SymbolArchive | None:
        """The archive of an image; None where it has none.

        Raises:
            InputError, UnsupportedError: it cannot be read.
        """
        if uuid not in self._known:
            self._known[uuid] = self._open(uuid)
        return self._known[uuid]

    def _open(self, uuid: str) -> SymbolArchive | None:
        name = f"symbols/stores/{uuid}.symbolsarchive"
        return SymbolArchive(self._files.read(name), self._files.where(name)) if name in self._files else None


class Symbolicator:
    """Finds the functions of sites, process by process and image by image."""

    def __init__(self, archives: Archives, space_of: Callable[[int], AddressSpace]) -> None:
        self._archives = archives
        self._space_of = space_of

    def find(self, sites: Sites) -> Functions:
        """The functions at some sites.

        Raises:
            InputError, UnsupportedError: an image list or symbol archive cannot be read.
        """
        name, binary = np.full((2, len(sites)), NONE, np.int64)
        file, line = np.zeros((2, len(sites)), np.int64)
        names, files = Interned(), Interned()
        files.number("")
        binaries: dict[Binary, int] = {}
        for pid, here in groups(sites.pid):
            space = self._space_of(pid)
            addresses = _looked_up(sites.address[here], sites.is_leaf[here])
            for row, inside in groups(space.find(addresses, sites.time[here])):
                if row == NONE:
                    continue
                image, segment = space.segments[row]
                at = here[inside]
                identity = (image.name, image.path, image.uuid, image.load_addr)
                binary[at] = binaries.setdefault(identity, len(binaries))
                archive = self._archives.get(image.uuid)
                if archive is not None and segment.name in archive.segments:
                    offsets = space.offsets(addresses[inside], row) + archive.segments[segment.name]
                    found = archive.find(offsets)
                    name[at] = _numbered(found.function, lambda number: _printed(archive, number), names)  # noqa: B023
                    file[at] = _numbered(found.file, archive.string, files)
                    line[at] = found.line
        name_by_address(name, sites, names)
        return Functions(name, binary, file, line, names.values, list(binaries), files.values)


def groups(values: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each distinct value with the places where it stands."""
    order = np.argsort(values, kind="stable")
    distinct, first = np.unique(values[order], return_index=True)
    if len(distinct):
        yield from zip(distinct.tolist(), np.split(order, first[1:]), strict=True)


def _numbered(values: NDArray[np.int64], text_of: Callable[[int], str], known: Interned) -> NDArray[np.int64]:
    """Numbers of the texts of some values, each distinct value asked once; -1 stays."""
    distinct, which = np.unique(values, return_inverse=True)
    numbers = [NONE if value == NONE else known.number(text_of(value)) for value in distinct.tolist()]
    return np.array(numbers, np.int64)[which]


def _looked_up(addresses: NDArray[np.uint64], is_leaf: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """An address inside the instruction that ran: return addresses lie behind the call. A leaf does not, not even that
    of arm64, which is recorded as pc + 1: symbols of one byte are found by it as it is.
    """
    return np.where(is_leaf, addresses, addresses - _ONE)


def _printed(archive: SymbolArchive, function: int) -> str:
    names = archive.names(function)
    return DEDUPLICATED_NAME if names.is_deduplicated else printed_name(names.display, names.mangled)


def name_by_address(name: NDArray[np.int64], sites: Sites, names: Interned) -> None:
    """Name what has no symbol as xctrace does: by its address, made odd."""
    nameless = np.flatnonzero(name == NONE)
    addresses, which = np.unique((sites.address[nameless] - _ONE) | _ONE, return_inverse=True)
    numbers = [names.number(f"{address:#x}") for address in addresses.tolist()]
    name[nameless] = np.array(numbers, np.int64)[which]
