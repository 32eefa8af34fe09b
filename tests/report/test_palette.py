"""Engine colours are told apart by everyone, and text on them is legible: measured, not hoped."""

from collections.abc import Mapping
from importlib import resources
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tracekit.model.schema import ENGINES, PHASES, Engine
from tracekit.report.palette import CHANGES_DARK, CHANGES_LIGHT, DARK, KINDS, LIGHT, ON_COLOUR, PHASE_KINDS, REST, SAFE

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ_OF_RGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> NDArray[np.float64]:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = XYZ_OF_RGB @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(XYZ_OF_RGB[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_engines_stay_apart(palette: Mapping[Engine, str], vision: str) -> None:
    seen = {engine: lab(VISION[vision] @ linear(colour)) for engine, colour in palette.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_the_safe_palette_is_safer(vision: str) -> None:
    seen = {engine: lab(VISION[vision] @ linear(colour)) for engine, colour in SAFE.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 28, (one, other)
    light = sorted(float(lab(linear(colour))[0]) for colour in SAFE.values())
    assert min(after - before for before, after in pairwise(light)) >= 7  # on paper, and without any cones


@pytest.mark.parametrize("vision", VISION)
def test_kinds_stay_apart(vision: str) -> None:
    seen = [lab(VISION[vision] @ linear(colour)) for colour in (*KINDS, REST)]
    for one, other in combinations(range(len(seen)), 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (one, other)


@pytest.mark.parametrize("palette", [LIGHT, DARK, SAFE], ids=["light", "dark", "safe"])
def test_text_on_every_engine_is_legible(palette: Mapping[Engine, str]) -> None:
    assert min(contrast(colour, ON_COLOUR) for colour in (*palette.values(), *KINDS, REST)) >= 4.5


CHANGES = [CHANGES_LIGHT, CHANGES_DARK]
INK = {"light": "#1b1f24", "dark": "#e4e7eb"}
"""``--ink`` of report.css."""


@pytest.mark.parametrize("palette", CHANGES, ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_less_more_and_the_same_stay_apart(palette: Mapping[str, str], vision: str) -> None:
    seen = {name: lab(VISION[vision] @ linear(colour)) for name, colour in palette.items()}
    order = list(seen)
    assert order == ["less-3", "less-2", "less-1", "same", "more-1", "more-2", "more-3"]
    for one, other in pairwise(order):
        assert np.linalg.norm(seen[one] - seen[other]) >= 10, (one, other)
    for one in order[:3]:
        for other in order[4:]:
            assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


@pytest.mark.parametrize("palette", CHANGES, ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_a_larger_change_is_farther_from_no_change(palette: Mapping[str, str], vision: str) -> None:
    seen = {name: lab(VISION[vision] @ linear(colour)) for name, colour in palette.items()}
    for way in ("less", "more"):
        away = [float(np.linalg.norm(seen[f"{way}-{step}"] - seen["same"])) for step in (1, 2, 3)]
        assert away == sorted(away)


@pytest.mark.parametrize("scheme,palette", [("light", CHANGES_LIGHT), ("dark", CHANGES_DARK)])
def test_text_on_every_change_is_legible(scheme: str, palette: Mapping[str, str]) -> None:
    css = resources.files("tracekit.report.html").joinpath("assets", "report.css").read_text("utf-8")
    assert f"--ink: {INK[scheme]};" in css
    for name, colour in palette.items():
        # as inkOn of colours.js chooses
        bright = float(XYZ_OF_RGB[1] @ linear(colour)) > 0.18
        assert contrast(colour, ON_COLOUR if bright else INK[scheme]) >= 4.5, name


def test_every_engine_has_a_colour() -> None:
    assert set(LIGHT) == set(DARK) == set(SAFE) == set(ENGINES)


def test_every_phase_is_of_one_kind() -> None:
    assert sorted(phase for kind in PHASE_KINDS for phase in kind.phases) == sorted(PHASES)
    assert len(PHASE_KINDS) == len(KINDS) + 1


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.05)
