"""Reports of small profiles, and what stands in them."""

from collections import Counter
from functools import cache
from html.parser import HTMLParser
from textwrap import dedent

import pandas as pd
from lxml import html as lxml_html

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.profile import Meta, Profile
from tracekit.model.schema import NONE
from tracekit.report.html.report import render
from tracekit.report.layout import Provenance

PREDICT = "start;main;CoreML`-[MLModel predictionFromFeatures:error:]"
ANE = f"{PREDICT};Espresso`E5RT::Ops::AneInferenceOperation::ExecuteSync()"
CPU = f"{PREDICT};Espresso`E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()"
ODD = f"{PREDICT};Espresso`Espresso::something_new(int)"
LOAD = "start;main;CoreML`+[MLModel modelWithContentsOfURL:configuration:error:]"

MIXED = f"""
    {ANE};AppleNeuralEngine`-[_ANEClient evaluateWithModel:options:request:qos:error:]   40000000
    {ANE}                                          7000000
    {CPU};libBNNS.dylib`BNNSGraphContextExecute_v2  9000000
    {CPU};libBNNS.dylib`0x3000;libBNNS.dylib`0x3000 2000000
    {ODD}                                           500000
    {PREDICT}                                       123456
    {LOAD};parse                                   30000000
    start;main;draw                                11000000
"""
NO_PREDICTION = """
    start;main;runInference;matmul                 5000000
    start;main;Espresso`Espresso::something::odd   2000000
    start;main;draw                                9000000
"""

PREDICTIONS = Scope()

PROVENANCE = Provenance(
    source="Harness.trace",
    format="bundle",
    run=1,
    table="time-profile",
    xcode="16.4 (16F6)",
    template="Core ML",
    device="Mac Studio",
    os="macOS 15.6 (24G84)",
    process="Harness",
    command="tracekit report Harness.trace -o report.html",
    tracekit_version="0.1.0",
    unit="ns",
)


def analysed(source: str | Profile, scope: Scope = PREDICTIONS) -> Analysis:
    """The analysis of folded text in nanoseconds, made once and changed by nobody; or of a profile, made anew."""
    return _of_text(source, scope) if isinstance(source, str) else analyze_profile(source, scope)


@cache
def _of_text(text: str, scope: Scope) -> Analysis:
    return analyze_profile(profile_from_text(dedent(text)), scope)


def report_of(profile: Profile, scope: Scope = PREDICTIONS) -> str:
    """The report of any profile, with its own provenance."""
    return render(
        analyze_profile(profile, scope),
        Provenance.of(profile.meta, command="tracekit report", tracekit_version="0.1.0"),
    )


MILLISECOND = 1_000_000


def timed_profile() -> Profile:
    """Six predictions of 4 ms, 6 ms apart, sampled every millisecond: ANE, ANE, copy, CPU; and a thread beside it."""
    builder = ProfileBuilder()
    coreml, espresso, system = (builder.binary(name) for name in ("CoreML", "Espresso", "libsystem_kernel.dylib"))
    main, predict = builder.frame("main", NONE), builder.frame("-[MLModel predictionFromFeatures:error:]", coreml)
    ane = builder.frame("E5RT::Ops::AneInferenceOperation::ExecuteSync()", espresso)
    cpu = builder.frame("E5RT::Ops::BnnsCpuInferenceOperation::ExecuteSync()", espresso)
    trap = builder.frame("mach_msg2_trap", system)
    draw, task = builder.frame("draw", NONE), builder.frame("E5RT::AsyncTask::SafeExecuteTask()", espresso)
    threads = [builder.thread(1, "Main Thread", 7, "App"), builder.thread(2, "Other", 7, "App")]
    stacks = [[trap, ane, predict, main], [ane, predict, main], [trap, predict, main], [cpu, predict, main]]
    for prediction in range(6):
        start = (10 + 6 * prediction) * MILLISECOND
        for step, stack in enumerate([*stacks, [draw, main]]):
            time = start + step * MILLISECOND
            builder.sample(time_ns=time, thread_id=threads[0], stack=builder.stack(stack), weight=MILLISECOND)
        beside = builder.stack([cpu, task])
        builder.sample(time_ns=start + 3 * MILLISECOND, thread_id=threads[1], stack=beside, weight=MILLISECOND)
    return builder.build(Meta("ns", format="export", source="App.xml"))


def ane_intervals(count: int = 6) -> pd.DataFrame:
    """The ANE at work for the first 2.5 ms of each prediction of ``timed_profile``."""
    starts = [(10 + 6 * prediction) * MILLISECOND for prediction in range(count)]
    return pd.DataFrame(
        {
            "start": pd.Series(starts, dtype="int64"),
            "duration": pd.Series([5 * MILLISECOND // 2] * count, dtype="int64"),
            "event-label": pd.Series(["Model Prediction"] * count, dtype="str"),
        }
    )


def timed(*, hardware: bool = True) -> Analysis:
    """The analysis of ``timed_profile``, whose app marked its predictions."""
    tables = {"os-signpost-interval": signposts()}
    if hardware:
        tables["ane-hw-intervals"] = ane_intervals()
    return analyze_profile(timed_profile(), beside=Beside(tables))


def signposts(count: int = 6) -> pd.DataFrame:
    """The predictions of ``timed_profile``, as its app's signposts say them."""
    starts = [(10 + 6 * prediction) * MILLISECOND for prediction in range(count)]
    return pd.DataFrame(
        {
            "start": pd.Series(starts, dtype="int64"),
            "duration": pd.Series([4 * MILLISECOND] * count, dtype="int64"),
            "name": pd.Series(["prediction"] * count, dtype="str"),
            "process.pid": pd.Series([7] * count, dtype="int64"),
            "start-thread.tid": pd.Series([1] * count, dtype="int64"),
        }
    )


class Page:
    """The parts of a report, as a reader finds them."""

    def __init__(self, text: str) -> None:
        self._tree = lxml_html.document_fromstring(text.encode())

    def text(self, path: str) -> str:
        """The text of the one element an XPath finds, blanks collapsed."""
        (element,) = self._tree.xpath(path)
        return " ".join(element.text_content().split())

    def texts(self, path: str) -> list[str]:
        """The texts of all elements an XPath finds."""
        return [" ".join(element.text_content().split()) for element in self._tree.xpath(path)]

    def has(self, section: str) -> bool:
        """Whether a section of that id is there."""
        return bool(self._tree.xpath(f"//h2[@id='{section}']"))

    def rows(self, section: str) -> list[list[str]]:
        """The body of a section's table, a list of texts a row."""
        rows = self._tree.xpath(f"//section[h2/@id='{section}']//tbody/tr")
        return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]

    def values(self, section: str) -> list[list[float]]:
        """The numbers behind a section's table, a list a row."""
        rows = self._tree.xpath(f"//section[h2/@id='{section}']//tbody/tr")
        return [[float(cell.get("data-value")) for cell in row if cell.get("data-value") is not None] for row in rows]


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.shape: Counter[tuple[str, tuple[str, ...]]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape[tag, tuple(sorted(name for name, _ in attrs))] += 1


def shape_of(text: str) -> Counter[tuple[str, tuple[str, ...]]]:
    """How often every element occurs, with the names of its attributes."""
    parser = _Shape()
    parser.feed(text)
    parser.close()
    return parser.shape
