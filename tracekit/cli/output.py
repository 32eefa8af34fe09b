"""Writing results: whole or not at all, and never over a file the user did not mean."""

import os
import sys
import tempfile
from pathlib import Path

from tracekit.errors import OutputError
from tracekit.files import writing


def write_result(path: Path, content: str | bytes, *, force: bool) -> None:
    """Write a file atomically; ``-`` is stdout.

    Raises:
        OutputError: it exists and ``force`` is false, or it cannot be written.
    """
    # A file's name may hold bytes that are no text; written out they are valid in JSON and readable elsewhere.
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    check_free(path, force=force)
    with writing(path):
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # /dev/null or a pipe: there is nothing to replace
        else:
            _replace(path, data)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_free(*paths: Path | None, force: bool) -> None:
    """Refuse early, before long work; None and ``-`` are no files.

    Raises:
        OutputError: a file exists and ``force`` is false, or is a folder, or its folder is missing.
    """
    for path in paths:
        if path is not None and str(path) != "-":
            _check_free(path, force=force)


def _check_free(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise OutputError("is a folder", where=path, hint="Name a file in it")
    if _is_input(path):
        raise OutputError("is an input of this command", where=path, hint="Give -o another name")
    if path.is_file() and not force:
        raise OutputError("already exists", where=path, hint="Use --force to replace it, or -o another name")
    if not path.parent.is_dir():
        raise OutputError("its folder does not exist", where=path, hint=f"Create it first: mkdir -p {path.parent}")


def _is_input(path: Path) -> bool:
    """Whether the command names the file twice, or names the recording it is a part of: it would be read and lost."""
    if not path.is_file():
        return False
    named = [Path(argument.partition("=")[2] or argument) for argument in sys.argv[1:]]
    there = [each for each in named if each.exists()]
    within = any(each.suffix == ".trace" and path.resolve().is_relative_to(each.resolve()) for each in there)
    return within or sum(each.samefile(path) for each in there) > 1
