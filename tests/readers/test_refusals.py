"""Files that are no recording are refused by what they are, with what to do; near misses are not taken for them."""

import json
from pathlib import Path
from time import perf_counter

import pytest

from tracekit.errors import UnknownFormatError, UnsupportedError
from tracekit.readers import open_trace
from tracekit.readers.refusals import named

FOLDERS = {
    "a.xcresult": "is a result bundle of tests",
    "b.logarchive": "is an archive of logs",
    "m.mlmodelc": "is a model, not a recording of it",
    "m.mlpackage": "is a model, not a recording of it",
}
FILES = {
    "report.mlperf": (b"bplist00", "is a performance report of Xcode"),
    "x.atrc": (b"\0\1\2", "is a kernel trace"),
    "x.gputrace": (b"ZIPPED", "is a capture of Metal calls"),
    "plan.json": (
        json.dumps({"model": "m", "operations": [{"name": "conv", "preferred": "cpu"}]}).encode(),
        "is a compute plan",
    ),
    "kit.json": (b'{"hangDiagnostics":[{"callStackTree":{}}]}', "is a MetricKit payload"),
    "samply.json": (b'{"meta":{"version":31,"stackwalk":1},"threads":[]}', "is a profile for the Firefox Profiler"),
    "s.json": (b'{"$schema":"https://www.speedscope.app/file-format-schema.json"}', "is a profile for speedscope"),
    "power.txt": (
        b"Machine model: Mac16,8\n*** Sampled system activity (x) ***\nANE Power: 812 mW\n",
        "is output of powermetrics",
    ),
    "cut.zip": (b"PK\x03\x04\x14\0\0\0\x08\0" + bytes(90), "a zip without its list of members"),
    "tree.csv": (b'Weight,Self Weight,Symbol Name\n"1.00 s  100%",0 s,main\n', "without its indentation"),
}
OTHERS = {
    "x.json": b'{"operations": []}',
    "y.json": b'{"meta": 1}',
    "z.txt": b"Sampled system activity",
    "w.csv": b"a,b\n",
    "pk.txt": b"PK and others",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_are_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(UnsupportedError, match=FOLDERS[name]) as error:
        open_trace(tmp_path / name)
    assert error.value.hint


@pytest.mark.parametrize("name", FILES)
def test_files_are_named(name: str, tmp_path: Path) -> None:
    content, what = FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnsupportedError, match=what) as error:
        open_trace(tmp_path / name)
    assert error.value.hint


@pytest.mark.parametrize("name", OTHERS)
def test_near_misses_are_not_known(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(OTHERS[name])
    with pytest.raises(UnknownFormatError, match="the format is not known"):
        open_trace(tmp_path / name)


@pytest.mark.parametrize(
    "head", [b"a line\n" * 2000, b'{"meta": ' * 2000, b'{"$schema": ' * 2000, b" " * 9000, b"\n" * 9000]
)
def test_no_text_takes_long_to_be_looked_at(head: bytes) -> None:
    """A pattern that tries every way to part lines would need years for the first."""
    began = perf_counter()
    assert named("notes", head) is None
    assert perf_counter() - began < 1
