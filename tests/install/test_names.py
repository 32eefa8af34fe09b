"""One name to install, another to import: said alike wherever it is said."""

import re
import tomllib
from typing import get_args

import pytest

from tests.docs.pages import PAGES, ROOT, blocks_of, markdown_of
from tracekit.errors import DISTRIBUTION, Extra, MissingExtraError

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [name for name in PROJECT["optional-dependencies"] if name != "dev"]
PAGE = (ROOT / "docs" / "install.md").read_text("utf-8")


def test_the_name_is_that_of_the_package() -> None:
    assert PROJECT["name"] == DISTRIBUTION
    assert [*PROJECT["scripts"]] == ["tracekit"]


def test_errors_know_the_extras_that_there_are() -> None:
    assert sorted(get_args(Extra)) == sorted(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_page_explains_every_extra(extra: str) -> None:
    assert f"\n| `{extra}` | " in PAGE


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_an_extra_brings_is_tested(extra: str) -> None:
    def names(requirements: list[str]) -> set[str]:
        return {requirement.partition(">=")[0] for requirement in requirements}

    extras = PROJECT["optional-dependencies"]
    assert names(extras[extra]) <= names(extras["dev"])


def test_a_missing_extra_says_the_line_that_installs_it() -> None:
    assert str(MissingExtraError("Parquet needs pyarrow", "parquet")) == (
        "Parquet needs pyarrow. pip install 'tracekit-ane[parquet]'."
    )


def test_no_line_to_type_installs_the_other_project() -> None:
    blocks = [block.text for page in PAGES for block in blocks_of(markdown_of(page))]
    assert any("tracekit-ane" in text for text in blocks)
    assert [text for text in blocks if re.search(r"(?<!un)(install|--from) '?tracekit(?!-ane)", text)] == []
