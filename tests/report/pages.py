"""Reports of small profiles, and what stands in them."""

from collections import Counter
from html.parser import HTMLParser
from textwrap import dedent

from lxml import html as lxml_html

from tests.support.profiles import profile_from_text
from tracekit.analysis.analyze import Analysis, Scope, analyze_profile
from tracekit.model.profile import Profile
from tracekit.report.html import render
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
    """The analysis of folded text in nanoseconds, or of a profile."""
    return analyze_profile(profile_from_text(dedent(source)) if isinstance(source, str) else source, scope)


def report_of(profile: Profile, scope: Scope = PREDICTIONS) -> str:
    """The report of any profile, with its own provenance."""
    return render(
        analyze_profile(profile, scope),
        Provenance.of(profile.meta, command="tracekit report", tracekit_version="0.1.0"),
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
