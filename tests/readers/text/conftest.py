"""Texts, opened."""

from collections.abc import Callable

import pytest

from tracekit.model.profile import Profile
from tracekit.readers.text import open_text, sniff

Read = Callable[..., Profile]


@pytest.fixture
def read() -> Read:
    """``read(text)`` is the profile of a text whose kind must be recognised."""

    def read_text(text: str | bytes, *, strict: bool = False) -> Profile:
        data = text.encode() if isinstance(text, str) else text
        kind = sniff(data)
        assert kind is not None
        return open_text("x.txt", data, kind, strict=strict).profile()

    return read_text
