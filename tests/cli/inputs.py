"""Inputs of the command-line tests."""

import re
from functools import cache
from pathlib import Path

from tests.readers.export.documents import toc, toc_run

SAMPLES = Path(__file__).parents[2] / "sample_traces"
SAMPLE = SAMPLES / "mlprogram-split.xcode26.5.xml"
TWO_RUNS = SAMPLES / "two-runs.xcode16.4.xml.gz"
NO_PREDICTION = SAMPLES / "no-prediction.xcode27.xml.gz"
CONTENTS = SAMPLES / "mlprogram-split.toc.xml"


@cache
def first_rows(count: int) -> str:
    """The first rows of a sample; nothing refers forward, so they stand alone."""
    head, *rows = re.split(r"(?=<row>)", SAMPLE.read_text())
    return f"{head}{''.join(rows[:count])}</node></trace-query-result>\n"


def make_recording(folder: Path, rows: int = 40) -> Path:
    """A folder with some rows of a sample and a table of contents."""
    folder.mkdir()
    (folder / "profile.xml").write_text(first_rows(rows))
    (folder / "toc.xml").write_text(toc(toc_run(1, 'schema="tick" frequency="10"', 'schema="time-profile"')))
    return folder
