"""What docs/architecture.md draws is there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT, blocks_of
from tracekit.model import schema

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def drawn() -> list[str]:
    """The paths of the layout: a line a file or folder, two blanks a level, then what it is."""
    layout = next(block.text for block in blocks_of(PAGE) if block.text.startswith("tracekit/"))
    folders: list[str] = []
    paths = []
    for line in layout.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [name]
        paths.append("".join(folders))
    return paths


def test_the_layout_is_that_of_the_package() -> None:
    assert [path for path in drawn() if not (ROOT / path).exists()] == []
    assert [path for path in drawn() if path.endswith("/") != (ROOT / path).is_dir()] == []


def test_every_module_of_the_main_job_is_drawn() -> None:
    """Itself, or the folder it is in where nothing in that is drawn."""
    paths = drawn()
    whole_folders = [path for path in paths if path.endswith("/") and sum(each.startswith(path) for each in paths) == 1]
    script = (
        "import sys, tracekit.api; print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('tracekit.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = {str(Path(file).relative_to(ROOT)) for file in loaded.stdout.split()}
    assert "tracekit/attribution/engines.py" in modules
    missing = [name for name in sorted(modules - {*paths}) if not name.startswith(tuple(whole_folders))]
    assert [name for name in missing if not name.endswith(("__init__.py", "_version.py"))] == []


def test_the_layers_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    expected = "".join(f"{layer}\n" for layer in layers).replace("tracekit.", "")
    assert expected in [block.text for block in blocks_of(PAGE)]


def test_the_tables_have_these_columns() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", PAGE, re.M)
    columns = {table: re.findall(r"`(\w+)`", cell) for table, cell in rows}
    attribution = [*schema.ATTRIBUTION]
    columns["samples"] = [name for name in columns["samples"] if name not in ("attribute", *attribution)]
    assert columns == {
        "samples": [*schema.SAMPLES],
        "stacks": [*schema.STACKS],
        "frames": [*schema.FRAMES],
        "binaries": [*schema.BINARIES],
        "threads": [*schema.THREADS],
    }
