"""The report of a comparison says what the comparison says, and its picture is of both call trees."""

import base64
import re
import zlib
from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from tests.report.html.comparisons import (
    AFTER,
    BEFORE,
    Found,
    compare,
    compare_text,
    matched_samples,
    path_sums,
    planted,
    profiles_of,
    recorded,
    sides_of,
)
from tests.report.html.pages import PROVENANCE, Page, analysed, shape_of, timed
from tests.report.html.test_privacy import analysis as with_secrets
from tests.report.plain import plain_samples, unpacked
from tests.support.profiles import profiles
from tests.support.samples import analysis_of
from tracekit.analysis.analyze import Analysis
from tracekit.analysis.compare.diff import diff
from tracekit.analysis.compare.merge import merged
from tracekit.analysis.compare.sides import Side
from tracekit.analysis.compare.trees import diff_tree
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.report.diff_sentences import diff_answer, records, row_label
from tracekit.report.formats.analysis_json import analysis_document
from tracekit.report.formats.saved_analysis import side_of
from tracekit.report.html.compared import Compared
from tracekit.report.html.comparison import _names, function_shares, render_comparison
from tracekit.report.html.payload import pack_merged
from tracekit.report.html.report import render
from tracekit.report.numbers import NO_SYMBOL
from tracekit.report.terminal.diff_text import diff_view
from tracekit.report.terminal.drawing import to_plain

TWICE = "mlprogram-split.xcode26.5.xml"


@pytest.fixture(scope="module")
def text() -> tuple[Found, Page]:
    found = compare_text(BEFORE, AFTER)
    return found, Page(found.page)


@pytest.fixture(scope="module")
def shifted_page() -> tuple[Found, Page]:
    found, _ = planted()
    return found, Page(found.page)


def packed_tree(page: str) -> Any:
    (packed,) = re.findall(r'id="profile">([^<]+)<', page)
    return unpacked(packed)


# The picture


@pytest.mark.parametrize("which", ["text", "planted"])
def test_the_packed_tree_is_that_of_diff_tree(which: str, text: tuple[Found, Page]) -> None:
    found = text[0] if which == "text" else planted()[0]
    tree = diff_tree(*profiles_of(found.diff))
    paths: list[Any] = []
    expected = []
    for node in tree.to_dict("records"):
        above = paths[node["parent_id"]] if node["parent_id"] >= 0 else ()
        paths.append((*above, (node["name"] or NO_SYMBOL, node["image"])))
        if node["total_a"] or node["total_b"]:
            expected.append((paths[-1], node["self_a"], node["self_b"]))
    read = packed_tree(found.page)
    sums = sides_of(read)
    wholes = [sum(side.values()) or 1 for side in sums]
    own = {
        path: tuple(side.get(path, 0) / whole for side, whole in zip(sums, wholes, strict=True))
        for path, _, _ in expected
    }
    assert own == {path: pytest.approx((a, b)) for path, a, b in expected}
    assert set().union(*sums) <= set(own)
    for side, profile in zip(sums, profiles_of(found.diff), strict=True):
        assert {path: weight / sum(side.values()) for path, weight in side.items()} == pytest.approx(
            dict(path_sums(profile)[0])
        )


@settings(deadline=None)
@given(profiles(), profiles())
def test_any_two_profiles_are_packed_whole(a: Profile, b: Profile) -> None:
    a, b = attribute(a), attribute(b)
    read = unpacked(pack_merged(merged(a, b), {}))
    for side, profile in zip(sides_of(read), (a, b), strict=True):
        expected: Counter[Any] = Counter()
        for sample in plain_samples(profile):
            if sample.path:
                expected[sample.path] += sample.weight
        assert side == expected
    assert "cell_step" not in read.columns


def test_threads_are_told_by_name_alone() -> None:
    read = packed_tree(compare(timed(), timed()).page)
    assert read.header["threads"] == ["Main Thread", "Other"]


def test_every_function_is_told_what_the_comparison_says_of_it() -> None:
    (found, page), on_stack = planted()
    read = packed_tree(page)
    rows = found.rows.set_index(["kind", "name", "image"])
    images = read.header["images"]
    told = dict.fromkeys(("self", "total"), 0)
    for frame, (symbol, image) in enumerate(zip(read.header["symbols"], read.columns["image"], strict=True)):
        for kind in told:
            code = read.columns[f"told_{kind}"][frame]
            key = (kind, symbol, images[image])
            if key not in rows.index:
                assert code == 0, key
            else:
                assert code == (2 if rows.loc[key, "is_difference"] else 1 if rows.loc[key, "is_tested"] else 0), key
            told[kind] += code == 2
            assert code != 2 or symbol in on_stack or rows.loc[key, "change"] < 0
    assert all(told.values())


# The tables


def count_by_function(profile: Profile) -> tuple[Counter[Any], Counter[Any]]:
    own: Counter[Any] = Counter()
    total: Counter[Any] = Counter()
    for sample in matched_samples(profile):
        path = sample.path
        own[path[-1]] += sample.weight
        for function in set(path):
            total[function] += sample.weight
    return own, total


@pytest.mark.parametrize("which", ["text", "planted"])
def test_symbols_count_a_sample_once(which: str, text: tuple[Found, Page]) -> None:
    found = text[0] if which == "text" else planted()[0]
    a, b = profiles_of(found.diff)
    names = ("self_a", "total_a", "self_b", "total_b")
    rows = function_shares(a, b).to_dict("records")
    shares = {(row["name"] or NO_SYMBOL, row["image"]): [row[name] for name in names] for row in rows}
    expected = {}
    sums = [(count_by_function(side), side.weight) for side in (a, b)]
    for function in shares:
        expected[function] = pytest.approx([count[function] / whole for counts, whole in sums for count in counts])
    assert shares == expected


def test_symbols_of_the_page(text: tuple[Found, Page]) -> None:
    _, page = text
    rows = {row[0]: row[1:] for row in page.rows("symbols")}
    assert rows["-[MLOld gone] CoreML"] == ["15.0 %", "0.0 %", "−15.0 points", "15.0 %", "0.0 %", "−15.0 points"]
    assert rows["BNNSNew libBNNS.dylib"] == ["0.0 %", "5.0 %", "+5.0 points", "0.0 %", "5.0 %", "+5.0 points"]
    order = [abs(values[2]) for values in page.values("symbols")]
    assert order == sorted(order, reverse=True)


def test_the_rows_are_those_of_the_comparison(shifted_page: tuple[Found, Page]) -> None:
    found, page = shifted_page
    written = {row[0]: row[1:] for row in page.rows("differs")}
    for row in records(found.diff.rows[found.diff.rows["kind"] == "engine"]):
        if not (row["a"] or row["b"]):
            continue
        a, b, change, _, interval, told = written[row_label(row)]
        assert (a, b) == (f"{row['a'] * 100:.1f} %", f"{row['b'] * 100:.1f} %")
        assert number(change) == pytest.approx(row["change"] * 100, abs=0.051)
        assert [number(each) for each in interval.split(" … ")] == pytest.approx(
            [row["low"] * 100, row["high"] * 100], abs=0.051
        )
        assert told.startswith("difference p" if row["is_difference"] else "no difference shown p")


def number(text: str) -> float:
    return float(text.replace("−", "-").removesuffix(" points"))


def test_the_planted_function_is_named_first(shifted_page: tuple[Found, Page]) -> None:
    (found, page), on_stack = shifted_page, planted()[1]
    assert page.text("//p[@class='answer']") == "≠Different"
    clauses = page.texts("//ul[@class='clauses']/li")
    _, expected = diff_answer(found.diff)
    assert clauses == expected
    assert any("rose most" in clause and any(name in clause for name in on_stack) for clause in clauses)
    risen = [row for row in page.rows("differs") if row[3].startswith("+") and row[-1].startswith("difference")]
    assert any(any(name in row[0] for name in on_stack) for row in risen)


def test_the_page_opens_with_the_sentence_of_the_terminal(shifted_page: tuple[Found, Page]) -> None:
    found, page = shifted_page
    opening = to_plain(diff_view(found.diff)).splitlines()[0]
    assert page.text("//h1") == opening
    assert page.text("//title").startswith(opening.partition(". ")[0])


def test_of_functions_that_moved_alike_one_is_named(shifted_page: tuple[Found, Page]) -> None:
    found, page = shifted_page
    groups = page.texts("//section[h2/@id='differs']//thead//th[1]")
    assert groups == ["Share of CPU time", "Functions, by themselves", "Functions, with what they call"]
    named_rows = [row for row in page.rows("differs") if row[0] not in ("driving ANE", "CPU", "no engine", "unknown")]
    assert len(named_rows) < len(found.diff.differences)


def test_a_recording_and_itself_differ_in_nothing() -> None:
    found = compare(recorded(TWICE), recorded(TWICE))
    page = Page(found.page)
    assert page.text("//p[@class='answer']") == "=No difference"
    assert "is-more" not in shown_classes(found.page)
    assert "is-less" not in shown_classes(found.page)
    assert not any(row[-1].startswith("difference") for row in page.rows("differs"))
    sums = sides_of(packed_tree(found.page))
    assert sums[0] == sums[1]


def shown_classes(page: str) -> set[str]:
    body = page[page.index("<main>") : page.index("</main>")]
    return {name for names in re.findall(r'class="([^"]*)"', body) for name in names.split()}


def test_what_is_not_tested_has_no_colour(text: tuple[Found, Page]) -> None:
    found, page = text
    assert page.text("//p[@class='answer']") == "?Not tested"
    assert {"is-more", "is-less", "is-shown"} & shown_classes(found.page) == {"is-shown"}  # that word in the legend
    assert all(row[-1] == "not tested" for row in page.rows("differs"))


def test_what_limits_the_comparison_stands_at_the_top(text: tuple[Found, Page]) -> None:
    found, page = text
    assert page.texts("//p[@class='limit']") == [" ".join(note.split()) for note in found.diff.notes]
    assert "Nothing is tested" in page.texts("//p[@class='limit']")[0]


def test_blocked_threads_of_one_side_change_no_share() -> None:
    running = recorded(TWICE)
    profile = running.focused
    blocked = (
        profile.samples["state"].cat.add_categories(["Blocked"]).where(profile.samples["time_ns"] % 2 == 0, "Blocked")
    )
    waiting = replace(running, focused=profile.with_samples(profile.samples.assign(state=blocked)))
    ran = profile.with_samples(profile.samples[profile.samples["time_ns"] % 2 == 0].reset_index(drop=True))
    with_blocked, without = (
        diff(Side.of(running), Side.of(each)).rows for each in (waiting, replace(running, focused=ran))
    )
    pd.testing.assert_frame_equal(with_blocked, without)


# Verdicts, predictions, provenance


def test_both_verdicts_stand_side_by_side(text: tuple[Found, Page]) -> None:
    found, page = text
    assert page.texts("//article//h3") == ["Partly", "Partly"]
    for side, card in zip((found.diff.a[0], found.diff.b[0]), page.texts("//article"), strict=True):
        assert side.verdict.sentence.partition(": ")[2].lower() in card.lower()
        assert f"evidence: {side.verdict.evidence}" in card


def test_how_much_of_a_has_no_width_in_b_is_said(text: tuple[Found, Page]) -> None:
    _, page = text
    assert page.text("//section[h2/@id='flame-graph']/p/strong") == "15.0 % of A is in calls that B does not have"
    assert not Page(compare_text(AFTER, AFTER).page).texts("//section[h2/@id='flame-graph']/p/strong")


def test_engines_as_bars_are_as_long_as_their_shares(text: tuple[Found, Page]) -> None:
    found, _ = text
    bars = re.findall(r'<div class="stack">(.*?)</div>', found.page)
    widths = [dict(re.findall(r'class="engine-(\w+)" style="width: ([0-9.]+)%', bar)) for bar in bars]
    rows = found.diff.rows[found.diff.rows["kind"] == "engine"].set_index("name")
    for side, bar in zip("ab", widths, strict=True):
        assert {name: float(width) for name, width in bar.items()} == pytest.approx(
            {name: 100 * share for name, share in rows[side].items() if share}, abs=1e-3
        )


def samples_with_predictions() -> tuple[Analysis, Analysis]:
    return analysis_of("all-ane.trace.zip"), analysis_of("ane-with-cpu-fallback.trace.zip")


@pytest.fixture(scope="module")
def predicted() -> tuple[Found, Page, tuple[Any, Any]]:
    analyses = samples_with_predictions()
    found = compare(*analyses)
    return found, Page(found.page), analyses


def test_the_parts_of_a_prediction_are_means_after_warm_up(predicted: tuple[Found, Page, Any]) -> None:
    found, page, analyses = predicted
    walls = []
    for analysis in analyses:
        table = analysis.measured.iterations.table
        walls.append(table.loc[~table["warmup"], "wall_ns"].mean())
    sums = [sum(column) for column in zip(*(values for values in page.values("prediction")), strict=True)]
    assert sums == pytest.approx(walls, abs=20)  # of rounding every part
    labels = page.texts("//section[@class='verdict']//div[@class='bar-label']")
    assert labels == [f"{letter} {wall / 1e6:.1f} ms" for letter, wall in zip("AB", walls, strict=True)]
    widths = [
        sum(map(float, re.findall(r"width: ([0-9.]+)%", bar)))
        for bar in re.findall(r'<div class="stack">(.*?)</div>', found.page)[:2]
    ]
    assert widths == pytest.approx([100 * wall / max(walls) for wall in walls], abs=0.01)


def test_the_latency_of_each_prediction_is_packed(predicted: tuple[Found, Page, Any]) -> None:
    found, page, analyses = predicted
    for letter, analysis in zip("AB", analyses, strict=True):
        (packed,) = re.findall(rf'id="latency-{letter}-data">([^<]+)<', found.page)
        assert unpacked(packed).columns["wall"] == analysis.measured.iterations.table["wall_ns"].tolist()
        assert page.text(f"//div[@id='latency-{letter}']/p[@class='plot-name']").startswith(f"{letter} · median ")


def test_a_saved_result_has_everything_but_the_stacks(predicted: tuple[Found, Page, Any]) -> None:
    _, _, (before, after) = predicted
    document = analysis_document(before)
    side = side_of(document)
    about = Compared.saved(document, side, command="tracekit diff a.json b", tracekit_version="0.1.0")
    other = Compared.of(after, PROVENANCE)
    found = diff(side, Side.of(after))
    page = Page(render_comparison(found, (about, other)))
    assert "The flame graph needs the recordings: A is a saved result" in page.text("//section[h2/@id='flame-graph']/p")
    assert not page.has("symbols")
    assert page.has("prediction")
    assert page.values("prediction") == predicted[1].values("prediction")
    assert page.text("//section[h2/@id='provenance']//tr[th='Device']/td[1]") == document["source"]["device"]
    both = Page(render_comparison(diff(side, side), (about, about)))
    assert "A and B are saved results" in both.text("//section[h2/@id='flame-graph']/p")


def test_where_every_sample_went(text: tuple[Found, Page]) -> None:
    assert text[1].rows("accounting") == [
        ["A rows", "6", "5", "1", "0", "0", "0"],
        ["A weight", "400 ns", "100 ns", "300 ns", "0 ns", "0 ns", "–"],
        ["B rows", "6", "5", "1", "0", "0", "0"],
        ["B weight", "207 ns", "200 ns", "7 ns", "0 ns", "0 ns", "–"],
    ]


def test_a_saved_result_knows_where_every_sample_went() -> None:
    document = analysis_document(recorded(TWICE))
    side, whole = side_of(document), Compared.of(recorded(TWICE), PROVENANCE).accounting
    assert Compared.saved(document, side, command="", tracekit_version="").accounting == whole
    document["accounting"]["no_stack"] = None
    about = Compared.saved(document, side, command="", tracekit_version="")
    assert about.accounting is None
    assert not Page(render_comparison(diff(side, side), (about, about))).has("accounting")


def test_saved_predictions_of_another_make_are_left_out() -> None:
    analysis = samples_with_predictions()[0]
    document = analysis_document(analysis)
    for row in document["iterations"]["rows"]:
        del row["ane_alone_ns"]
    about = Compared.saved(document, side_of(document), command="", tracekit_version="")
    assert about.predictions is None


def test_without_predictions_engines_are_the_bars(text: tuple[Found, Page]) -> None:
    _, page = text
    assert not page.has("prediction")
    assert page.texts("//section[@class='verdict']//div[@class='bar-label']") == ["A · CPU time", "B · CPU time"]


def test_the_command_and_both_sources_are_told(text: tuple[Found, Page]) -> None:
    _, page = text
    assert page.text("//code[@id='command']") == PROVENANCE.command
    assert page.rows("provenance")[0] == ["Source", "Harness.trace", "Harness.trace"]


@pytest.mark.parametrize(
    "a,b,expected",
    [
        (("/x/a.trace", 1), ("/y/b.trace", 1), ("a.trace", "b.trace")),
        (("/x/a.trace/", 1), ("C:\\y\\b.trace", 1), ("a.trace", "b.trace")),
        (("/x/a.trace", 1), ("/x/a.trace", 2), ("a.trace, run 1", "a.trace, run 2")),
        (("/x/a.trace", 1), ("/y/a.trace", 1), ("/x/a.trace", "/y/a.trace")),
        (("", 1), ("b", 1), ("a recording", "b")),
    ],
)
def test_the_sides_are_called_by_what_tells_them_apart(
    a: tuple[str, int], b: tuple[str, int], expected: tuple[str, str]
) -> None:
    about = [Compared(replace(PROVENANCE, source=source, run=run), "", (), "", None, None) for source, run in (a, b)]
    assert _names((about[0], about[1])) == expected


# What comes from outside


def test_names_from_a_trace_never_become_markup() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    pages = [
        compare_text(BEFORE.replace("-[MLOld gone]", name), AFTER.replace("BNNSNew", f"{name}2")).page
        for name in ("harmless", hostile, "</script><script>alert(1)</script>", "<b>b</b>", "\u202egpj")
    ]
    first, *others = map(shape_of, pages)
    assert all(shape == first for shape in others)
    assert "\u202e" not in pages[-1]


def test_without_folders_and_device_names() -> None:
    found = with_secrets()

    def searched(page: str) -> str:
        (packed,) = re.findall(r'id="profile">([^<]+)<', page)
        return page + zlib.decompress(base64.b64decode(packed)).decode("utf-8", "replace")

    assert "/Users/anna" in searched(compare(found, found).page)
    page = searched(compare(found, found, redact_paths=True).page)
    assert "anna" not in page.lower()
    assert "Secret" not in page


@pytest.mark.parametrize("which", ["pack", "pack_timeline", "pack_predictions"])
def test_packed_numbers_that_look_like_a_path_are_left_alone(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks_like_a_path = "AAAA+/Users/anna/x=="
    monkeypatch.setattr(f"tracekit.report.html.report.{which}", lambda *_: looks_like_a_path)
    assert f">{looks_like_a_path}<" in render(timed(), PROVENANCE, redact_paths=True)


def test_the_same_input_gives_the_same_bytes(text: tuple[Found, Page]) -> None:
    assert compare_text(BEFORE, AFTER).page == text[0].page


def test_without_a_sample_in_focus_there_is_nothing_to_draw() -> None:
    found = compare(analysed("main;draw 5"), analysed("main;load 5"))
    page = Page(found.page)
    assert "nothing to draw" in page.text("//section[h2/@id='flame-graph']/p")
    assert not page.has("symbols")
    assert not page.texts("//div[@class='bar-label']")
    assert not page.texts("//ul[@class='legend']")
    assert len(found.page) < 1_000_000, "Plotly's script is of no use here"
