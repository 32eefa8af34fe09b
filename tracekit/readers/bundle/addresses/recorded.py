"""Addresses → functions in bundles of Instruments 8 to 11, which kept them by process in ``form.template``.

``symbolsByPid`` of a run's record has a ``PFTPersistentSymbols`` a process: ``$4`` symbols, from ``$5`` on. Each is a
``PFTSymbolData``:

    $0 name     $1 source file, or none     $2 the image, a PFTOwnerData     $4 how many addresses
    $5 $6 …     an address at which a stack was seen, and its line, 0 for none; as many pairs
    then        where the function begins, and its size

So a frame is named by its very address. Where images lay is not recorded, and of most not their UUID either.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.errors import InputError
from tracekit.model.schema import NONE
from tracekit.readers.bundle.addresses.symbolication import Binary, Functions, Sites, groups, name_by_address, numbered
from tracekit.readers.bundle.storage.keyed_archive import Node, uuid_text

_NOTHING: Final = (NONE, NONE, 0, 0)
"""Name, image, file and line of an address without a symbol."""


@dataclass(frozen=True, slots=True)
class _Process:
    """The addresses of a process, ascending, and name, image, file and line of each."""

    addresses: NDArray[np.uint64]
    described: NDArray[np.int64]

    def find(self, addresses: NDArray[np.uint64]) -> NDArray[np.int64]:
        """A row for each address."""
        place = np.searchsorted(self.addresses, addresses)
        is_known = np.append(self.addresses, 0)[place] == addresses
        is_known &= place < len(self.addresses)
        return self.described[np.where(is_known, place, NONE)]


@dataclass
class RecordedSymbols:
    """The functions that Instruments named when it recorded. ``by_pid`` is ``symbolsByPid`` of a run's record."""

    by_pid: Node
    _names: dict[str, int] = field(default_factory=dict)
    _files: dict[str, int] = field(default_factory=lambda: {"": 0})
    _binaries: dict[Binary, int] = field(default_factory=dict)

    def find(self, sites: Sites) -> Functions:
        """The functions at some sites; see ``symbolication.symbolicate``.

        Raises:
            InputError: the symbols are damaged.
        """
        described = np.tile(np.array(_NOTHING, np.int64), (len(sites), 1))
        for pid, here in groups(sites.pid):
            if pid in self._processes:
                described[here] = self._processes[pid].find(sites.address[here])
        name, binary, file, line = described.T.copy()
        names = dict(self._names)
        name_by_address(name, sites, names)
        return Functions(name, binary, file, line, list(names), list(self._binaries), list(self._files))

    @cached_property
    def _processes(self) -> dict[int, _Process]:
        entries = self.by_pid.entries().items()
        return {pid: self._process(symbols) for pid, symbols in entries if isinstance(pid, int)}

    def _process(self, symbols: Node) -> _Process:
        rows: dict[int, tuple[int, int, int, int]] = {}
        for symbol in self._counted(symbols, 1):
            name = symbol.field("$0").text()
            if name:
                file = symbol.field("$1").text() or ""
                function = numbered(name, self._names), self._binary(symbol.field("$2"))
                source = numbered(file if file.isprintable() else "", self._files)
                numbers = [node.integer() for node in self._counted(symbol, 2)]
                for address, line in zip(numbers[::2], numbers[1::2], strict=True):
                    if address is None or line is None or not 0 <= address < 1 << 64:
                        raise self._damaged()
                    rows.setdefault(address, (*function, source, line if 0 <= line < 1 << 31 else 0))
        addresses = sorted(rows)
        described = [*(rows[address] for address in addresses), _NOTHING]
        return _Process(np.array(addresses, np.uint64), np.array(described, np.int64))

    def _counted(self, node: Node, width: int) -> Iterator[Node]:
        """The values that ``$4`` counts, ``width`` for each, from ``$5`` on."""
        count = node.field("$4").integer()
        if count is None or count < 0:
            raise self._damaged()
        for number in range(5, 5 + count * width):
            value = node.field(f"${number}")
            if not value.exists():
                raise self._damaged()
            yield value

    def _binary(self, owner: Node) -> int:
        """The number of an image; -1 where the symbol names none."""
        path = owner.field("$1").text() or ""
        name = owner.field("$0").text() or path.rsplit("/", 1)[-1]
        stored = owner.field("uuid").data()
        known = uuid_text(stored) if stored is not None and len(stored) == 16 else ""
        return numbered((name, path, known, 0), self._binaries) if name else NONE

    def _damaged(self) -> InputError:
        return InputError("the symbols of the recording are damaged", where=self.by_pid.archive.where)
