"""Sentences of shares add up to what tables by engine show."""

import pytest

from tests.analysis.verdict.known import work
from tracekit.analysis.verdict.wording import shares_text


@pytest.mark.parametrize(
    "ane, gpu, said",
    [
        (0, 0, ""),
        (0, 400, " for the GPU"),
        (400, 0, " for the ANE"),
        (0, 150, " (15 % for the GPU)"),
        (100, 300, " (10 % for the ANE and 30 % for the GPU)"),
    ],
)
def test_one_off_work_says_for_which_engine_it_was(ane: int, gpu: int, said: str) -> None:
    found = work(gpu=600, once=400, nameless=0, once_ane=ane, once_gpu=gpu)
    assert shares_text(found, is_cpu_time=False) == (
        f"Of the samples in predictions, 60 % handed work to the GPU and 40 % loaded, compiled or prepared{said}."
    )
