"""What a user gets: a wheel in an environment that has nothing else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]

UV = shutil.which("uv")


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive of a release."""
    return _built(tmp_path_factory.mktemp("archive"), "--sdist", "*.tar.gz")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a release."""
    return _built(tmp_path_factory.mktemp("wheel"), "--wheel", "*.whl")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``installed("tracekit", "demo")`` runs a program of that environment in an empty folder."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    if UV:
        _call(UV, "venv", "--python", sys.executable, environment)
        _call(UV, "pip", "install", "--python", programs / "python", wheel)
    else:
        _call(sys.executable, "-m", "venv", environment)
        _call(programs / "python", "-m", "pip", "install", "--disable-pip-version-check", wheel)
    folder = tmp_path_factory.mktemp("elsewhere")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}

    def run(program: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(programs / program), *map(str, arguments)],
            cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip

    return run


def _built(folder: Path, kind: str, pattern: str) -> Path:
    if UV:
        _call(UV, "build", kind, "-o", folder, ROOT)
    else:
        _call(sys.executable, "-m", "build", kind, "-o", folder, ROOT)
    (found,) = folder.glob(pattern)
    return found


def _call(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
