"""Input that cannot be read gives one sentence; rows that cannot be read are skipped and counted, or refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readers.export.bad_inputs import (
    BAD_INPUTS,
    CUT_OFF,
    DAMAGED_ROWS,
    PROFILE,
    WITH_A_DTD,
    with_doctype,
    without_parsers_words,
)
from tests.readers.export.documents import ROW, opened, profile_of, row, samples_of, time_profile
from tracekit.errors import InputError, TracekitError
from tracekit.model.facts import Notice
from tracekit.readers import open_trace


@pytest.mark.parametrize("what", BAD_INPUTS)
def test_bad_input_gives_one_sentence(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = BAD_INPUTS[what].make(tmp_path)
    with pytest.raises(TracekitError) as error:
        open_trace(path).profile()
    assert without_parsers_words(str(error.value)) == BAD_INPUTS[what].sentence


def test_what_is_damaged_in_those_inputs_is_well_without_the_damage() -> None:
    assert len(profile_of(PROFILE)) == 2
    assert len(profile_of(PROFILE.replace("\n", "\n<!-- no DTD -->", 1))) == 2


@pytest.mark.parametrize("cut", range(97, len(PROFILE), 97))
def test_an_export_cut_anywhere_is_an_error_that_says_so(cut: int) -> None:
    with pytest.raises(InputError) as error:
        profile_of(PROFILE[:cut])
    line = PROFILE.count("\n", 0, cut) + 1
    assert without_parsers_words(str(error.value)) == f"x.xml: line {line}: malformed XML: …. {CUT_OFF}"


def test_an_export_cut_after_its_last_element_is_whole() -> None:
    assert samples_of(profile_of(PROFILE.rstrip("\n"))) == samples_of(profile_of(PROFILE))


# ---- Rows.

DANGLING = row(core='<core ref="99"/>')
SHORT = "<row><sentinel/></row>"


def test_damaged_rows_are_skipped_and_counted_by_kind() -> None:
    profile = profile_of(time_profile(ROW, DANGLING, row(), SHORT, DANGLING, row()))
    assert len(profile) == 3
    assert profile.meta.notices == (
        Notice(
            "skipped-row:dangling-ref",
            'row 2 of time-profile (line 4): <core ref="99"/> refers to nothing that was defined before; '
            "the row was skipped",
            2,
        ),
        Notice(
            "skipped-row:cell-count",
            "row 4 of time-profile (line 6): 1 cells for 7 columns; the row was skipped",
            1,
        ),
    )


def test_strict_refuses_the_first_damaged_row() -> None:
    xml = time_profile(ROW, DANGLING, row(), SHORT)
    with pytest.raises(InputError) as error:
        profile_of(xml, strict=True)
    assert str(error.value) == (
        'x.xml: row 2 of time-profile (line 4): <core ref="99"/> refers to nothing that was defined before. '
        "Without --strict such rows are skipped."
    )


def test_strict_has_nothing_against_whole_rows() -> None:
    xml = time_profile(ROW, row(stack="<sentinel/>"), row(core="<sentinel/>", thread="<sentinel/>"))
    assert samples_of(profile_of(xml, strict=True)) == samples_of(profile_of(xml))


@pytest.mark.parametrize("what", DAMAGED_ROWS)
def test_a_damaged_row_costs_itself_alone(what: str) -> None:
    content = DAMAGED_ROWS[what].content
    assert isinstance(content, bytes)
    damaged = content.decode().partition("</schema>")[2].partition("\n</node>")[0]
    whole = ROW.replace('id="', 'id="1').replace('ref="', 'ref="1')
    profile = profile_of(time_profile(whole, damaged, ROW.replace('id="', 'id="2').replace('ref="', 'ref="2')))
    assert samples_of(profile) == samples_of(profile_of(time_profile(ROW))) * 2
    assert sum(notice.count for notice in profile.meta.notices) == 1


# ---- A DTD.


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("what", [what for what in WITH_A_DTD if "file" in what])
def test_no_file_that_a_dtd_names_is_opened(what: str, tmp_path: Path) -> None:
    """The file is a pipe nobody writes to: whoever opened it would wait for ever."""
    os.mkfifo(tmp_path / "secret.txt")
    bad = WITH_A_DTD[what]
    bad.make(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "tracekit", "analyze", bad.name],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"tracekit: {bad.sentence}\n")


def test_nothing_of_a_file_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("swordfish")
    (tmp_path / "x.xml").write_bytes(with_doctype('[<!ENTITY e SYSTEM "secret.txt">]', "&e;"))
    with pytest.raises(InputError) as error:
        open_trace("x.xml")
    assert "swordfish" not in str(error.value)


def test_an_error_comes_when_the_input_is_opened_where_it_can() -> None:
    with pytest.raises(InputError, match="malformed"):
        opened(PROFILE[:-50])
