"""Which tests are of what was changed since ``main``: ``make check`` runs those.

tracekit/report/layout.py      tests/report/test_layout.py
tracekit/cli/tree.py           the tests in tests/cli, where no file is of that module alone
docs/diff.md                   tests/docs
tests/batch/test_inputs.py     itself
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import PurePosixPath as Path

_FOLDERS = {
    "docs": "tests/docs",
    "sample_traces": "tests/samples",
    "notebooks": "tests/notebooks",
    "README.md": "tests/docs",
}


def mirrored(changed: Iterable[str], tests: Iterable[str]) -> list[str]:
    """Of all ``tests`` those that are of changed files; folders where a folder mirrors one."""
    known = {Path(test) for test in tests}
    found = {str(test) for name in changed for test in _mirror_of(Path(name), known)}
    return sorted(found)


def _mirror_of(changed: Path, known: set[Path]) -> set[Path]:
    first = changed.parts[0]
    if first in _FOLDERS:
        return {Path(_FOLDERS[first])}
    if first == "tests":
        return {changed} & known
    if first != "tracekit":
        return set()
    mirror = Path("tests", *changed.parts[1:-1])
    own = mirror / f"test_{changed.stem.strip('_')}.py"
    if changed.suffix == ".py" and own in known:
        return {own}
    for folder in (mirror, *mirror.parents):
        mine = {test for test in known if test.parent == folder}
        if mine:
            return mine
    return set()


def _lines(*command: str) -> list[str]:
    return subprocess.run(["git", *command], capture_output=True, text=True, check=True).stdout.splitlines()


if __name__ == "__main__":
    base = _lines("merge-base", "HEAD", sys.argv[1] if len(sys.argv) > 1 else "main")[0]
    changed = [*_lines("diff", "--name-only", base), *_lines("ls-files", "--others", "--exclude-standard")]
    every = [*_lines("ls-files", "tests"), *_lines("ls-files", "--others", "--exclude-standard", "tests")]
    print("\n".join(mirrored(changed, (name for name in every if Path(name).name.startswith("test_")))))
