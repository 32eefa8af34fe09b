"""Examples in the documentation run: ``>>>`` as doctests, and all others name what exists.

A block that is not Python and begins with ``# name.ending`` is a file that the examples of its page find.
"""

import ast
import doctest
import re
from pathlib import Path

import pytest

import tracekit
from tests.docs.pages import PAGES, blocks_of, markdown_of, name_of

_FILE = re.compile(r"# ([\w-]+\.\w+)\n")


def run_examples(markdown: str, name: str) -> tuple[int, str]:
    """Run all ``>>>`` of a page, one after the other, in the current folder; how many ran, and what went wrong."""
    blocks = blocks_of(markdown)
    for block in blocks:
        if block.info != "python" and (file := _FILE.match(block.text)):
            Path(file[1]).write_text(block.text, "utf-8")
    source = "\n".join(block.text for block in blocks if ">>>" in block.text)
    problems: list[str] = []
    example = doctest.DocTestParser().get_doctest(source, {}, name, name, 0)
    outcome = doctest.DocTestRunner().run(example, out=problems.append)
    return outcome.attempted, "".join(problems)


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in markdown_of(page)], ids=name_of)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    count, problems = run_examples(markdown_of(page), page.name)
    assert count
    assert problems == ""


LYING = """
```text
# a.folded
main 1
```

```python
>>> from pathlib import Path
>>> Path("a.folded").read_text().count("main")
{}
```
"""


def test_an_example_that_lies_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_examples(LYING.format(1), "page") == (2, "")
    assert "Expected:\n    2\nGot:\n    1" in run_examples(LYING.format(2), "page")[1]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_python_examples_parse_and_name_public_functions(page: Path) -> None:
    code = [block.text for block in blocks_of(markdown_of(page)) if block.info == "python" and ">>>" not in block.text]
    for text in code:
        ast.parse(text)
    named = {name for text in code for name in re.findall(r"\btk\.([A-Za-z]\w*)", text)}
    assert named - set(tracekit.__all__) == set()
