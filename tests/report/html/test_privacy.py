"""What ``--redact-paths`` takes out: folders wherever a text of a trace or the command can hold them, and the device's
name. A folder is planted in every field, and the whole page is searched, its packed parts too.
"""

import base64
import re
import zlib
from dataclasses import replace

import pandas as pd
import pytest

from tests.report.html.pages import MILLISECOND
from tracekit.analysis.analyze import Analysis, analyze_profile
from tracekit.analysis.predictions.measure import Beside
from tracekit.model.builder import ProfileBuilder
from tracekit.model.facts import Facts, Notice
from tracekit.model.profile import Meta
from tracekit.report.html.report import render
from tracekit.report.layout import Provenance
from tracekit.report.redaction import without_owner

SHOWN = (
    *("symbol", "image", "source-file", "thread", "process", "notice", "source", "template", "target", "command"),
    "label",
)
"""Fields that a report shows. It shows no others: no path of an image, no UDID."""
NEVER_SHOWN = ("image-path", "uuid", "interval-process")


def planted(field: str) -> str:
    """A path with blanks below a home folder; only ``kept-…`` may stay."""
    return f"/Users/anna/Secret {field}/Hidden.app/kept-{field}"


def analysis() -> Analysis:
    """Predictions on the ANE and the CPU, with a path in every text."""
    builder = ProfileBuilder()
    coreml, espresso = builder.binary("CoreML", planted("image-path"), planted("uuid")), builder.binary("Espresso")
    own = builder.binary(planted("image"))
    main = builder.frame(planted("symbol"), own)
    predict = builder.frame("-[MLModel predictionFromFeatures:error:]", coreml)
    ane = builder.frame("E5RT::Ops::AneInferenceOperation::ExecuteSync()", espresso)
    unknown = builder.frame(f"Espresso::odd {planted('symbol')}", espresso, file=planted("source-file"), line=7)
    thread = builder.thread(1, planted("thread"), 7, planted("process"))
    for prediction in range(40):
        for step, leaf in enumerate((ane, unknown)):
            builder.sample(
                time_ns=(6 * prediction + step) * MILLISECOND,
                thread_id=thread,
                stack=builder.stack([leaf, predict, main]),
                weight=MILLISECOND,
            )
    facts = Facts(device="Anna's MacBook", template=planted("template"), process=planted("target"))
    meta = Meta("ns", format="bundle", source=planted("source"), facts=facts)
    intervals = pd.DataFrame(
        {
            "start": pd.Series([6 * number * MILLISECOND for number in range(40)], dtype="int64"),
            "duration": pd.Series([MILLISECOND] * 40, dtype="int64"),
            "event-label": pd.Series([planted("label")] * 40, dtype="str"),
            "process": pd.Series([planted("interval-process")] * 40, dtype="str"),
        }
    )
    profile = builder.build(meta)
    notices = (Notice("planted", f"row 7 of {planted('notice')} was skipped"),)
    profile = replace(profile, meta=replace(profile.meta, notices=notices))
    return analyze_profile(profile, beside=Beside({"ane-hw-intervals": intervals}))


def searched(page: str) -> str:
    """A page with its packed parts unpacked."""
    texts = [page]
    for part in re.findall(r">\s*([A-Za-z0-9+/]{64,}={0,2})\s*<", page):
        texts.append(zlib.decompress(base64.b64decode(part)).decode("utf-8", "replace"))
    assert len(texts) > 2
    return "\n".join(texts)


@pytest.fixture(scope="module")
def pages() -> tuple[str, str]:
    """The report as it is, and with ``--redact-paths``."""
    found = analysis()
    command = f"tracekit report '{planted('command')}' --rules=../anna/rules.toml -o anna/out.html"
    provenance = Provenance.of(found.profile.meta, command=command, tracekit_version="1")
    whole, redacted = (searched(render(found, provenance, plotlyjs="cdn", redact_paths=each)) for each in (False, True))
    return whole, redacted


@pytest.mark.parametrize("field", SHOWN)
def test_a_folder_in_a_field_is_shown_and_redacted(pages: tuple[str, str], field: str) -> None:
    whole, redacted = pages
    assert f"Secret {field}" in whole
    assert f"Secret {field}" not in redacted
    assert f"…/kept-{field}" in redacted


@pytest.mark.parametrize("field", NEVER_SHOWN)
def test_what_no_report_shows(pages: tuple[str, str], field: str) -> None:
    assert f"Secret {field}" not in pages[0]


def test_nothing_of_the_owner_stays(pages: tuple[str, str]) -> None:
    whole, redacted = pages
    assert "anna" in whole.lower()
    assert "anna" not in redacted.lower()
    assert "Secret" not in redacted
    assert "Hidden.app" not in redacted


PROVENANCE = Provenance.of(Meta("ns", source="traces/anna/a.xml"), command="", tracekit_version="1")


@pytest.mark.parametrize(
    "command, redacted",
    [
        ("tracekit report a.xml -o report.html", "tracekit report a.xml -o report.html"),
        ("tracekit report anna/a.xml -o ../anna/report.html", "tracekit report '…/a.xml' -o '…/report.html'"),
        ("tracekit report '/Users/anna/my a.xml'", "tracekit report '…/my a.xml'"),
        ("tracekit report /Users/anna", "tracekit report '~'"),
        ("tracekit report C:\\\\anna\\\\a.xml", "tracekit report '…/a.xml'"),
        ("tracekit report a.xml --rules=anna/r.toml", "tracekit report a.xml '--rules=…/r.toml'"),
        ("tracekit report a.xml --focus 're:net (a|b)'", "tracekit report a.xml --focus 're:net (a|b)'"),
        ("tracekit report anna/", "tracekit report anna/"),
    ],
)
def test_the_command_names_files_without_their_folders(command: str, redacted: str) -> None:
    assert without_owner(replace(PROVENANCE, command=command), None).command == redacted


def test_of_a_device_its_model_stays() -> None:
    provenance = replace(PROVENANCE, device="Anna's iPhone")
    assert without_owner(provenance, "iPhone 15 Pro").device == "iPhone 15 Pro"
    assert without_owner(provenance, None).device == ""
    assert without_owner(provenance, None).source == "…/a.xml"
