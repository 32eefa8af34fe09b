"""A recording analysed from its bundle and from its export: the same document, but for where it came from."""

from pathlib import Path
from typing import Any

import pytest

from tracekit import api
from tracekit.analysis.analyze import Scope
from tracekit.report.formats.analysis_json import analysis_document

SAMPLES = Path(__file__).parents[2] / "sample_traces"


def document(path: Path) -> dict[str, Any]:
    """What ``analyze --no-focus --json`` writes, without its source."""
    written = analysis_document(api.analyze(path, scope=Scope(whole=True)))
    del written["source"]
    return written


@pytest.mark.parametrize("name", ["all-ane", "ane-with-cpu-fallback", "gpu"])
def test_a_sample_gives_the_same_document_both_ways(name: str) -> None:
    assert document(SAMPLES / f"{name}.trace.zip") == document(SAMPLES / name)


@pytest.mark.parametrize(
    "bundle,export",
    [
        ("bundles/time-profile_xcode16.4.trace.zip", "bundles/time-profile_xcode16.4.export.xml"),
        ("bundles/cpu-profile_xcode26.3.trace.zip", "exports/cpu-profile_xcode26.3.xml"),
    ],
)
def test_a_real_recording_gives_the_same_document_both_ways(real_data: Path, bundle: str, export: str) -> None:
    assert document(real_data / bundle) == document(real_data / export)
