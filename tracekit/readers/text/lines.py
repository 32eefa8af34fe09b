"""Bytes → numbered lines, with one way to say that a line cannot be used."""

import codecs
import re
from collections.abc import Iterator

from tracekit.errors import InputError
from tracekit.model.facts import Notices

_BREAK = re.compile(r"\r\n?|\n")


def decode(data: bytes, errors: str = "strict", *, final: bool = True) -> str:
    """UTF-8 with or without a byte order mark, or UTF-16 with one, as some editors save what was pasted.

    ``final=False``: the data may end within a character.
    """
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")(errors).decode(data, final)


def split(text: str) -> list[str]:
    """The lines of a text, without their ends. Only ``\\n``, ``\\r\\n`` and ``\\r`` end a line."""
    return _BREAK.split(text)


class Lines:
    """The lines of one file, numbered from 1, and the notices of what was wrong with them."""

    def __init__(self, path: str, data: bytes, *, strict: bool = False) -> None:
        """Decode ``data``.

        Raises:
            InputError: the data are not text; or ``strict`` and a line is not.
        """
        self.path = path
        self.strict = strict
        self.notices = Notices()
        try:
            text, is_whole = decode(data), True
        except UnicodeDecodeError:
            text, is_whole = decode(data, "replace"), False
        self.texts = split(text)
        for number, line in self:
            if "\0" in line:
                raise self.error("holds binary data, not text", number)
            if not is_whole and "\ufffd" in line:
                self.skip(number, "undecodable-text", "holds bytes that are not UTF-8, shown as \ufffd")

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.texts, start=1)

    def error(self, message: str, number: int | None = None, hint: str | None = None) -> InputError:
        """An error about the file, or about one line of it."""
        return InputError(message if number is None else f"line {number} {message}", where=self.path, hint=hint)

    def skip(self, number: int, code: str, message: str) -> None:
        """Count a line that was skipped or put right.

        Raises:
            InputError: the reader is strict.
        """
        if self.strict:
            raise self.error(message, number, hint="Without --strict it is skipped or put right, and counted")
        self.notices.add(code, f"line {number} {message}")
