"""The wheel works by itself, and Homebrew's formula installs the archive that it names."""

import hashlib
import re
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from release.homebrew import COMMITTED, formula
from tests.docs.pages import ROOT
from tests.install.conftest import Run
from tracekit._version import __version__


def test_the_demo_runs_far_from_the_checkout(installed: Run) -> None:
    done = installed("tracekit", "demo")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "Partly")
    written = installed("python", "-c", "print(open('report.html', encoding='utf-8').read()[:15])")
    assert written.stdout == "<!DOCTYPE html>\n"


def test_the_package_is_the_installed_one(installed: Run) -> None:
    assert installed("tracekit", "--version").stdout == f"tracekit {__version__}\n"
    where = Path(installed("python", "-c", "import tracekit; print(tracekit.__file__)").stdout)
    assert ROOT not in where.parents


def test_what_a_missing_extra_would_do_is_said_with_the_line_that_installs_it(installed: Run) -> None:
    sample = ROOT / "sample_traces" / "no-prediction.xcode27.xml.gz"
    for arguments in (
        ["convert", sample, "-o", "x.parquet"],
        ["batch", sample, "-o", "x.csv", "--scheduler", "tcp://localhost:1"],
        ["sql", sample, "select 1"],
        ["mcp", sample.parent],
    ):
        done = installed("tracekit", *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"tracekit: .+\. pip install 'tracekit-ane\[\w+\]'\.\n", done.stderr)


def test_a_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    folders = {"tracekit": "tracekit", "sample_traces": "tracekit/_samples"}
    files = {
        f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, place in folders.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert len(files) > 200
    assert sorted(files - {*zipfile.ZipFile(wheel).namelist()}) == []


def test_the_committed_formula_is_of_this_version_and_of_what_is_pinned(archive: Path) -> None:
    text = COMMITTED.read_text("utf-8")
    assert text == formula()  # python release/homebrew.py --write
    assert f'version "{__version__}"' in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = re.findall(r"\[([\w,]+)\]\"$", text, re.M)[0].split(",")
    needed = [*project["dependencies"], *(each for extra in extras for each in project["optional-dependencies"][extra])]
    pins = {Requirement(line.split(" #")[0]).name: line for line in pinned().splitlines() if "==" in line}
    assert {Requirement(each).name for each in needed} - {*pins} == set()
    with tarfile.open(archive) as files:
        (member,) = [name for name in files.getnames() if name.endswith("/constraints.txt")]
        stream = files.extractfile(member)
        assert stream is not None
        assert stream.read().decode() == pinned()


def pinned() -> str:
    return (ROOT / "constraints.txt").read_text("utf-8")


def test_the_formula_installs_the_archive(archive: Path, tmp_path: Path) -> None:
    text = formula(archive.read_bytes(), "https://example.org/tracekit.tar.gz", "https://example.org")
    assert f'sha256 "{hashlib.sha256(archive.read_bytes()).hexdigest()}"' in text
    assert 'url "https://example.org/tracekit.tar.gz"' in text
    with tarfile.open(archive) as files:
        assert {"pyproject.toml", "README.md"} <= {Path(name).name for name in files.getnames()}
    if ruby := shutil.which("ruby"):
        (tmp_path / "tracekit.rb").write_text(text, "utf-8")
        assert subprocess.run([ruby, "-c", tmp_path / "tracekit.rb"], capture_output=True, check=False).returncode == 0
