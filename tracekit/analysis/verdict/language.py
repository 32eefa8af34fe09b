"""What the tables of a language model tell where no sample does: how often it was asked, and how fast it answered.

2 requests to a language model: prefill 900 ms (1,000 tokens, 1,111 a second), decode 2,600 ms (60 tokens, …)
"""

import pandas as pd

from tracekit.analysis.predictions.generation import DECODE, PREFILL, tokens_per_second
from tracekit.analysis.words import counted, milliseconds
from tracekit.model.schema import NONE


def language_text(rows: pd.DataFrame) -> str:
    """The rows of ``generation`` in words, as the beginning of a sentence; empty where they tell of no run."""
    prefill, decode, whole, load = (
        rows[(rows["phase"] == phase).to_numpy()] for phase in (PREFILL, DECODE, "request", "load")
    )
    if len(prefill) or len(decode):
        told = [f"{name} {_took(mine)}" for name, mine in ((PREFILL, prefill), (DECODE, decode)) if len(mine)]
        return f"{_asked(int(prefill['count'].sum()))}{', '.join(told)}"
    if len(whole):
        return f"{_asked(int(whole['count'].sum()))}{_took(whole, has_rate=False)}"
    if len(load):
        return f"language models were loaded {counted(int(load['count'].sum()), 'time')}, in {_took(load)}"
    return ""


def _asked(count: int) -> str:
    return f"{counted(count, 'request')} to a language model: " if count else "a language model ran: "


def _took(rows: pd.DataFrame, *, has_rate: bool = True) -> str:
    """``2,600 ms (60 tokens, 23.1 a second)``; the rate of whole requests would be that of prefill and decode mixed."""
    time = milliseconds(int(rows["busy_ns"].sum()))
    says = rows[(rows["tokens"] != NONE).to_numpy()]
    if says.empty:
        return time
    tokens = int(says["tokens"].sum())
    rate = tokens_per_second(tokens, int(says["tokens_ns"].sum())) if has_rate else None
    return f"{time} ({counted(tokens, 'token')}{'' if rate is None else f', {rate:,.1f} a second'})"
