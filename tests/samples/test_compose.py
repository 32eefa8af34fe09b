"""A stack's truth comes from the parts it was made of, and a timeline samples like Time Profiler does."""

from itertools import pairwise

from sample_traces.compose import AddressSpace, Background, Part, Timeline, part, program_image
from sample_traces.recording import Core, Frame, Label, Process

OUTER = part("App`main\nApp`predict", Label("none", "framework"), opens_focus=True, activity="prediction")
ENGINE = part("Espresso`run", Label("ANE", "dispatch"))
LEAF = part("libsystem_malloc.dylib`malloc")
APP = program_image("App", "/Applications/App", launch="one")
PROCESS = Process(7, "App", "/Applications/App")
CORES = (Core(0, "E"), Core(1, "P"))


def timeline(seed: str = "seed") -> Timeline:
    return Timeline(AddressSpace("26.0", {}), APP, PROCESS, CORES, seed)


def symbols(frames: tuple[Frame, ...]) -> list[str | None]:
    return [frame.function.name for frame in frames]


def test_a_part_is_written_one_call_a_line_outer_call_first() -> None:
    assert part("\n  A`f\n  B`g(int, `x`)\n").calls == (("A", "f"), ("B", "g(int, `x`)"))


def test_the_inner_part_speaks_last_and_a_leaf_without_a_label_says_nothing() -> None:
    assert (OUTER + ENGINE).label == Label("ANE", "dispatch")
    assert (OUTER + ENGINE + LEAF).label == Label("ANE", "dispatch")
    assert (OUTER + LEAF).label == Label("none", "framework")
    assert (OUTER + ENGINE).labelled(Label("ANE", "wait")).label == Label("ANE", "wait")


def test_adding_parts_is_associative_and_nothing_changes_nothing() -> None:
    assert (OUTER + ENGINE) + LEAF == OUTER + (ENGINE + LEAF)
    assert part("") + OUTER == OUTER + part("") == OUTER


def test_only_a_part_that_opens_the_focus_brings_a_stack_into_it() -> None:
    assert (OUTER + ENGINE).opens_focus
    assert (LEAF + OUTER).opens_focus
    assert not (LEAF + ENGINE).opens_focus  # the engine alone is not a prediction


def test_frames_are_leaf_first_and_every_address_lies_in_its_function() -> None:
    frames = AddressSpace("26.0", {}).frames((OUTER + ENGINE + LEAF).calls, APP, site=0)
    assert symbols(frames) == ["malloc", "run", "predict", "main"]
    for frame in frames:
        function = frame.function
        assert function.start < frame.address < function.start + function.size
        assert frame.address % 4 == 0


def test_functions_of_an_image_do_not_overlap() -> None:
    space = AddressSpace("26.0", {})
    calls = part("\n".join(f"App`f{index}" for index in range(200))).calls
    functions = sorted((frame.function for frame in space.frames(calls, APP, site=0)), key=lambda one: one.start)
    assert all(one.start + one.size == other.start for one, other in pairwise(functions))


def test_the_same_call_returns_to_the_same_address_whatever_lies_below() -> None:
    space = AddressSpace("26.0", {})
    short = space.frames((OUTER + ENGINE).calls, APP, site=0)
    long = space.frames((OUTER + ENGINE + LEAF).calls, APP, site=0)
    assert short[1:] == long[2:]
    assert short[0].address != long[1].address  # a leaf stands elsewhere than the call it makes next time


def test_an_app_that_is_launched_again_lies_elsewhere_and_the_system_does_not() -> None:
    space = AddressSpace("26.0", {})
    again = program_image("App", "/Applications/App", launch="two")
    first, second = (space.frames((OUTER + LEAF).calls, program, site=0) for program in (APP, again))
    assert first[0] == second[0]
    assert first[1].address != second[1].address


def test_nameless_functions_and_frames_without_an_image() -> None:
    frames = AddressSpace("26.0", {}).frames(part("?`?1\nlibBNNS.dylib`?1\nlibBNNS.dylib`?2").calls, APP, site=0)
    assert symbols(frames) == [None, None, None]
    assert frames[2].function.image is None
    assert frames[0].function.start != frames[1].function.start


def test_source_lines_come_with_the_functions_that_have_them() -> None:
    space = AddressSpace("26.0", {"predict": ("/src/app.swift", 40)})
    predict, main = space.frames(OUTER.calls, APP, site=0)
    assert predict.function.source_path == "/src/app.swift"
    assert predict.line is not None
    assert predict.line >= 40
    assert (main.function.source_path, main.line) == (None, None)


def test_a_tick_samples_every_running_thread_and_a_blocked_one_not_at_all() -> None:
    time = timeline()
    main, other = time.thread("Main Thread", "main"), time.thread(None, "worker")
    with time.meanwhile(Background(1.0, other, (LEAF,))):
        time.run(main, OUTER)
        time.blocked(1)
    time.run(main, OUTER)
    run = time.finish("2026-01-01T00:00:00.000+00:00", "unknown")
    assert sorted(
        (sample.time_ns // 1_000_000, sample.thread.name) for sample in run.samples if sample.thread == main
    ) == [
        (480, "Main Thread"),
        (482, "Main Thread"),
    ]
    assert [sample.time_ns // 1_000_000 for sample in run.samples if sample.thread == other] == [480, 481]


def test_an_iteration_holds_its_own_samples_and_no_others() -> None:
    time = timeline()
    main = time.thread("Main Thread", "main")
    time.run(main, LEAF)
    with time.iteration():
        time.run(main, OUTER, OUTER)
    time.run(main, LEAF)
    run = time.finish("2026-01-01T00:00:00.000+00:00", "unknown")
    (iteration,) = run.iterations
    inside = [iteration.start_ns < sample.time_ns < iteration.end_ns for sample in run.samples]
    assert inside == [False, True, True, False]


def test_the_same_seed_gives_the_same_run() -> None:
    def one(seed: str) -> object:
        time = timeline(seed)
        main = time.thread("Main Thread", "main")
        for _ in range(50):
            time.run(main, OUTER + time.pick((ENGINE, LEAF)))
        return time.finish("2026-01-01T00:00:00.000+00:00", "unknown")

    assert one("a") == one("a")
    assert one("a") != one("b")


def test_parts_carry_their_labels_into_the_samples() -> None:
    time = timeline()
    time.run(time.thread("Main Thread", "main"), OUTER + ENGINE + LEAF)
    (sample,) = time.finish("2026-01-01T00:00:00.000+00:00", "unknown").samples
    assert sample.stack is not None
    assert (sample.stack.label, sample.stack.in_focus) == (Label("ANE", "dispatch"), True)
    assert sample.stack.activity == "prediction"


def test_a_part_may_not_change() -> None:
    assert isinstance(OUTER + ENGINE, Part)
    assert OUTER.calls == (("App", "main"), ("App", "predict"))
