import codecs
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.readers.text import sniff

DEEP_COPY = "Weight\tSelf Weight\t\tSymbol Name\n1.00 ms  100.0%\t1.00 ms\t \tmain\n"
SAMPLE = (
    "Analysis of sampling Tool (pid 7) every 1 millisecond\n\nCall graph:\n    3 Thread_1\n    + 3 main  (in Tool)\n"
)
FOLDED = "main;net 3\nmain 1\n"


@pytest.mark.parametrize(
    "text, kind",
    [
        (DEEP_COPY, "deepcopy"),
        ("Running Time\tSelf (ms)\t\tSymbol Name\n", "deepcopy"),
        ("Weight\tSelf Weight\tSymbol Names\n", "deepcopy"),
        ("# Samples\tSymbol Name\n12\tTool (7)\n", "deepcopy"),
        ("Bytes Used\tCount\t\tSymbol Name\n", "deepcopy"),
        ("pasted from Instruments:\n\n" + DEEP_COPY, "deepcopy"),
        (DEEP_COPY.partition("\n")[2], "deepcopy"),
        (SAMPLE, "sample"),
        ("Sampling process 7 for 3 seconds with 1 millisecond of run time between samples\n" + SAMPLE, "sample"),
        (SAMPLE.partition("\n\n")[2], "sample"),
        (FOLDED, "folded"),
        ("main 3", "folded"),
        ("# by hand\nmain 3\n", "folded"),
        ("a;b 1\nnot a stack\na;c 2\n", "folded"),
        ("<Unknown Address>;f 3\n<module>;g 4\n", "folded"),
        ("Espresso`net 3\n", "folded"),
    ],
)
def test_each_text_format_is_recognised(text: str, kind: str) -> None:
    assert sniff(text.encode()) == kind


@pytest.mark.parametrize("kind, text", [("deepcopy", DEEP_COPY), ("sample", SAMPLE), ("folded", FOLDED)])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 with BOM", "utf-16", "utf-16 big endian", "crlf"],
)
def test_the_encoding_and_the_line_ends_do_not_matter(kind: str, text: str, encode) -> None:
    assert sniff(encode(text)) == kind


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "empty"),
        (b" \n\t\r\n", "blank"),
        (codecs.BOM_UTF8, "a byte order mark and nothing else"),
        (b'<?xml version="1.0"?>\n<trace-query-result>\n<node>\n<row>\n', "XML"),
        (b"\n  <trace-toc><run number='1'>Call graph:</run></trace-toc>", "XML without a declaration"),
        (b"<p>Weight\tSelf Weight\tSymbol Names</p>\n" + DEEP_COPY.encode(), "a page of HTML around a Deep Copy"),
        (b"bplist00\xd4\x01\x02\x03\x04\x05\x06\x07\n$version 1\n\x00", "a binary property list"),
        (gzip.compress(FOLDED.encode(), mtime=0), "compressed"),
        (b"\x00" * 100, "zeros"),
        (bytes(range(1, 256)) * 20, "bytes of every kind"),
        (b"The quick brown fox\njumps over\nthe lazy dog\n", "prose"),
        (b"Call graph:\n  main calls net\n", "another sort of call graph"),
        (b"a;b\nc;d\n", "stacks without weights"),
        (b"a;b 1.5\nc;d 0.25\n", "stacks with fractions"),
        (b"In 2024 it rained\nas in 2023\nand so on\nand on\n", "prose in which one line ends in a number"),
        (b"Chapter 1\nChapter 2\nThe end\n", "prose in which most lines end in a number"),
        (b"\x80\x81\x82;\x83\x84 12\n" * 3, "bytes that are no characters, between signs that fit"),
        (b'{"nodes": [\n  {"id": 1\n  },\n  {"id": 2\n  }\n]}\n', "JSON"),
        (b"Date/Time: 2024-01-01\nDuration: 10.00s\nSteps: 1001 (10ms sampling interval)\n", "spindump"),
    ],
)
def test_other_things_are_not_taken_for_text_profiles(data: bytes, why: str) -> None:
    assert sniff(data) is None, why


def test_a_zip_of_folded_stacks_is_not_text() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.folded", FOLDED)
    assert sniff(buffer.getvalue()) is None


@given(st.binary(max_size=200))
def test_sniffing_never_fails(data: bytes) -> None:
    assert sniff(data) in (None, "deepcopy", "sample", "folded")


def test_a_head_may_end_within_a_line_and_within_a_character() -> None:
    assert sniff("a;b 1\na;c 2\na;µ".encode()[:-1]) == "folded"
    assert sniff("main;f 1\nmain".encode("utf-16")[:-1]) == "folded"


def test_a_few_bytes_that_are_not_utf8_do_not_hide_the_format() -> None:
    assert sniff((FOLDED * 100).encode() + b"caf\xe9;x 3\n" + FOLDED.encode()) == "folded"


@pytest.mark.parametrize(
    "name, kind",
    [
        ("deepcopy/time-profile_7.3.1.txt", "deepcopy"),
        ("deepcopy/cycles_13.4.txt", "deepcopy"),
        ("deepcopy/time-profile_16.0.txt", "deepcopy"),
        ("exports/time-profile_xcode14.3.expected.folded", "folded"),
        ("exports/time-profile_xcode14.3.xml", None),
        ("exports/toc_xcode26.5.xml", None),
        ("exports/cpu-profile_xcode14.0_text-addresses.xml.gz", None),
        ("bundles/cpu-profile_xcode26.3.trace.zip", None),
        ("stacks.jsonl", None),
    ],
)
def test_real_files_are_told_apart(real_data: Path, name: str, kind: str | None) -> None:
    path = real_data / name
    if not path.exists():
        pytest.skip(f"no {path}")
    assert sniff(path.read_bytes()[:65536]) == kind
