"""Tools of other people that some tests need: programs, and viewers as their npm packages.

Without one a test is skipped; .ci/run installs them all and sets TRACEKIT_ALL_TOOLS, and there it fails instead.
"""

import os
import shutil
import tarfile
from pathlib import Path
from typing import NoReturn

import pytest

PACKAGES = Path(__file__).parents[2] / "build" / "npm"
"""Where .ci/run puts npm packages, as ``npm pack`` writes them."""


def needed(tool: str) -> str:
    """The path of a program."""
    path = shutil.which(tool)
    return path if path is not None else absent(tool)


def package(name: str, folder: Path) -> Path:
    """An npm package that .ci/run packed, unpacked into a folder."""
    archive = PACKAGES / f"{name}.tgz"
    if not archive.exists():
        absent(f"build/npm/{archive.name}")
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")
    return folder / "package"


def absent(what: str) -> NoReturn:
    """Skip the test, or fail it where everything must be there."""
    if os.environ.get("TRACEKIT_ALL_TOOLS"):
        pytest.fail(f"{what} is not installed, and TRACEKIT_ALL_TOOLS is set")
    pytest.skip(f"{what} is not installed: the test that needs it runs in .ci/run")
