"""Every percentage of a sample's terminal and page is what it says it is of: CPU time alone, or a prediction's time.

Each is computed here anew, from the samples' own columns. A percentage that this file does not know fails.
"""

import re
from collections.abc import Iterable, Mapping

import pandas as pd
import pytest
from lxml import html

from tests.report.html.pages import PROVENANCE
from tests.support.samples import SAMPLES, analysis_of
from tracekit.analysis.analyze import Analysis
from tracekit.model.schema import ENGINES
from tracekit.report.html.report import render
from tracekit.report.numbers import DRIVING
from tracekit.report.terminal.analysis_text import analysis_view
from tracekit.report.terminal.drawing import to_plain

RECORDINGS = sorted(path.name for pattern in ("*.trace.zip", "*.xml.gz") for path in SAMPLES.glob(pattern))
PERCENT = re.compile(r"(?P<under>under |<)?(?P<number>\d+(?:\.\d+)?) %")
AT_WORK = ("dispatch", "wait", "completion", "execute")
ONCE = ("compile", "load", "prepare")
WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "handed work to the ANE": (("ANE",), AT_WORK),
    "handed work to the GPU": (("GPU",), AT_WORK),
    "computed on the CPU": (("CPU",), ("execute", "dispatch")),
    "copied or converted data": (("CPU",), ("copy", "convert")),
    "loaded, compiled or prepared": (ENGINES, ONCE),
    "for the ANE": (("ANE",), ONCE),
    "for the GPU": (("GPU",), ONCE),
    "of the predictions' CPU time) computes on the CPU": (("CPU",), ("execute",)),
    "of the predictions' CPU time) goes into converting data": (("CPU",), ("convert",)),
    "of the predictions' CPU time) goes into copying data": (("CPU",), ("copy",)),
}
"""What sentences say of a percentage, and the engines and phases that it counts."""
REST = ("is in code that names no engine", "is in functions no rule knows", "waited for what no stack names")
PARTS = {
    "CPU": ["on_cpu_ns"],
    "ANE busy, CPU not": ["ane_alone_ns"],
    "GPU busy, neither": ["gpu_alone_ns"],
    "blocked, none busy": ["waiting_ns"],
    "unaccounted": ["unaccounted_ns"],
    "wall": ["wall_ns"],
}


class Sums:
    """CPU time of a recording's focus, by brute force."""

    def __init__(self, analysis: Analysis) -> None:
        samples = analysis.profile.samples[analysis.in_focus]
        self.ran = samples[samples["state"].isna() | (samples["state"] == "Running")]
        self.whole = int(self.ran["weight"].sum())
        table = analysis.measured.iterations.table
        self.steady = table[~table["warmup"].to_numpy(bool)] if len(table) else table

    def of(self, engines: Iterable[str], phases: Iterable[str] | None = None) -> float:
        chosen = self.ran["engine"].isin([*engines])
        if phases is not None:
            chosen &= self.ran["phase"].isin([*phases])
        return int(self.ran.loc[chosen, "weight"].sum()) / (self.whole or 1)

    def part(self, columns: list[str]) -> float:
        return float(self.steady[columns].sum().sum() / self.steady["wall_ns"].sum())

    def rest(self) -> float:
        """What no sentence names by engine: all of it together."""
        named = {(engine, phase) for engines, phases in WORDS.values() for engine in engines for phase in phases}
        pairs = zip(self.ran["engine"].astype(str), self.ran["phase"].astype(str), strict=True)
        return int(self.ran["weight"][[pair not in named for pair in pairs]].sum()) / (self.whole or 1)


def agrees(shown: str, expected: float) -> bool:
    """Whether a number is the expected one, as far as it is written."""
    found = PERCENT.search(shown)
    assert found is not None
    if found["under"]:
        return 0 < expected * 100 < float(found["number"])
    digits = len(found["number"].partition(".")[2])
    return abs(float(found["number"]) - expected * 100) <= 0.5 * 10**-digits + 1e-9


def check_sentence(text: str, sums: Sums) -> None:
    """Every percentage of a sentence is that of what stands behind it."""
    found = [*PERCENT.finditer(text)]
    for at, following in zip(found, [*found[1:], None], strict=False):
        said = text[at.end() : following.start() if following else None].strip(" ,.")
        known = next((pair for words, pair in WORDS.items() if said.startswith(words)), None)
        if known is not None:
            assert agrees(at[0], sums.of(*known)), text
        elif said.startswith(REST):
            assert float(at["number"]) <= sums.rest() * 100 + 1, text
        elif not text.startswith("What names no engine"):
            assert "of the plan's cost" in text, f"of what is {at[0]} in: {text}"


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_percentage_of_the_terminal_is_of_what_it_says(name: str) -> None:
    analysis = analysis_of(name)
    sums, title, engine = Sums(analysis), "", ""
    names = {DRIVING[each]: each for each in ENGINES}
    for line in to_plain(analysis_view(analysis), 10_000).splitlines():
        row = re.match(r"(?P<label> *\S.*?)  +(?P<share>[<\d.]+ %)", line)
        if line.startswith(("CPU time", "one prediction", "one after warm-up", "heaviest functions")):
            title = line.split("  ")[0]
        if "%" not in line:
            continue
        if row and title.startswith("CPU time") and not line.startswith(" " * 4):
            label = row["label"]
            engine = engine if label.startswith("  ") else names[label]
            phases = [label.strip()] if label.startswith("  ") else None
            assert agrees(row["share"], sums.of([engine], phases)), line
        elif row and title.startswith("one"):
            assert agrees(row["share"], sums.part(PARTS[row["label"]])), line
        elif title.startswith("heaviest functions") and re.match(r" *[<\d.]+ %  ", line):
            assert analysis.roots.empty
        elif not line.startswith(("measured:", "cost", "  cost")):
            check_sentence(line, sums)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_percentage_of_the_page_is_of_what_it_says(name: str) -> None:
    analysis = analysis_of(name)
    sums = Sums(analysis)
    page = html.fromstring(render(analysis, PROVENANCE, plotlyjs="cdn"))
    for row in page.xpath("//table[contains(@class,'engines')]/tbody/tr[@class='engine']"):
        (label,) = row.xpath("./th/span/text()")
        engine = next(each for each in ENGINES if DRIVING[each] == label)
        assert agrees(row.xpath("./td")[1].text, sums.of([engine]))
    parts = [float(cells[1].replace("<", "").removesuffix(" %")) for cells in _tables(page, "parts")]
    assert not parts or sum(parts) == pytest.approx(100, abs=0.06 * len(parts))  # of the prediction's own time
    for sentence in page.xpath("//p[@class='sentence'] | //ul[@class='behind']/li | //ul[@class='findings']/li"):
        check_sentence("".join(sentence.xpath("text()")), sums)
    for heading, column in (("threads", "thread_id"), ("rules", "rule")):
        shares = [float(cells[-3].removesuffix(" %")) for cells in _rows_of(page, heading)]
        known = sums.ran[column].notna() if column == "rule" else pd.Series(True, sums.ran.index)
        of_all = int(sums.ran.loc[known, "weight"].sum()) / (sums.whole or 1) * 100
        if analysis.roots.empty:
            continue
        assert sum(shares) == pytest.approx(of_all, abs=0.06 * (len(shares) + 1))
    for cells in _rows_of(page, "symbols"):
        assert float(cells[2].replace("<", "").removesuffix(" %")) <= 100


@pytest.mark.parametrize("name", RECORDINGS)
def test_terminal_and_page_say_the_same_of_an_engine(name: str) -> None:
    """Once a gate, a table and a page told three numbers of a recording of blocked threads."""
    analysis = analysis_of(name)
    text = to_plain(analysis_view(analysis), 10_000)
    page = html.fromstring(render(analysis, PROVENANCE, plotlyjs="cdn"))
    shown = {cells[0]: cells[2] for cells in _tables(page, "engines") if cells[0] in DRIVING.values()}
    for engine, share in shown.items():
        assert re.search(rf"^{engine} +{re.escape(share)} ", text, re.M)


def _tables(page: html.HtmlElement, name: str) -> list[list[str]]:
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("./*")]
        for row in page.xpath(f"//table[contains(@class,'{name}')]/tbody/tr")
    ]


def _rows_of(page: html.HtmlElement, heading: str) -> list[list[str]]:
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("./*")]
        for row in page.xpath(f"//section[@aria-labelledby='{heading}']//tbody/tr")
    ]
