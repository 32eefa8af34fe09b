"""What tests of several readers share."""

from typing import Any

import numpy as np
import pytest

from tracekit.model.builder import assemble
from tracekit.model.profile import Profile


@pytest.fixture
def equal_parts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile is made once of equal parts, for tests that read thousands of small inputs.

    What is made of them follows from nothing else, and making it takes longer than reading a small input.
    """
    made: dict[object, Profile] = {}

    def remembered(columns: Any, **parts: Any) -> Profile:
        ends = np.cumsum(parts["paths"][1])
        paths = [path.tobytes() for path in np.split(parts["paths"][0], ends)[:-1]]  # the same ones, however numbered
        stacks = tuple(paths[number] if number >= 0 else None for number in columns["path_id"])
        others = {name: value for name, value in parts.items() if name not in ("paths", "notices")}
        values = tuple((name, columns[name].tobytes()) for name in sorted(columns) if name != "path_id")
        key = (stacks, values, repr(others), parts["notices"].collected())
        if key not in made:
            made[key] = assemble(columns, **parts)
        return made[key]

    monkeypatch.setattr("tracekit.model.builder.assemble", remembered)
    monkeypatch.setattr("tracekit.readers.bundle.samples.assemble", remembered)
