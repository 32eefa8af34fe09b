"""One writer of a file at a time, whichever program or machine it runs on.

The system holds the lock for the open file and frees it when that closes, also by a crash. So there is no stale lock,
and no process number to trust. Windows keeps others from the bytes that are locked, so one is taken beyond every end.
"""

import errno
import sys
from typing import IO, Final

_BEYOND: Final = 2**62
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOTSUP)

if sys.platform == "win32":
    import msvcrt

    def _take(stream: IO[bytes]) -> None:
        stream.seek(_BEYOND)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(stream: IO[bytes]) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def locked(stream: IO[bytes]) -> bool:
    """Take the lock of an open file; False where somebody else has it. It is free again when ``stream`` closes.

    A file system that knows no locks is taken to have no second writer.

    Raises:
        OSError: the system refuses for another reason.
    """
    try:
        _take(stream)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        if error.errno not in _NO_LOCKS:
            raise
    return True
