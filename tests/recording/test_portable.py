"""Exports that can be given away: what is taken out, and what is counted."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.errors import RecordingError
from tracekit.recording.portable import Exported, scrub_contents, scrub_table, write_zip


@pytest.mark.parametrize(
    "before, after",
    [
        (b"<a><environment><v n='TOKEN' v='x'/></environment><b/></a>", b"<a><b/></a>"),
        (b"<a><environment/><b/></a>", b"<a><b/></a>"),
        (b'<a><environment count="2">\n<x>1</x>\n</environment></a>', b"<a></a>"),
        (b"<a><environment note='a>b'><x/></environment></a>", b"<a></a>"),
        (b"<e><environment>A</environment><i/><environment>B</environment></e>", b"<e><i/></e>"),
        (b"<a><environmental>kept</environmental></a>", None),
        (b"<p path='/Users/jane.doe/x'/><q>/Users/jane</q>", b"<p path='~/x'/><q>~</q>"),
        (b"<p path='/Users/Shared/x'/>", b"<p path='/Users/Shared/x'/>"),
        (b"<p a='--in /Users/jane --out /home/joe/y'/>", b"<p a='--in ~ --out ~/y'/>"),
    ],
)
def test_what_is_taken_out_of_a_table_of_contents(before: bytes, after: bytes | None) -> None:
    if after is None:  # a near miss of the tag: refused, since nothing tells what it is
        with pytest.raises(RecordingError, match="cannot be removed"):
            scrub_contents(before)
    else:
        assert scrub_contents(before) == after


def test_an_environment_that_is_not_closed_is_refused() -> None:
    with pytest.raises(RecordingError, match="nothing was exported"):
        scrub_contents(b"<a><environment><v>secret")


@given(
    names=st.lists(st.sampled_from([b"/Users/jane/x", b"/home/joe", b"plain", b"/Users/Shared/y"]), max_size=20),
    block=st.integers(1, 40),
)
def test_a_table_is_scrubbed_alike_however_it_is_cut(names: list[bytes], block: int) -> None:
    rows = b"".join(b'<row><s fmt="%s">%s</s></row>\n' % (name, name) for name in names)
    whole = b"<trace-query-result><node xpath=''><schema/>" + rows + b"</node></trace-query-result>\n"
    sink = io.BytesIO()
    counts = scrub_table(io.BytesIO(whole), sink, block)
    assert counts == (1, len(names))
    assert sink.getvalue() == whole.replace(b"/Users/jane", b"~").replace(b"/home/joe", b"~")


def test_an_empty_result_has_no_table() -> None:
    assert scrub_table(io.BytesIO(b'<?xml version="1.0"?>\n<trace-query-result/>'), io.BytesIO()) == (0, 0)


def test_the_same_parts_give_the_same_zip(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "toc.xml").write_text("<trace-toc/>")
    sidecar = tmp_path / "s.json"
    sidecar.write_text('{"model": "/Users/jane/m"}')
    zips = [tmp_path / "a.zip", tmp_path / "b.zip"]
    for output in zips:
        write_zip(output, folder, exported=[Exported("time-profile", "ok", 3)], sidecar=sidecar, facts={"a": 1})
    assert zips[0].read_bytes() == zips[1].read_bytes()
    with zipfile.ZipFile(zips[0]) as archive:
        assert archive.namelist() == ["tracekit.json", "toc.xml", "sidecar.json"]
        assert archive.read("sidecar.json") == b'{"model": "~/m"}'
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip", "parts", "s.json"]
