"""Exports whose callers are addresses say so: nothing can be found in them by its name."""

from tests.readers.export.documents import ROW, opened, row, time_profile


def frame(name: str) -> str:
    return f'<frame name="{name}" addr="0x1"/>'


def said(*stacks: tuple[str, ...]) -> list[str]:
    rows = [row(stack="<backtrace>" + "".join(map(frame, stack)) + "</backtrace>") for stack in stacks]
    return [notice.code for notice in opened(time_profile(ROW, *rows)).profile().meta.notices]


def test_callers_without_names_are_said() -> None:
    """``main`` of the first row has a name, so two more make the larger part."""
    assert said(("leaf", "0x10", "0x20")) == ["no-symbols"]
    assert said(("leaf", "0x10")) == [], "half of them"


def test_leaves_without_names_are_no_matter() -> None:
    assert said(("0x10",), ("0x20",), ("0x30", "named")) == []
