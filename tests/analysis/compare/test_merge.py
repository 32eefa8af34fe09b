"""Two recordings as one: every sample is there, on the same stack of functions."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings

from tests.report.plain import plain_samples
from tests.support.profiles import profile_from_text, profiles
from tracekit.analysis.compare.merge import merged
from tracekit.attribution.engines import attribute
from tracekit.model.profile import Profile
from tracekit.model.schema import ENGINES


def test_the_drawing() -> None:
    both = merged(profile_from_text("main;net 3\nmain;draw 1"), profile_from_text("main;net 5\nmain;load 5"))
    rows = zip(plain_samples(attribute(both.profile)), both.is_b, strict=True)
    assert Counter((";".join(name for name, _ in sample.path), is_b) for sample, is_b in rows) == {
        ("main;net", False): 1,
        ("main;draw", False): 1,
        ("main;net", True): 1,
        ("main;load", True): 1,
    }
    assert len(both.profile.stacks) == 4
    assert both.profile.samples.index.tolist() == [0, 1, 2, 3]


def test_an_image_is_its_name_whatever_its_address() -> None:
    a, b = profile_from_text("app`main;Lib`work 1"), profile_from_text("app`main;plain 1")
    moved = b.binaries.assign(load_addr=b.binaries["load_addr"] + np.uint64(4096), uuid="0", path="/app")
    binaries = merged(a, replace(b, binaries=moved.astype(b.binaries.dtypes))).profile.binaries
    assert sorted(binaries.values.tolist()) == [["Lib", "", "", 0], ["app", "", "", 0]]


@given(profiles(), profiles())
@settings(max_examples=20)
def test_every_sample_keeps_its_functions_its_weight_and_what_it_was_decided_to_be(a: Profile, b: Profile) -> None:
    a, b = attribute(a), attribute(b)
    both = merged(a, b)
    both.profile.validate()
    assert tuple(both.profile.samples["engine"].cat.categories) == ENGINES
    expected = [
        (sample.path, sample.weight, sample.engine, sample.phase, sample.rule, sample.thread[1])
        for side in (a, b)
        for sample in plain_samples(side)
    ]
    assert [
        (sample.path, sample.weight, sample.engine, sample.phase, sample.rule, sample.thread[1])
        for sample in plain_samples(both.profile)
    ] == expected
    assert np.array_equal(both.is_b, [False] * len(a) + [True] * len(b))


def test_each_side_keeps_the_states_that_it_alone_knows() -> None:
    a, b = (
        profile.with_samples(profile.samples.assign(state=pd.Categorical([state])))
        for profile, state in ((profile_from_text("main 1"), "Blocked"), (profile_from_text("main 1"), "Runnable"))
    )
    assert merged(a, b).profile.samples["state"].tolist() == ["Blocked", "Runnable"]
    assert merged(a, b).profile.samples["state"].dtype == "category"


def test_threads_are_told_by_their_name() -> None:
    one = profile_from_text("main 1")
    assert len(merged(one, one).profile.threads) == len(one.threads)
