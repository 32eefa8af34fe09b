"""dSYM bundles and Mach-O files, read by the package ``symbolic``, by the UUID that images of a recording have too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tracekit.errors import InputError, MissingExtraError
from tracekit.files import check_readable


class Place(NamedTuple):
    """A function at an address."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Objects:
    """Symbols by UUID, in capitals with dashes."""

    caches: Mapping[str, Any]
    files: tuple[str, ...]

    def find(self, uuid: str, offset: int) -> tuple[Place, ...]:
        """The functions at an offset from an image's ``__TEXT``, innermost first: those after it are inlined into."""
        cache = self.caches.get(uuid.upper())
        if cache is None or not 0 <= offset < 1 << 48:
            return ()
        found = (Place(each.symbol, each.full_path or "", each.line) for each in cache.lookup(offset))
        return tuple(place for place in found if place.name)


def read_objects(paths: Sequence[Path]) -> Objects:
    """The symbols in some dSYM bundles, Mach-O files, or folders that hold dSYM bundles.

    Raises:
        InputError: a path holds no symbols, or cannot be read.
        MissingExtraError: ``symbolic`` is not installed.
    """
    if not paths:
        return Objects({}, ())
    try:
        from symbolic.debuginfo import Archive
        from symbolic.exceptions import SymbolicError
    except ImportError as error:
        raise MissingExtraError("reading symbols needs symbolic", "symbols") from error
    caches: dict[str, Any] = {}
    names: list[str] = []
    for path in paths:
        before = len(names)
        for file in _files(path):
            try:
                for one in Archive.open(str(file)).iter_objects():
                    if one.file_format == "macho" and (one.features & {"symtab", "debug"}):
                        caches[_uuid(one.debug_id)] = one.make_symcache()
                        names.append(str(file))
            except SymbolicError as error:
                raise InputError(f"its symbols cannot be read ({error})", where=file) from error
        if len(names) == before:
            raise InputError(
                "holds no symbols of a Mach-O file", where=path, hint="Name a .dSYM, or the program itself"
            )
    return Objects(caches, tuple(names))


def _files(path: Path) -> Iterator[Path]:
    check_readable(path)
    if not path.is_dir():
        yield path
        return
    bundles = [path] if path.suffix == ".dSYM" else sorted(path.glob("*.dSYM"))
    for bundle in bundles:
        yield from sorted(file for file in (bundle / "Contents/Resources/DWARF").glob("*") if file.is_file())


def _uuid(debug_id: str) -> str:
    """A debug id without its age, as recordings write UUIDs."""
    match = re.match(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", debug_id)
    return match[0].upper() if match else debug_id.upper()
