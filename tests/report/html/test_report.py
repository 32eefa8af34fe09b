import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.report.html.pages import MIXED, NO_PREDICTION, PREDICT, PROVENANCE, Page, analysed, report_of, shape_of
from tests.report.plain import Sample, plain_samples, unpacked
from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.attribution.engines import attribute
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts, Notice
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import PHASES
from tracekit.readers import open_trace
from tracekit.report.html.report import EVIDENCE, SYMBOLS_SHOWN, render
from tracekit.report.html.report import PHASES as PHASE_MEANINGS
from tracekit.report.numbers import DRIVING

SAMPLES = Path(__file__).parents[3] / "sample_traces"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<b>bold</b>",
    "\u202egpj.exe",
    "a\x1b[31mb",
]


@pytest.fixture(scope="module")
def mixed() -> tuple[Analysis, Page]:
    analysis = analysed(MIXED)
    return analysis, Page(render(analysis, PROVENANCE))


def milliseconds(weight: float) -> str:
    """As the page writes weights between a millisecond and a second."""
    return f"{weight / 1e6:.1f} ms"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


# What the page says, recomputed from the samples


def in_focus(analysis: Analysis) -> list[Sample]:
    """The samples with a prediction on their stack, cut at it."""
    chosen = []
    for sample in plain_samples(analysis.profile):
        names = [name for name, _ in sample.path]
        at = next((i for i, name in enumerate(names) if name.startswith("-[MLModel prediction")), None)
        if at is not None:
            chosen.append(sample._replace(path=sample.path[at:]))
    return chosen


def test_the_answer_comes_first(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    word, _, said = analysis.verdict.sentence.partition(": ")
    assert page.text("//main/section[1]//h1") == word == "Partly"
    shown = [page.text("//p[@class='sentence']"), *page.texts("//ul[@class='behind']/li")]
    assert len(shown) > 1
    assert " ".join(shown).lower() == said.lower()
    assert page.text("//p[@class='evidence']") == f"evidence: stacks {EVIDENCE['stacks']}"


def test_engines_and_phases_add_up_from_the_samples(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    samples = in_focus(analysis)
    whole = sum(sample.weight for sample in samples)
    expected: dict[str, tuple[float, int, int]] = {}
    for label, chosen in grouped(samples, lambda s: DRIVING[s.engine]).items():  # type: ignore[index]
        expected[label] = amounts(chosen, whole)
    phases = {
        f"{engine}/{phase}": amounts(chosen, whole)
        for (engine, phase), chosen in grouped(samples, lambda s: (DRIVING[s.engine], s.phase)).items()  # type: ignore[index]
    }
    engine = ""
    found: dict[str, list[float]] = {}
    for (name, *_), values in zip(page.rows("engines"), page.values("engines"), strict=True):
        is_engine = name in DRIVING.values()
        engine = name if is_engine else engine
        found[name if is_engine else f"{engine}/{name.split()[0]}"] = values
    assert found == {key: pytest.approx(value, abs=1e-6) for key, value in (expected | phases).items()}
    ane = next(row for row in page.rows("engines") if row[0] == "driving ANE")
    assert ane[2:] == [percent(47e6 / whole), "47.0 ms", "2"]


def test_bars_are_as_long_as_their_share(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    widths = [float(text) for text in re.findall(r'style="width: ([0-9.]+)%"', render(analysis, PROVENANCE))]
    engines = len(analysis.engines)
    assert sum(widths[:engines]) == pytest.approx(100, abs=0.001)
    shares = [values[0] for values in page.values("engines")]
    assert widths[engines:] == pytest.approx([100 * share for share in shares], abs=0.001)


def test_symbols_count_a_sample_once(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    samples = in_focus(analysis)
    whole = sum(sample.weight for sample in samples)
    own: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        own[sample.path[-1]] += sample.weight
        for function in set(sample.path):
            total[function] += sample.weight
    expected = {
        f"{name} {image}".strip(): [
            own[name, image],
            own[name, image] / whole,
            total[name, image],
            total[name, image] / whole,
        ]
        for name, image in total
    }
    found = {row[0]: values for row, values in zip(page.rows("symbols"), page.values("symbols"), strict=True)}
    assert found == {name: pytest.approx(values) for name, values in expected.items()}
    selfs = [values[0] for values in page.values("symbols")]
    assert selfs == sorted(selfs, reverse=True)


def test_the_tree_in_the_page_is_the_focus(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    expected: Counter[tuple[object, str]] = Counter()
    for sample in in_focus(analysis):
        expected[sample.path, sample.engine] += sample.weight
    read = unpacked(page.text("//script[@id='profile']"))
    assert {key: weight for key, (weight, _) in read.sums("path", "engine").items()} == dict(expected)
    assert read.header["unit"] == "ns"


def test_threads_roots_and_accounting(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    everything = plain_samples(analysis.profile)
    focus, whole = in_focus(analysis), sum(sample.weight for sample in everything)
    weight = sum(sample.weight for sample in focus)
    assert page.values("threads") == [[1.0, weight, len(focus)]]
    assert page.values("roots") == [[weight, len(focus)]]
    assert page.rows("roots")[0][0] == "-[MLModel predictionFromFeatures:error:]"
    assert page.values("accounting") == [
        [len(everything), len(focus), len(everything) - len(focus), 0, 0, 0],
        [whole, weight, whole - weight, 0, 0],
    ]
    assert page.rows("accounting")[1][1:] == [milliseconds(whole), milliseconds(weight), "41.0 ms", "0 ns", "0 ns", "–"]
    assert page.texts("//dl[@class='figures']//dd")[:2] == [milliseconds(weight), str(len(focus))]


@pytest.mark.parametrize("section", ["rules", "outside"])
def test_rules_and_what_they_matched(mixed: tuple[Analysis, Page], section: str) -> None:
    analysis, page = mixed
    everything = plain_samples(analysis.profile)
    inside = [s for s in everything if any(name.startswith("-[MLModel prediction") for name, _ in s.path)]
    chosen = inside if section == "rules" else [s for s in everything if s not in inside]
    whole = sum(sample.weight for sample in chosen)
    expected = {}
    for (rule, engine, phase), samples in grouped(chosen, lambda s: (s.rule, s.engine, s.phase)).items():
        if rule is not None:
            heaviest = max(samples, key=lambda s: s.weight).path[-1][0]
            told = amounts(samples, whole)  # outside, blocked threads are listed, too: no share
            expected[f"{rule} {heaviest}", f"{DRIVING[engine]} {phase}"] = told if section == "rules" else told[1:]
    rows, values = page.rows(section), page.values(section)
    found = {(row[0], row[1]): value for row, value in zip(rows, values, strict=True)}
    assert found == {key: pytest.approx(value, abs=1e-6) for key, value in expected.items()}
    assert expected


def test_symbols_no_rule_knows_are_listed(mixed: tuple[Analysis, Page]) -> None:
    analysis, page = mixed
    unknown = [sample for sample in in_focus(analysis) if sample.engine == "unknown"]
    assert page.rows("unmatched") == [["Espresso::something_new(int) Espresso", "500.0 µs", "1"]]
    assert page.values("unmatched") == [[sum(sample.weight for sample in unknown), len(unknown)]]


def test_provenance_and_warnings_are_told() -> None:
    profile = profile_from_text(MIXED)
    notices = (
        Notice("malformed-row", "row 7 has no weight and was skipped", 1234),
        Notice("cut", "the file is cut off"),
    )
    page = Page(render(analysed(replace(profile, meta=replace(profile.meta, notices=notices))), PROVENANCE))
    assert page.texts("//dl[@class='provenance']/dd") == [
        *("Harness.trace", "bundle", "1", "time-profile", "16.4 (16F6)", "Core ML", "Harness", "Mac Studio"),
        *("macOS 15.6 (24G84)", "ns", "tracekit report Harness.trace -o report.html Copy", "0.1.0"),
    ]
    assert page.texts("//ul[@class='warnings']/li") == [
        "row 7 has no weight and was skipped 1,234 times malformed-row",
        "the file is cut off cut",
    ]


def test_what_is_not_known_is_said() -> None:
    page = Page(render(analysed(MIXED), replace(PROVENANCE, device="")))
    assert page.texts("//dl[@class='provenance']/dd")[7] == "not known"
    assert "Device" not in page.texts("//dl[@class='figures']//dt")


def test_without_warnings_there_is_no_section_for_them(mixed: tuple[Analysis, Page]) -> None:
    assert not mixed[1].has("warnings")


@pytest.mark.parametrize(
    "file", sorted(path.name for path in SAMPLES.glob("*.xml*") if not path.name.endswith(".toc.xml"))
)
def test_the_tree_of_a_sample_weighs_what_the_engines_do(file: str) -> None:
    profile = open_trace(SAMPLES / file).profile()
    page = Page(report_of(profile))
    cells: Counter[str] = Counter()
    for cell in unpacked(page.text("//script[@id='profile']")).cells():
        cells[DRIVING[cell.engine]] += cell.weight  # type: ignore[index]
    if page.has("engines"):
        engines = {
            row[0]: values[1]
            for row, values in zip(page.rows("engines"), page.values("engines"), strict=True)
            if row[0] in DRIVING.values()
        }
        assert cells == engines
    else:
        stacked = attribute(profile).samples.query("stack_id >= 0")
        assert sum(cells.values()) == stacked["weight"].sum()


def test_many_symbols_are_listed_by_self_and_by_total() -> None:
    lines = "\n".join(f"{PREDICT};outer{n};inner{n} {n}" for n in range(1, 61))
    page = Page(render(analysed(lines), PROVENANCE))
    names = {row[0] for row in page.rows("symbols")}
    by_self = {f"inner{n}" for n in range(60, 60 - SYMBOLS_SHOWN, -1)}
    assert by_self <= names
    assert "-[MLModel predictionFromFeatures:error:] CoreML" in names
    assert {"outer60", "outer55"} <= names
    left_out = 121 - len(names)
    assert f"; {left_out} more are not." in page.text("//section[h2/@id='symbols']/p")


# Where there is no prediction, or nothing at all


def test_without_a_prediction_the_whole_profile_is_shown_and_called_so() -> None:
    page = Page(render(analysed(NO_PREDICTION), PROVENANCE))
    assert page.text("//h1") == "Unknown"
    assert page.text("//h2[@id='flame-graph']") == "Flame graph of the whole profile"
    assert "No sample fell inside a prediction" in page.text("//section[h2/@id='flame-graph']/p")
    assert page.rows("candidates") == [
        ["Espresso::something::odd", "2.0 ms", "1"],
        ["runInference", "5.0 ms", "1"],
    ]
    cells = list(unpacked(page.text("//script[@id='profile']")).cells())
    assert sum(cell.weight for cell in cells) == 16_000_000
    assert not page.has("engines")
    assert page.text("//section[h2/@id='roots']/p") == "No function that begins a prediction is in the trace."


def test_a_whole_analysis_is_called_so() -> None:
    page = Page(render(analysed(MIXED, Scope(whole=True)), PROVENANCE))
    assert page.text("//h2[@id='flame-graph']") == "Flame graph of the whole profile"
    assert "not only predictions" in page.text("//section[h2/@id='flame-graph']/p")


def test_a_focus_of_ones_own_is_a_focus() -> None:
    page = Page(render(analysed(NO_PREDICTION, Scope(focus=("runInference",))), PROVENANCE))
    assert page.text("//h2[@id='flame-graph']") == "Flame graph of the focus"


@pytest.mark.parametrize("with_sample", [False, True])
def test_without_a_stack_there_is_nothing_to_draw(with_sample: bool) -> None:
    builder = ProfileBuilder()
    if with_sample:
        builder.sample(time_ns=0, thread_id=builder.thread(1), weight=5)
    text = report_of(builder.build(Meta("ns")))
    page = Page(text)
    assert "nothing to draw" in page.text("//section[h2/@id='flame-graph']/p")
    assert len(text) < 1_000_000, "Plotly's script is of no use here"


@pytest.mark.parametrize(
    "unit,expected", [("cycles", "58.6 M cycles"), ("events", "58.6 M events"), ("samples", "58,623,456 samples")]
)
def test_weights_are_written_in_their_unit(unit: str, expected: str) -> None:
    profile = profile_from_text(MIXED)
    profile = replace(profile, meta=replace(profile.meta, unit=unit))  # type: ignore[arg-type]
    page = Page(report_of(profile))
    assert page.texts("//dl[@class='figures']//dd")[0] == expected
    heads = page.texts("//section[h2/@id='engines']//thead/tr/th")
    assert ("Samples" in heads) == (unit != "samples")


def test_every_phase_and_every_evidence_has_words() -> None:
    assert set(PHASE_MEANINGS) == set(PHASES)
    assert set(EVIDENCE) == set(EvidenceClass.__args__)  # type: ignore[attr-defined]


# What must not get in, and what must not get out


def hostile_profile(names: list[str]) -> Profile:
    """A profile in which everything a trace can name is called so."""
    builder = ProfileBuilder()
    root = builder.frame("-[MLModel predictionFromFeatures:error:]", builder.binary("CoreML"))
    for number, name in enumerate(names):
        odd = builder.frame(name, builder.binary("Espresso", path=name))
        other = builder.frame(f"{name}{number}", builder.binary(name))
        thread = builder.thread(number, name, pid=number, process=name)
        builder.sample(time_ns=0, thread_id=thread, stack=builder.stack([other, odd, root]), weight=1000 + number)
        builder.sample(time_ns=0, thread_id=thread, stack=builder.stack([other]), weight=1)
    facts = Facts(device=names[0], os=names[1], xcode=names[2], template=names[0], process=names[1])
    notices = tuple(Notice(name, name, 2) for name in names)
    return builder.build(Meta("ns", source=names[0], format=names[1], table=names[2], facts=facts, notices=notices))


def test_hostile_names_change_nothing_of_the_page_but_its_text() -> None:
    hostile = report_of(hostile_profile(HOSTILE))
    harmless = report_of(hostile_profile([f"name{n}" for n in range(len(HOSTILE))]))
    assert shape_of(hostile) == shape_of(harmless)
    page = Page(hostile)
    shown = page.text("//body")
    for name in ("<img src=x onerror=alert(1)>", "<b>bold</b>", "\\u{202e}gpj.exe", "a\\u{1b}[31mb"):
        assert name in shown
    assert "\u202e" not in hostile
    assert "\x1b" not in hostile


def test_the_policy_allows_these_scripts_and_no_request(mixed: tuple[Analysis, Page]) -> None:
    text = render(analysed(MIXED), PROVENANCE)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    directives = dict(part.strip().split(" ", 1) for part in policy.replace("&#39;", "'").split(";"))
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts}
    assert set(directives.pop("script-src").split()) == hashes
    assert len(hashes) == 2
    assert directives == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "\r" not in text


def test_the_same_analysis_gives_the_same_bytes() -> None:
    first, second = (render(analysed(profile_from_text(dedent(MIXED))), PROVENANCE) for _ in range(2))
    assert first == second


def grouped(samples: list[Sample], key: Callable[[Sample], Any]) -> dict[Any, list[Sample]]:
    groups: defaultdict[Any, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[key(sample)].append(sample)
    return groups


def amounts(samples: list[Sample], whole: int) -> tuple[float, int, int]:
    """Share, weight and count."""
    weight = sum(sample.weight for sample in samples)
    return weight / whole, weight, len(samples)


def test_samples_alone_give_no_part_and_no_length_of_a_prediction() -> None:
    analysis = analyze_profile(open_trace(SAMPLES / "mlprogram-split.xcode26.5.xml").profile())
    page = Page(render(analysis, PROVENANCE))
    assert not page.has("prediction")
    (line,) = page.texts("//section[h2/@id='predictions']/p")
    assert line.startswith(f"At least {analysis.measured.iterations.at_least:,} predictions: nothing tells them apart")
    assert not {"Median (p50)", "p95", "p99"} & set(page.texts("//dt"))
    assert not page.texts("//h3[@id='latency']")
