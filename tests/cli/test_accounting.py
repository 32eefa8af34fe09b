"""``rows = attributed + outside_focus + no_stack + filtered + skipped``, whatever is selected, and in weight too."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.cli.inputs import first_rows
from tracekit.cli.app import app

ROWS = 120
KINDS = ("attributed", "outside_focus", "no_stack", "filtered")
PROCESSES = ["7310", "0x1c8e", "CaptionBench", "nobody"]
PATTERNS = [
    "-[MLModel predictionFromFeatures:error:]",
    "-[MLModel*",
    "re:E5RT::",
    "re:.",
    "re:^$",
    "main",
    "nothing of the kind",
    "*",
    "objc_msgSend",
]
TIMES = ["", "0", "500ms", "0.53s", "538537979ns", "560000us", "1s"]


@cache
def export() -> str:
    return first_rows(ROWS)


@cache
def accounting(arguments: tuple[str, ...]) -> dict[str, Any] | None:
    """What is said of the selection; None where nothing is there to select."""
    done = CliRunner().invoke(app, ["analyze", "-", "--json", "-", *arguments], input=export())
    if done.exit_code != 0:
        assert str(done.exception).startswith(("there is no thread", "there is no process", "the time range"))
        return None
    found: dict[str, Any] = json.loads(done.stdout)["accounting"]
    return found


@cache
def threads() -> list[str]:
    """Names and ids of the threads there are, and one that is not there."""
    done = CliRunner().invoke(app, ["analyze", "-", "--json", "-", "--no-focus"], input=export())
    found = json.loads(done.stdout)["threads"]
    return [*(row["name"] for row in found), *(str(row["tid"]) for row in found), "nobody"]


def options(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values.map(lambda value: f"{name}={value}"), max_size=2)


time_ranges = st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)).map("..".join).filter(lambda text: text != "..")
selections = st.tuples(
    options("--thread", st.deferred(lambda: st.sampled_from(threads()))),
    options("--process", st.sampled_from(PROCESSES)),
    st.one_of(st.just([]), time_ranges.map(lambda text: [f"--time-range={text}"])),
    options("--prune", st.sampled_from(PATTERNS)),
    st.one_of(st.just(["--no-focus"]), options("--focus", st.sampled_from(PATTERNS))),
    st.sampled_from([[], ["--flatten-recursion"], ["--charge-to-caller=objc_msgSend"], ["--charge-to-caller=re:."]]),
).map(lambda parts: tuple(option for part in parts for option in part))


@settings(max_examples=20)
@given(selections)
def test_every_row_is_somewhere_exactly_once(arguments: tuple[str, ...]) -> None:
    found, everything = accounting(arguments), accounting(())
    assert everything is not None
    if found is None:
        return
    assert found["rows"] == ROWS == sum(found[kind] for kind in KINDS)
    assert found["weight"]["total"] == everything["weight"]["total"] == sum(found["weight"][kind] for kind in KINDS)
    assert all(found[kind] * 1_000_000 == found["weight"][kind] for kind in KINDS)  # a sample weighs 1 ms here


@settings(max_examples=15)
@given(selections)
def test_how_stacks_are_shown_moves_no_row(arguments: tuple[str, ...]) -> None:
    plain = tuple(option for option in arguments if not option.startswith(("--charge", "--flatten")))
    assert accounting(arguments) == accounting(plain)


def test_what_is_selected_is_not_filtered() -> None:
    """Near misses of the law above: each option moves rows where it says."""
    whole = accounting(("--no-focus",))
    focused, pruned = accounting(()), accounting(("--prune=re:.",))
    later = accounting(("--time-range=540ms..",))
    assert whole is not None and focused is not None and pruned is not None and later is not None  # noqa: PT018
    assert (whole["outside_focus"], whole["filtered"]) == (0, 0)
    assert focused["outside_focus"] > 0
    assert focused["attributed"] + focused["outside_focus"] == whole["attributed"]
    assert (pruned["attributed"], pruned["no_stack"]) == (0, whole["no_stack"])
    assert 0 < later["filtered"] < ROWS


def test_damaged_rows_are_a_term_of_the_equation(tmp_path: Path) -> None:
    """Of 21 rows 18 refer to what is not there: they are in the terminal's, the JSON's and the page's sum."""
    head, *rows = re.split(r"(?=<row>)", first_rows(21))
    broken = [re.sub(r'ref="', 'ref="9999', row, count=1) for row in rows[3:]]
    damaged = "".join([head, *rows[:3], *broken])
    path = tmp_path / "x.xml"
    path.write_text(damaged)
    done = CliRunner().invoke(app, ["analyze", str(path), "--json", "-", "--report", str(tmp_path / "x.html")])
    found = json.loads(done.stdout)["accounting"]
    assert (found["rows"], found["skipped"]) == (21, 18)
    assert found["rows"] == sum(found[kind] for kind in (*KINDS, "skipped"))
    assert found["weight"]["total"] == sum(found["weight"][kind] for kind in KINDS)
    text = CliRunner().invoke(app, ["analyze", str(path)]).stdout
    assert "21 rows read = " in text
    assert " + 0 filtered + 18 skipped\n" in text
    assert 'data-value="18"' in (tmp_path / "x.html").read_text().partition('id="accounting"')[2]
