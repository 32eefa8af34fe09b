"""Every notebook runs, and what it stores is what it prints; ``pytest --bless`` stores it anew.

Figures have pictures beside them, which pictures.py draws: a figure that changed loses its picture when it is blessed.
"""

import copy
import json
from pathlib import Path
from typing import Any, Final

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER: Final = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS: Final = sorted(FOLDER.glob("*.ipynb"))

MOST_BYTES: Final = 150_000
"""A notebook is read in a browser and in review: figures are small, and Plotly's own script is not in it."""

FIGURE: Final = "application/vnd.plotly.v1+json"
PICTURE: Final = "image/png"

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


def figures(notebook: Notebook) -> list[Notebook]:
    """The stored forms of every figure."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"] for output in outputs if FIGURE in output.get("data", {})]


def keep_pictures(stored: Notebook, fresh: Notebook) -> None:
    """Give the fresh figures that are as they were their stored pictures."""
    known = {json.dumps(data[FIGURE], sort_keys=True): data[PICTURE] for data in figures(stored) if PICTURE in data}
    for data in figures(fresh):
        if found := known.get(json.dumps(data[FIGURE], sort_keys=True)):
            data[PICTURE] = found


def kinds(notebook: Notebook) -> list[list[str]]:
    """The forms in which every code cell shows its result, but for pictures."""
    return [
        sorted({kind for output in cell.outputs for kind in output.get("data", {}) if kind != PICTURE})
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_stores(path: Path, request: pytest.FixtureRequest) -> None:
    stored = read(path)
    fresh = executed(stored)
    if request.config.getoption("--bless"):
        keep_pictures(stored, fresh)
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_has_a_picture(path: Path) -> None:
    stored = figures(read(path))
    assert bool(stored) == (path.stem != "04_why_not_on_the_ane")  # that one is all tables
    assert all(PICTURE in data for data in stored), "to draw them: python -m tests.notebooks.pictures"


def test_only_a_figure_that_is_as_it_was_keeps_its_picture() -> None:
    def with_figure(figure: dict[str, int], **other: str) -> Notebook:
        output = nbformat.v4.new_output("display_data", data={FIGURE: figure, **other})
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])

    stored = with_figure({"height": 1}, **{PICTURE: "drawn"})
    same, changed = with_figure({"height": 1}), with_figure({"height": 2})
    keep_pictures(stored, same)
    keep_pictures(stored, changed)
    assert [PICTURE in data for data in (*figures(same), *figures(changed))] == [True, False]
    assert kinds(same) == kinds(changed)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
