"""What is shared is made by the first who asks, and whole."""

from pathlib import Path

import pytest

from tests.support.once import made_once


def test_the_first_who_asks_makes_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("whole")

    first, second = (made_once(tmp_path_factory, "asked-twice", make) for _ in range(2))
    assert first == second
    assert first not in made, "nobody finds half of it"
    assert len(made) == 1
    assert (first / "file").read_text() == "whole"


def test_what_failed_is_not_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        raise OSError

    for _ in range(2):
        with pytest.raises(OSError, match=r"^$"):
            made_once(tmp_path_factory, "failed", fail)
