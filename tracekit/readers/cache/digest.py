"""What tells the content of a file, and whether the file changed since it was told.

It may be worked out by a thread while pandas is loaded: hashing leaves the interpreter's lock to others.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of a file, and its state before it was read."""

    sha256: str
    state: tuple[int, ...]

    def still_holds(self, path: Path) -> bool:
        """Whether the file is as it was; what is read from it meanwhile is of this content then."""
        try:
            return _state(path) == self.state
        except OSError:
            return False


class _Begun(Thread):
    """A digest that is being worked out."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._digest: Digest | None = None
        self.start()

    def run(self) -> None:
        self._digest = _digest(self._path)

    def result(self) -> Digest | None:
        """The digest, once it is known; None where the file cannot be read."""
        self.join()
        return self._digest


_begun: dict[Path, _Begun] = {}


@contextmanager
def digesting(path: Path) -> Iterator[None]:
    """Let a thread work out the digest of a file, which ``digest_of`` then waits for."""
    _begun[path] = _Begun(path)
    try:
        yield
    finally:
        del _begun[path]


def digest_of(path: Path) -> Digest | None:
    """The digest of a file; None where it cannot be read: whoever needs it says why."""
    begun = _begun.get(path)
    known = begun.result() if begun is not None else None
    return known if known is not None and known.still_holds(path) else _digest(path)


def _digest(path: Path) -> Digest | None:
    try:
        state = _state(path)
        with path.open("rb") as file:
            return Digest(hashlib.file_digest(file, "sha256").hexdigest(), state)
    except OSError:
        return None


def _state(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
