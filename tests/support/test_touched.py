"""Which tests ``make check`` runs."""

import pytest

from tests.support.touched import mirrored

TESTS = [
    *("tests/report/test_layout.py", "tests/report/html/test_report.py", "tests/report/html/test_page.py"),
    *("tests/cli/test_help.py", "tests/cli/test_errors.py", "tests/test_whole.py"),
]


@pytest.mark.parametrize(
    "changed,tests",
    [
        ("tracekit/report/layout.py", ["tests/report/test_layout.py"]),
        ("tracekit/cli/tree.py", ["tests/cli/test_errors.py", "tests/cli/test_help.py"]),
        ("tracekit/report/html/assets/tree.js", ["tests/report/html/test_page.py", "tests/report/html/test_report.py"]),
        ("tracekit/report/html/page.css", ["tests/report/html/test_page.py", "tests/report/html/test_report.py"]),
        ("tracekit/errors.py", ["tests/test_whole.py"]),
        ("docs/diff.md", ["tests/docs"]),
        ("README.md", ["tests/docs"]),
        ("tests/cli/test_help.py", ["tests/cli/test_help.py"]),
        ("tests/cli/test_gone.py", []),
        ("tests/support/halves.py", []),
        ("pyproject.toml", []),
    ],
)
def test_what_is_run_for_a_change(changed: str, tests: list[str]) -> None:
    assert mirrored([changed], TESTS) == tests
