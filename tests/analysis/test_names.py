"""A name means one thing in the rooms of analysis: whoever reads it need not ask which."""

import ast
from collections import Counter
from pathlib import Path

import tracekit

ANALYSIS = Path(tracekit.__file__).parent / "analysis"


def test_no_function_or_class_is_named_twice() -> None:
    named = Counter(
        node.name
        for path in ANALYSIS.rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )
    assert len(named) > 300
    assert {name: count for name, count in named.items() if count > 1} == {}
