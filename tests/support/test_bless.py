import re
from pathlib import Path

import pytest

from tests.support.bless import Golden


def golden_in(folder: Path, *, bless: bool = False) -> Golden:
    return Golden(expected=folder / "golden", actual=folder / "new", test="tests/test_x.py::test[a b]", bless=bless)


def test_blessed_text_is_accepted_byte_for_byte(tmp_path: Path) -> None:
    text = "maïn;net 3\n\r\nlast line"
    golden_in(tmp_path, bless=True)("sub/tree.txt", text)
    golden_in(tmp_path)("sub/tree.txt", text)
    assert (tmp_path / "golden/sub/tree.txt").read_bytes() == text.encode()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("new", ["a\nb", "a\nb \n", "a\r\nb\n", "a\n", ""])
def test_any_difference_fails_and_leaves_the_golden_file_alone(tmp_path: Path, new: str) -> None:
    golden_in(tmp_path, bless=True)("tree.txt", "a\nb\n")
    with pytest.raises(pytest.fail.Exception, match="the text differs from the golden file"):
        golden_in(tmp_path)("tree.txt", new)
    assert (tmp_path / "golden/tree.txt").read_text() == "a\nb\n"
    assert (tmp_path / "new/tree.txt").read_bytes() == new.encode()


def test_a_missing_golden_file_fails_even_for_no_text(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="there is no golden file"):
        golden_in(tmp_path)("tree.txt", "")


def test_the_failure_shows_the_difference_and_how_to_accept_it(tmp_path: Path) -> None:
    golden_in(tmp_path, bless=True)("tree.txt", "same\nold\n")
    with pytest.raises(pytest.fail.Exception) as failure:
        golden_in(tmp_path)("tree.txt", "same\nnew\t\n")
    message = str(failure.value)
    assert re.search(r"^ same\n-old\n\+'new\\t\\n'$", message, re.MULTILINE)
    assert str(tmp_path / "new/tree.txt") in message
    assert "pytest --bless 'tests/test_x.py::test[a b]'" in message
