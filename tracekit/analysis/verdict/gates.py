"""The gates of ``tracekit check``: what a recording must show, for CI.

A share is part of the CPU time inside predictions, of threads that ran, as the verdict's sentence says it. *Doubtful*
is what could be any engine's: functions that no rule knows, and waits for what no stack names.

    min-ane S           handed work to the ANE ≥ S; what is doubtful counts as not
    max-cpu S           computed on the CPU ≤ S, and with all that is doubtful, too
    max-gpu S           handed work to the GPU ≤ S, and with all that is doubtful, too; and where its table was recorded
                        and predictions are known one by one, it worked in ≤ S of their time
    max-unknown S       doubtful ≤ S
    max-p95 T           95th percentile of the predictions' wall time after warm-up ≤ T
    max-load T          loading, compiling and preparing the model that takes longest ≤ T, by the harness or the
                        tables of requests
    max-regression R    against the baseline: the ANE's share fell by ≤ R, the CPU's rose by ≤ R (in points: 0.05 is 5
                        of 100), and p95 grew by ≤ R of the baseline's where that knows it
    require-ane MODEL   the answer of every model of that name is yes or partly, which needs a request of its own or a
                        sample that asks for the ANE; where no model is called that, its own requests are enough
    require-evidence E  the verdict's evidence is at least E
    min-decode-rate N   each source that tells of a language model's decode says N tokens a second or more, of 20 tokens
                        or more

The first seven are asked of the whole, or of each model that is named; of a model of Core AI, of each of its functions.
What cannot be measured fails its gate: a gate that nothing can fail protects nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Final, Literal, TypeVar, get_args

from tracekit.analysis.predictions.credit import same_model
from tracekit.analysis.predictions.find import OF_FUNCTION
from tracekit.analysis.stats import ENOUGH_FOR_P95
from tracekit.analysis.verdict.decision import ENOUGH_SAMPLES
from tracekit.analysis.verdict.judge import EvidenceClass
from tracekit.analysis.verdict.models import Model, model_label
from tracekit.analysis.verdict.work import Work
from tracekit.analysis.words import counted, listed

EVIDENCE_BY_STRENGTH: Final[tuple[EvidenceClass, ...]] = get_args(EvidenceClass)
"""The strongest first."""

ENOUGH_TOKENS: Final = 20
"""Of fewer, the first and the last decide a rate."""
_MOST_DIGITS: Final = 25

Number = TypeVar("Number", int, Fraction)


@dataclass(frozen=True, slots=True)
class Measures:
    """What was found in one recording, or of one of its models."""

    work: Work
    unit: str
    evidence: EvidenceClass
    disagrees: bool
    """Whether sources do not agree on the Neural Engine."""
    p95_ns: int | None
    p95_note: str
    """By whose word, where it is not the recording's own; or why it is not known."""
    predictions: int
    """After warm-up."""
    predictions_of: Mapping[str, int]
    """The same of each model that is named."""
    gpu_busy: Fraction | None
    """Part of the predictions' time in which the GPU worked for them; None where that was not measured."""
    loads_ns: Mapping[str, int]
    """By model (empty: not named): how long loading, compiling and preparing it took."""
    untied_loads_ns: int
    """The same of no known process."""
    models: tuple[Model, ...]
    asked: Mapping[str, int]
    """Requests of the ANE that are tied to the process, by the model that they name."""
    decoded: Mapping[str, tuple[int, Fraction]] = field(default_factory=dict)
    """Tokens that a language model decoded, and how many a second, by who tells of them."""

    @property
    def known_p95_ns(self) -> int | None:
        """Of so few predictions as to be the longest one, it is not known."""
        return self.p95_ns if self.predictions >= ENOUGH_FOR_P95 else None


@dataclass(frozen=True, slots=True)
class Gates:
    """What is demanded; None or empty: nothing."""

    min_ane: float | None = None
    max_cpu: float | None = None
    max_gpu: float | None = None
    max_unknown: float | None = None
    max_p95_ns: int | None = None
    max_load_ns: int | None = None
    max_regression: float | None = None
    require_ane: tuple[str, ...] = ()
    require_evidence: EvidenceClass | None = None
    min_decode_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One gate, asked."""

    gate: str
    result: Literal["passed", "failed", "not measurable"]
    sentence: str

    @property
    def is_passed(self) -> bool:
        """Whether the gate lets the recording through; what cannot be measured does not pass."""
        return self.result == "passed"


def ask(
    gates: Gates, found: Measures, baseline: Measures | None = None, models: Sequence[str] = ()
) -> tuple[Outcome, ...]:
    """Every gate that demands something, in the order of ``Gates``, of the whole or of each of ``models``.

    Models are named as the verdict names them; ``*`` and ``?`` stand for any letters. ``max_regression`` needs a
    baseline.
    """
    outcomes = []
    for name in models:
        outcomes += _of_models(gates, found, baseline, name)
    if not models:
        outcomes += _measured(gates, found, baseline)
    outcomes += [_requires(name, found) for name in gates.require_ane]
    if gates.require_evidence is not None:
        outcomes.append(_evidence_gate(gates.require_evidence, found))
    if gates.min_decode_rate is not None:
        outcomes.append(_decodes(gates.min_decode_rate, found))
    return tuple(outcomes)


def _of_models(gates: Gates, found: Measures, baseline: Measures | None, name: str) -> list[Outcome]:
    chosen = _models_called(found.models, name)
    if not chosen:
        asked = _measured(gates, found, baseline)
        return [Outcome(f"{each.gate} ({name})", "not measurable", _no_model(name, found)) for each in asked]
    outcomes = []
    for model in chosen:
        same = [each for each in baseline.models if each.name == model.name] if baseline is not None else []
        before = _of_model(baseline, same[0]) if baseline is not None and len(same) == 1 else None
        label = _label(model, found.models)
        outcomes += [
            replace(each, gate=f"{each.gate} ({label})") for each in _measured(gates, _of_model(found, model), before)
        ]
    return outcomes


def _of_model(found: Measures, model: Model) -> Measures:
    """What was found of one model."""
    is_only = len(found.models) == 1
    whole = model.name.partition(OF_FUNCTION)[0]
    return replace(
        found,
        work=model.work,
        p95_ns=model.p95_ns,
        p95_note="" if found.p95_ns is None and model.p95_ns is not None else found.p95_note,
        predictions=found.predictions if is_only else found.predictions_of.get(model.name, 0),
        gpu_busy=found.gpu_busy if is_only else None,
        loads_ns={name: time for name, time in found.loads_ns.items() if same_model(name, whole)},
    )


def _measured(gates: Gates, found: Measures, baseline: Measures | None) -> list[Outcome]:
    """The gates that numbers decide."""
    outcomes = []
    if gates.min_ane is not None:
        outcomes.append(_least_ane(gates.min_ane, found))
    if gates.max_cpu is not None:
        outcomes.append(_most_cpu(gates.max_cpu, found))
    if gates.max_gpu is not None:
        outcomes.append(_most_gpu(gates.max_gpu, found))
    if gates.max_unknown is not None:
        outcomes.append(_most_unknown(gates.max_unknown, found))
    if gates.max_p95_ns is not None:
        outcomes.append(_longest(gates.max_p95_ns, found))
    if gates.max_load_ns is not None:
        outcomes.append(_load(gates.max_load_ns, found))
    if gates.max_regression is not None:
        outcomes.append(_regression(gates.max_regression, found, baseline))
    return outcomes


def _least_ane(least: float, found: Measures) -> Outcome:
    if why := _too_few(found) or _disagrees(found):
        return Outcome("min-ane", "not measurable", why)
    limit, share, doubtful = Fraction(str(least)), _exact_share(found, found.work.ane), _doubtful(found)
    is_enough = share >= limit
    value, asked = _apart(share, limit, _percent)
    also = "" if is_enough or share + doubtful < limit else f"; {_percent(doubtful)} could be any engine's"
    sentence = f"{value} handed work to the ANE, at least {asked} is asked{also}"
    return Outcome("min-ane", "passed" if is_enough else "failed", sentence)


def _most_cpu(most: float, found: Measures) -> Outcome:
    return _most("max-cpu", found, found.work.cpu, most, "computed on the CPU")


def _most_gpu(most: float, found: Measures) -> Outcome:
    by_samples = _most("max-gpu", found, found.work.gpu, most, "handed work to the GPU")
    if found.gpu_busy is None:
        return by_samples
    busy, allowed = _apart(found.gpu_busy, Fraction(str(most)), _percent)
    sentence = f"the GPU worked in {busy} of the predictions' time, at most {allowed} is allowed"
    if found.gpu_busy > Fraction(str(most)):
        return Outcome("max-gpu", "failed", sentence)
    return replace(by_samples, sentence=f"{by_samples.sentence}; {sentence}") if by_samples.is_passed else by_samples


def _most(gate: str, found: Measures, weight: int, most: float, what: str) -> Outcome:
    """A share that may be larger by all that is doubtful."""
    if why := _too_few(found):
        return Outcome(gate, "not measurable", why)
    limit, share, doubtful = Fraction(str(most)), _exact_share(found, weight), _doubtful(found)
    if share <= limit < share + doubtful:
        value, allowed = _apart(share + doubtful, limit, _percent)
        sentence = (
            f"{_percent(share)} {what} and {_percent(doubtful)} could be any engine's: up to {value}, "
            f"at most {allowed} is allowed"
        )
        return Outcome(gate, "not measurable", sentence)
    value, allowed = _apart(share, limit, _percent)
    return Outcome(gate, "passed" if share <= limit else "failed", f"{value} {what}, at most {allowed} is allowed")


def _most_unknown(most: float, found: Measures) -> Outcome:
    if why := _too_few(found):
        return Outcome("max-unknown", "not measurable", why)
    limit, share = Fraction(str(most)), _doubtful(found)
    value, allowed = _apart(share, limit, _percent)
    sentence = f"{value} could be any engine's, at most {allowed} is allowed"
    return Outcome("max-unknown", "passed" if share <= limit else "failed", sentence)


def _longest(most: int, found: Measures) -> Outcome:
    if found.p95_ns is None:
        return Outcome("max-p95", "not measurable", f"how long predictions take is not known: {found.p95_note}")
    count = counted(found.predictions, "prediction")
    if found.known_p95_ns is None:
        few = f"the recording has {count} after warm-up, {ENOUGH_FOR_P95} are needed for a 95th percentile"
        return Outcome("max-p95", "not measurable", few)
    value, allowed = _apart(found.p95_ns, most, _milliseconds)
    whose = f", {found.p95_note}" if found.p95_note else ""
    sentence = f"95 of 100 predictions take up to {value} ({count}{whose}), at most {allowed} is allowed"
    return Outcome("max-p95", "passed" if found.p95_ns <= most else "failed", sentence)


def _load(most: int, found: Measures) -> Outcome:
    if not found.loads_ns:
        untied = f"; {_milliseconds(found.untied_loads_ns)} is of no known process" if found.untied_loads_ns else ""
        sentence = f"nothing shows this process loading or compiling a model{untied}"
        return Outcome("max-load", "not measurable", sentence)
    model, longest = max(found.loads_ns.items(), key=lambda each: each[1])
    value, allowed = _apart(longest, most, _milliseconds)
    sentence = f"loading {model or 'a model that is not named'} took {value}, at most {allowed} is allowed"
    return Outcome("max-load", "passed" if longest <= most else "failed", sentence)


def _regression(most: float, found: Measures, baseline: Measures | None) -> Outcome:
    def unmeasured(why: str) -> Outcome:
        return Outcome("max-regression", "not measurable", why)

    if baseline is None:
        return unmeasured("the baseline names no model like this, or more than one")
    for name, side in (("", found), ("the baseline: ", baseline)):
        if why := _too_few(side) or _disagrees(side):
            return unmeasured(name + why)
    if baseline.known_p95_ns is not None and found.known_p95_ns is None:
        lost = f"the baseline knows how long {ENOUGH_FOR_P95} predictions or more take, this recording does not"
        return unmeasured(lost)
    if baseline.unit != found.unit:
        what = f"this recording counts {found.unit}, the baseline {baseline.unit}: their shares are of unlike things"
        return unmeasured(what)
    limit = Fraction(str(most))
    cpu_rose = _exact_share(found, found.work.cpu) - _exact_share(baseline, baseline.work.cpu)
    worse = [
        (
            _exact_share(baseline, baseline.work.ane) - _exact_share(found, found.work.ane),
            "the share that handed work to the ANE fell by {} points",
        ),
        (cpu_rose, "the share that computed on the CPU rose by {} points"),
    ]
    if baseline.known_p95_ns and found.known_p95_ns is not None:
        grew = Fraction(found.known_p95_ns - baseline.known_p95_ns, baseline.known_p95_ns)
        worse.append((grew, "the 95th percentile of a prediction grew by {} %"))
    over = [(change, text) for change, text in worse if change > limit]
    if over:
        digits = max(_digits(change, limit, _points) for change, _ in over)
        told = " and ".join(text.format(_points(change, digits)) for change, text in over)
        return Outcome("max-regression", "failed", f"{told}, at most {_points(limit, digits)} is allowed")
    hidden = max(_doubtful(found) - _doubtful(baseline), Fraction(0))
    if cpu_rose + hidden > limit:
        return unmeasured(f"what could be any engine's rose by {_points(hidden)} points, which may be the CPU's")
    return Outcome("max-regression", "passed", f"nothing is worse than the baseline by more than {_points(limit)}")


def _requires(name: str, found: Measures) -> Outcome:
    gate = f"require-ane ({name})"
    if found.disagrees:
        return Outcome(gate, "not measurable", _disagrees(found))
    chosen = _models_called(found.models, name)
    rows = {model: count for model, count in found.asked.items() if _fits(model, name) or same_model(model, name)}
    if not chosen and not rows:
        return Outcome(gate, "not measurable", _no_model(name, found))
    answers = [(model.answer, _answer_line(model, found.models)) for model in chosen]
    if not chosen:
        answers = [("partly", f"{model}: {counted(count, 'request')}") for model, count in rows.items()]
    told = "; ".join(said for _, said in answers)
    given = {answer for answer, _ in answers}
    if "no" in given:
        return Outcome(gate, "failed", told)
    return Outcome(gate, "not measurable" if "unknown" in given else "passed", told)


def _answer_line(model: Model, models: Sequence[Model]) -> str:
    """``Letters: partly, on the Neural Engine and the CPU (220 requests, 215 samples asking)``."""
    evidence = []
    if model.ane_requests:
        evidence.append(counted(model.ane_requests, "request"))
    if model.work.ane_samples:
        evidence.append(f"{counted(model.work.ane_samples, 'sample')} asking")
    where = f", {model.where}" if model.where else ""
    why = f" ({', '.join(evidence) or model.reason})"
    return f"{_label(model, models)}: {model.answer}{where}{why}"


def _decodes(least: float, found: Measures) -> Outcome:
    gate, limit = "min-decode-rate", Fraction(str(least))
    if not found.decoded:
        return Outcome(gate, "not measurable", "nothing tells of tokens that a language model decoded")
    few = [name for name, (tokens, _) in found.decoded.items() if tokens < ENOUGH_TOKENS]
    if few:
        why = f"{few[0]} tells of fewer than {ENOUGH_TOKENS} tokens, of which a rate says little"
        return Outcome(gate, "not measurable", why)
    name, (tokens, rate) = min(found.decoded.items(), key=lambda each: each[1][1])
    sentence = (
        f"{float(rate):,.2f} tokens a second by {name} ({counted(tokens, 'token')}), at least {least:g} are asked"
    )
    return Outcome(gate, "passed" if rate >= limit else "failed", sentence)


def _evidence_gate(least: EvidenceClass, found: Measures) -> Outcome:
    strong_enough = EVIDENCE_BY_STRENGTH.index(found.evidence) <= EVIDENCE_BY_STRENGTH.index(least)
    sentence = f'the evidence is "{found.evidence}", "{least}" is required'
    return Outcome("require-evidence", "passed" if strong_enough else "failed", sentence)


def _models_called(models: Iterable[Model], name: str) -> list[Model]:
    return [model for model in models if _fits(model.name, name)]


def _fits(model: str, name: str) -> bool:
    """Whether a model is called so, or is a function of what is: ``Chat · decode`` is one of Chat."""
    return model == name or fnmatchcase(model, name) or model.startswith(f"{name}{OF_FUNCTION}")


def _label(model: Model, models: Sequence[Model]) -> str:
    return model_label(model, with_process=len({(each.process, each.pid) for each in models}) > 1)


def _no_model(name: str, found: Measures) -> str:
    there = [model.name for model in found.models if model.name]
    if not found.models:
        return f"nothing tells of a model {name}: no sample fell inside a prediction"
    if not there:
        return f"nothing names a model {name}: no model of this recording has a name"
    return f"no model is called {name}; there {'is' if len(there) == 1 else 'are'} {listed(there)}"


def _too_few(found: Measures) -> str:
    count = found.work.running
    if count < ENOUGH_SAMPLES:
        fell = f"only {counted(count, 'sample')} of running threads fell inside predictions"
        return f"{fell}, {ENOUGH_SAMPLES} are needed"
    return "" if found.work.weight else "the samples inside predictions weigh nothing"


def _disagrees(found: Measures) -> str:
    return "the evidence disagrees on the Neural Engine" if found.disagrees else ""


def _exact_share(found: Measures, weight: int) -> Fraction:
    return Fraction(weight, found.work.weight)


def _doubtful(found: Measures) -> Fraction:
    return _exact_share(found, found.work.doubtful)


def _apart(value: Number, limit: Number, text: Callable[[Number, int], str]) -> tuple[str, str]:
    """Both as texts that differ where they do: ``25.04 %`` and ``25.00 %``."""
    digits = _digits(value, limit, text)
    return text(value, digits), text(limit, digits)


def _digits(value: Number, limit: Number, text: Callable[[Number, int], str]) -> int:
    """So many digits tell them apart."""
    digits = 1
    while value != limit and digits < _MOST_DIGITS and text(value, digits) == text(limit, digits):
        digits += 1
    return digits


def _percent(share: Fraction, digits: int = 1) -> str:
    return f"{_points(share, digits)} %"


def _points(share: Fraction, digits: int = 1) -> str:
    return f"{Decimal(share.numerator * 100) / share.denominator:.{digits}f}"


def _milliseconds(ns: int, digits: int = 1) -> str:
    """With one digit more: a millisecond is coarse beside a point."""
    return f"{Decimal(ns) / 10**6:.{digits + 1}f} ms"
