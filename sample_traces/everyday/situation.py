"""What a situation is made of: programs that predict, what predictions leave behind, and what others do meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sample_traces import parts
from sample_traces.compose import Part
from sample_traces.export_xml import Encoding
from sample_traces.recording import Answer, Process
from sample_traces.scenarios import App, Choice

Source = Literal["none", "sidecar", "coreml-table", "odie-profile"]
"""What says when each prediction began and ended."""


class Row(NamedTuple):
    """A row in an engine's table, with what it stands for: nothing here is read back from the label."""

    table: str
    engine: Literal["ANE", "GPU", "none"]
    model: str
    """What the label names; empty: nothing."""
    label: str
    lengths_us: tuple[int, ...]
    """Each time one of these, and up to 0.06 ms more."""
    kind: Literal["prediction", "load", "compile", "prepare"] = "prediction"
    channel: str = "Apple Neural Engine"
    state: str = "Active"
    after_us: int = 150
    """So long after its step's sample it begins."""
    category: str = ""
    """Core AI's word for the kind."""
    inner: str = ""
    """The label of a row inside it, one level deeper."""


class Step(NamedTuple):
    """Something a prediction does: how often a sample catches it, the choices of which its stack takes one piece each,
    and the rows that it leaves, for whose ends the thread waits off the cores.
    """

    often: float
    choices: tuple[Choice, ...]
    rows: tuple[Row, ...] = ()
    blocked: int = 0
    """Milliseconds that it waits for what no row shows."""


@dataclass(frozen=True)
class Calls:
    """Predictions of one model by one function of the app."""

    model: str
    caller: tuple[str, ...]
    """Functions of the app, outer first."""
    steps: tuple[Step, ...]
    root: Part = parts.E5_PREDICTION
    times: int = 1
    """So often in each round."""
    function: str = "main"
    """Core AI's models have several."""


@dataclass(frozen=True)
class Program:
    """A process that is sampled: it loads, and then makes its calls in turn, round after round."""

    app: App
    pid: int
    calls: tuple[Calls, ...]
    rounds: int
    every_ms: float = 0.0
    """From the start of a prediction to the next; 0: as fast as it goes."""
    after: tuple[tuple[float, Choice], ...] = ()
    """What it does of its own after each: how often a sample catches it, and on which leaves."""
    work: tuple[str, ...] = ("Screen.draw()",)
    """The functions that do it."""
    loads: Choice = parts.E5_LOAD
    load_rows: tuple[Row, ...] = ()
    warmup: int = 0


class Strangers(NamedTuple):
    """What another process had an engine do, ``first_ms`` after the first prediction and then every ``every_ms``."""

    row: Row
    times: int
    first_ms: float
    every_ms: float
    process: Process


class Machine(NamedTuple):
    """Which system was recorded, and by which Xcode."""

    encoding: Encoding
    os_version: str
    xcode: str


@dataclass(frozen=True)
class Situation:
    """A recording to be, and what an honest analysis may say of it."""

    name: str
    teaches: str
    """In a line."""
    answer: Answer
    """The most that the recording's evidence allows."""
    machine: Machine
    programs: tuple[Program, ...]
    tables: tuple[str, ...] = ()
    strangers: tuple[Strangers, ...] = ()
    told_by: Source = "none"
    compute_units: str = ""
    """What the harness was asked for; empty: no harness."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By model or calling function, or by process where there are several."""
    template: str = "Core ML"
    has_samples: bool = True
    prompt_tokens: int = 0
    """So many tokens the app says of each prefill, by signposts of Apple's coreai-models; 0: it marks nothing."""


def ane(table: str, model: str, lengths_us: Sequence[int], *, nested: bool = False) -> Row:
    """A request to the Neural Engine: the label names the model, or a row inside it does."""
    if nested:
        inner = f"{model}_main__Op0_AneInference"
        return Row(table, "ANE", model, "Neural Engine Prediction", tuple(lengths_us), inner=inner)
    return Row(table, "ANE", model, f"{model or 'Neural Engine'} Prediction", tuple(lengths_us))
