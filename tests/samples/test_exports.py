"""The exports are spelled as xctrace spells them, and say the same thing in every encoding."""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tests.samples.exports import EXPORTS, FOLDER, NAMES, document, rows, text, truth

ENCODINGS = {"xcode14.0": "text-addresses", "xcode16.4": "backtrace", "xcode26.5": "wrapped", "xcode27": "flat"}
THREAD_FMT = {
    "xcode14.0": r".+  0x[0-9a-f]+ \(\w+, pid: \d+\)",
    "xcode16.4": r".+\S 0x[0-9a-f]+ \(\w+, pid: \d+\)",
    "xcode26.5": r".+ \(0x[0-9a-f]+\) \(\w+, pid: \d+\)",
    "xcode27": r".+ \(0x[0-9a-f]+\) \(\w+, pid: \d+\)",
}
every_export = pytest.mark.parametrize("name", EXPORTS)
every_recording = pytest.mark.parametrize("name", NAMES)


def xcode(name: str) -> str:
    return next(one for one in ENCODINGS if f".{one}.xml" in name)


def test_every_encoding_is_there_and_one_recording_has_all_four() -> None:
    assert {xcode(name) for name in EXPORTS} == set(ENCODINGS)
    assert {xcode(name) for name in EXPORTS if name.startswith("mlprogram-split.")} == set(ENCODINGS)


@every_export
def test_ids_are_dense_and_in_document_order(name: str) -> None:
    ids = [int(element.get("id", "")) for element in document(name).iter() if element.get("id")]
    assert ids == list(range(1, len(ids) + 1))


@every_export
def test_a_reference_is_empty_and_names_an_earlier_element_of_its_own_tag(name: str) -> None:
    tags: dict[str, str] = {}
    for element in document(name).iter():
        if "ref" in element.attrib:
            assert tags[element.attrib["ref"]] == element.tag
            assert element.keys() == ["ref"]
            assert len(element) == 0
            assert element.text is None
        elif "id" in element.attrib:
            tags[element.attrib["id"]] = element.tag


@every_export
def test_every_value_is_written_once(name: str) -> None:
    written = Counter(
        (element.tag, element.text, element.get("name"), element.get("addr"), element.get("load-addr"))
        for element in document(name).iter()
        if element.get("id") and element.tag not in ("backtrace", "tagged-backtrace", "thread", "process")
    )
    assert set(written.values()) == {1}


@every_export
def test_a_stack_is_written_once_and_shared(name: str) -> None:
    stacks = [row.frames for row in rows(name) if row.frames is not None]
    tag = "tagged-backtrace" if xcode(name) in ("xcode26.5", "xcode27") else "backtrace"
    written = [element for element in document(name).iter(tag) if element.get("id")]
    assert len(written) == len(set(stacks)) < len(stacks)


@every_export
def test_the_skeleton_is_that_of_xctrace(name: str) -> None:
    lines = text(name).split("\n")
    assert lines[:2] == ['<?xml version="1.0"?>', "<trace-query-result>"]
    assert re.match(
        r"<node xpath='//trace-toc\[1\]/run\[1\]/data\[1\]/table\[\d+\]'><schema name=\"time-profile\"", lines[2]
    )
    assert lines[-2:] == ["</node></trace-query-result>", ""]
    assert all(line.count("<row>") == 1 and line.endswith("</row>") for line in lines[2:-2])
    assert not re.search(r"[\r\t]|<!|&(?!amp;|lt;|gt;|quot;)", text(name))


@every_export
def test_a_row_has_one_cell_a_column_and_a_sentinel_is_bare(name: str) -> None:
    first = document(name).find("node/schema")
    assert first is not None
    columns = [column.findtext("engineering-type") for column in first.findall("col")]
    for row in document(name).iter("row"):
        assert [cell.tag for cell in row if cell.tag != "sentinel"] == columns[: 6 if row[6].tag == "sentinel" else 7]
    sentinels = list(document(name).iter("sentinel"))
    assert sentinels
    assert all(not sentinel.attrib and sentinel.text is None for sentinel in sentinels)


@every_export
def test_documentation_came_with_xcode_26_4(name: str) -> None:
    schema = document(name).find("node/schema")
    assert schema is not None
    assert ("documentation" in schema.attrib) == (xcode(name) in ("xcode26.5", "xcode27"))


@every_export
def test_the_stack_column_has_the_shape_of_its_xcode(name: str) -> None:
    shape = ENCODINGS[xcode(name)]
    tag = "tagged-backtrace" if shape in ("wrapped", "flat") else "backtrace"
    stacks = [element for element in document(name).iter(tag) if element.get("id")]
    for stack in stacks:
        children = [child.tag for child in stack]
        if shape == "text-addresses":
            assert children == ["process", "text-addresses", "process", "text-addresses"]
        elif shape == "wrapped":
            assert children == ["backtrace", "uint64"]
        else:
            assert set(children) == {"frame"}
        assert ("fmt" in stack.attrib) == (shape in ("text-addresses", "wrapped"))


@pytest.mark.parametrize("name", [name for name in EXPORTS if xcode(name) in ("xcode14.0", "xcode26.5")])
def test_a_stack_s_fmt_names_the_leaf_and_counts_the_rest(name: str) -> None:
    for row, stack in zip(rows(name), document(name).iter("row"), strict=True):
        fmt = stack[6].get("fmt")
        if fmt is not None and row.frames is not None:
            assert fmt.endswith(f" ← ({len(row.frames) - 1} other frames)")
            assert fmt.startswith(row.frames[0][0])


@every_export
def test_addresses_lean_as_their_xcode_leans(name: str) -> None:
    stacks = [row.frames for row in rows(name) if row.frames]
    assert {frames[0][1] % 4 for frames in stacks} == {1}
    assert {address % 4 for frames in stacks for _, address in frames[1:]} == ({3} if xcode(name) == "xcode27" else {0})


@every_export
def test_threads_are_spelled_as_their_xcode_spells_them(name: str) -> None:
    threads = {row.thread for row in rows(name)}
    assert all(re.fullmatch(THREAD_FMT[xcode(name)], thread) for thread in threads)
    assert any(thread.startswith("Main Thread") for thread in threads)


@every_export
def test_samples_are_sorted_a_millisecond_apart_and_never_two_on_a_core(name: str) -> None:
    of_thread = defaultdict(list)
    at_once: Counter[tuple[int, int, int]] = Counter()
    for row in rows(name):
        of_thread[row.run, row.tid].append(row.time_ns)
        at_once[row.run, row.time_ns // 1_000_000, row.core] += 1
    for run in {row.run for row in rows(name)}:
        times = [row.time_ns for row in rows(name) if row.run == run]
        assert times == sorted(times)
    assert min(later - earlier for times in of_thread.values() for earlier, later in pairwise(times)) > 990_000
    assert set(at_once.values()) == {1}
    assert {row.weight_ns for row in rows(name)} == {1_000_000}


@every_export
def test_text_and_fmt_of_a_time_agree(name: str) -> None:
    for element in document(name).iter("sample-time"):
        if element.text is not None:
            nanoseconds = int(element.text)
            micros = nanoseconds // 1_000
            assert element.get("fmt") == f"00:{micros // 1_000_000:02}.{micros // 1_000 % 1_000:03}.{micros % 1_000:03}"


def test_the_four_encodings_hold_the_same_samples() -> None:
    exports = {xcode(name): rows(name) for name in EXPORTS if name.startswith("mlprogram-split.")}
    told = {
        one: [(row.time_ns, row.tid, row.pid, row.core, row.weight_ns, row.frames is None) for row in table]
        for one, table in exports.items()
    }
    assert told["xcode14.0"] == told["xcode16.4"] == told["xcode26.5"] == told["xcode27"]


def test_the_four_encodings_hold_the_same_stacks() -> None:
    exports = {xcode(name): rows(name) for name in EXPORTS if name.startswith("mlprogram-split.")}
    assert [row.frames for row in exports["xcode16.4"]] == [row.frames for row in exports["xcode26.5"]]
    for old, new, newest in zip(exports["xcode14.0"], exports["xcode16.4"], exports["xcode27"], strict=True):
        if new.frames is not None:
            assert old.frames is not None
            assert newest.frames is not None
            assert [address for _, address in old.frames] == [address for _, address in new.frames]
            assert [name for name, _ in newest.frames] == [name for name, _ in new.frames]
            assert [address for _, address in newest.frames[1:]] == [address - 1 for _, address in new.frames[1:]]


def test_frames_without_a_symbol_take_the_looks_that_exports_give_them() -> None:
    name = "mlprogram-split.xcode16.4.xml.gz"
    frames = {
        (element.get("name", ""), int(element.get("addr", ""), 16), element.find("binary") is not None)
        for element in document(name).iter("frame")
        if element.get("name", "").startswith("0x")
    }
    without = {(int(symbol, 16) - address) for symbol, address, has_binary in frames if not has_binary}
    assert without == {0, -1}  # the leaf's own address; a caller's less 1
    within = [int(symbol, 16) < address for symbol, address, has_binary in frames if has_binary]
    assert within
    assert all(within)  # the function's start


def test_a_second_run_has_its_own_node_without_a_schema_and_refers_into_the_first() -> None:
    name = "two-runs.xcode16.4.xml.gz"
    first, second = document(name).findall("node")
    assert [node.get("xpath", "").split("/data")[0] for node in (first, second)] == [
        "//trace-toc[1]/run[1]",
        "//trace-toc[1]/run[2]",
    ]
    assert first.find("schema") is not None
    assert second.find("schema") is None
    own = {element.get("id") for element in second.iter() if element.get("id")}
    assert {element.get("ref") for element in second.iter() if element.get("ref")} - own
    assert len({row.pid for row in rows(name)}) == 2


def test_names_that_need_escaping_are_among_the_samples() -> None:
    assert any("<low>" in row.thread for row in rows("legacy-nn-ane.xcode16.4.xml.gz"))
    symbols = {frame[0] for row in rows("mlprogram-split.xcode26.5.xml") for frame in row.frames or ()}
    assert "<deduplicated_symbol>" in symbols
    assert any("&" in symbol for symbol in symbols)


@every_recording
def test_the_contents_list_the_profile_where_the_export_says_it_is(name: str) -> None:
    toc = ET.fromstring((FOLDER / f"{name}.toc.xml").read_text())
    exports = [export for export in EXPORTS if export.startswith(f"{name}.")]
    for export in exports:
        for node in document(export).findall("node"):
            place = re.search(r"run\[(\d+)\]/data\[1\]/table\[(\d+)\]", node.get("xpath", ""))
            assert place is not None
            table = toc.findall("run")[int(place[1]) - 1].findall("data/table")[int(place[2]) - 1]
            assert (table.get("schema"), table.get("record-waiting-threads")) == ("time-profile", "0")


@every_recording
def test_the_contents_describe_the_process_that_was_sampled_and_leak_nothing(name: str) -> None:
    toc = ET.fromstring((FOLDER / f"{name}.toc.xml").read_text())
    (export, *_) = [export for export in EXPORTS if export.startswith(f"{name}.")]
    sampled = [{row.pid for row in rows(export) if row.run == number} for number, _ in enumerate(toc, start=1)]
    assert [{int(process.get("pid", ""))} for process in toc.findall("run/info/target/process")] == sampled
    assert not list(toc.iter("environment"))
    for duration, run in zip(toc.findall("run/info/summary/duration"), range(1, len(toc) + 1), strict=True):
        assert float(duration.text or "") * 1e9 > max(row.time_ns for row in rows(export) if row.run == run)


def test_all_files_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 1_500_000


@every_recording
def test_the_truth_names_the_exports_that_are_there(name: str) -> None:
    files = truth(name)["files"]
    assert sorted(file["file"] for file in files) == [export for export in EXPORTS if export.startswith(f"{name}.")]
    assert all(ENCODINGS[xcode(file["file"])] == file["encoding"] for file in files)
    assert [file["file"] for file in files if not file["has_symbols"]] == [
        file["file"] for file in files if xcode(file["file"]) == "xcode14.0"
    ]
