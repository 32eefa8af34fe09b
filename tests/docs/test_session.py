"""The README's picture of a terminal session shows what the commands print today."""

from tests.docs.session import PICTURE, session, text_of


def test_the_picture_shows_what_is_printed() -> None:
    picture = PICTURE.read_text("utf-8")
    shown = [line for line in text_of(picture) if line]
    assert [line for line in shown if line != "tracekit"] == [
        " ".join(line.plain.split()) for line in session() if line.plain.strip()
    ], "draw it anew: python -m tests.docs.session"


def test_the_picture_loads_nothing() -> None:
    picture = PICTURE.read_text("utf-8")
    assert "url(http" not in picture
    assert "<script" not in picture
    assert PICTURE.stat().st_size < 60_000
