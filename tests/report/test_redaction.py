import pytest

from tracekit.report.redaction import without_folders


@pytest.mark.parametrize(
    "text,expected",
    [
        ("/Users/jo/Secret/Run.trace", "…/Run.trace"),
        ("tracekit report /Users/jo/a.xml -o /tmp/x/report.html", "tracekit report …/a.xml -o …/report.html"),
        ("tracekit report '/Users/jo the great/My Run.trace'", "tracekit report '…/My Run.trace'"),
        ("~/traces/a.xml", "…/a.xml"),
        ("file:///Users/jo/a.xml", "…/a.xml"),
        ("C:\\Users\\jo\\a.xml", "…\\a.xml".replace("\\", "/")),
        ("/Users/jo/a.xml: row 7 was skipped", "…/a.xml: row 7 was skipped"),
        ("the table (/Users/jo/a.xml)", "the table (…/a.xml)"),
    ],
)
def test_of_a_path_its_last_part_stays(text: str, expected: str) -> None:
    assert without_folders(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("Run.trace", "traces/Run.trace", "-[MLModel predictionFromFeatures:error:]", "operator/(int)", "16.4 / 26.5"),
        *("std::chrono::operator/<long>", "yes/no", "a; /", "+[A b]/c"),
    ],
)
def test_what_is_no_absolute_path_stays(text: str) -> None:
    assert without_folders(text) == text
