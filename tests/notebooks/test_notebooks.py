"""Every notebook runs, and what it stores is what it prints; ``pytest --bless`` stores it anew."""

import copy
import json
from pathlib import Path
from typing import Any, Final

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER: Final = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS: Final = sorted(FOLDER.glob("*.ipynb"))

MOST_BYTES: Final = 400_000
"""A notebook is read in a browser and in review: figures are small, and Plotly's own script is not in it."""

Notebook = Any


def read(path: Path) -> Notebook:
    return nbformat.read(path, as_version=4)


def executed(notebook: Notebook) -> Notebook:
    """A copy, run in a kernel of its own. An exception in a cell is one here."""
    fresh = copy.deepcopy(notebook)
    for cell in fresh.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        fresh, timeout=300, kernel_name="python3", record_timing=False, resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
    fresh.metadata = notebook.metadata
    return fresh


def texts(notebook: Notebook) -> list[str]:
    """What every code cell prints and returns, as text and as HTML. Warnings are on stderr, so they count too."""
    return [
        "".join(
            output.get("text") or "".join(output.get("data", {}).get(f"text/{kind}", "") for kind in ("plain", "html"))
            for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def kinds(notebook: Notebook) -> list[list[str]]:
    """The forms in which every code cell shows its result."""
    return [
        sorted({kind for output in cell.outputs for kind in output.get("data", {})})
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_stores(path: Path, request: pytest.FixtureRequest) -> None:
    stored = read(path)
    fresh = executed(stored)
    if request.config.getoption("--bless"):
        nbformat.write(fresh, path)
        return
    assert texts(fresh) == texts(stored), f"to accept: pytest --bless '{request.node.nodeid}'"
    assert kinds(fresh) == kinds(stored), f"to accept: pytest --bless '{request.node.nodeid}'"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_says_nothing_of_its_author(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text) < MOST_BYTES
    assert not [
        name for name in (str(Path.home()), str(FOLDER.parent), "/Users/", "/tmp/") if json.dumps(name)[1:-1] in text
    ]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
