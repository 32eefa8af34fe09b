"""Reports of single stacks become samples of weight 1, or of their own counts, and are told by what they hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.errors import InputError, TracekitError
from tracekit.model.folded import to_folded
from tracekit.model.profile import Profile
from tracekit.readers.snapshots import open_snapshot, sniff

CRASH = """\
Process:               Demo [321]
OS Version:            macOS 26.4 (25E100)

Thread 0 name:  Dispatch queue: com.apple.main-thread
Thread 0:
0   libsystem_kernel.dylib         0x187312600 mach_msg2_trap + 8
1   My App                         0x102a4f8a0 main + 816 (main.m:75)

Thread 4 Crashed:: Dispatch queue: com.apple.coreml
0   libBNNS.dylib                  0x1a137b064 BNNSGraphContextExecute_v2 + 20
1   libUnknown.dylib               0x1A0000010 0x1a0000000 + 16

Binary Images:
       0x102a40000 -        0x102dc719f Demo (1.0) <UUID> /path/of/Demo
"""
BARE = """\
Thread 10 Crashed:
0   libdispatch.dylib               0x3305070c0         dispatch_group_leave.cold.1
1   CoreML                          0x3410d8c48         __53-[MLNeuralNetworkEngine evaluateBatch:]_block_invoke.326
"""
LLDB = """\
(lldb) bt all
  thread #1, queue = 'com.apple.main-thread'
    frame #0: 0x0000000194ff79dc libsystem_kernel.dylib`mach_msg2_trap + 8
    frame #1: 0x0000000102a4f8a0 Demo`main(argc=1, argv=0x1) at main.m:12:3
* thread #5, name = 'worker', stop reason = signal SIGSTOP
  * frame #0: 0x00000001bb52711c Lib`___lldb_unnamed_symbol12 + 8
    frame #1: 0x00000001bb527200
"""
SPINDUMP = """\
OS Version:       macOS 26.4 (Build 25E100)

Process:          Demo [321]
Num samples:      1001 (1-1001)

  Thread 0x1a2b    DispatchQueue "com.apple.coreml"(42)    1001 samples (1-1001)    priority 31
  1001  start_wqthread + 8 (libsystem_pthread.dylib + 7000) [0x18734af70]
    700  work + 20 (Demo + 100) [0x1a137b064] (running)
    301  wait + 36 (Demo + 800) [0x1a0bdd13c]
     *301  ??? (kernel + 5000) [0xfffffe0007a00000]

Process:          Other [322]
  Thread 0x1a2c    Thread name "other"    5 samples
  5  f (Other + 1) [0x1]
"""
SUMMARY = """\
Sort by top of stack, same collapsed (when >= 5):
        __workq_kernreturn  (in libsystem_kernel.dylib)        6772
        ???  (in libBNNS.dylib)  load address 0x1a137a000 + 0x65d74c  [0x1a19d774c]        319
"""
IPS = '{"app_name":"Demo","os_version":"macOS 26.4 (25E100)","bug_type":"309"}\n' + json.dumps(
    {
        "procName": "Demo",
        "pid": 321,
        "threads": [
            {"queue": "com.apple.coreml", "frames": [{"imageOffset": 100, "symbol": "f", "imageIndex": 0}]},
            {"name": "worker", "frames": [{"imageOffset": 16, "imageIndex": 1}, {"imageIndex": 9, "symbol": "g"}]},
        ],
        "usedImages": [{"name": "Demo", "uuid": "aa", "base": 4096, "path": "/a/Demo"}, {"name": "Lib", "base": 256}],
    },
    indent=1,
)
REPORTS = {
    "ips": (IPS, "Demo`f 1\ng;Lib`0x110 1\n", ["Thread 0 (com.apple.coreml)", "Thread 1 (worker)"]),
    "crash": (
        CRASH,
        "My App`main;libsystem_kernel.dylib`mach_msg2_trap 1\n"
        "libUnknown.dylib`0x1a0000010;libBNNS.dylib`BNNSGraphContextExecute_v2 1\n",
        ["Thread 0 (com.apple.main-thread)", "Thread 4 (com.apple.coreml)"],
    ),
    "crash without offsets": (
        BARE,
        "CoreML`__53-[MLNeuralNetworkEngine evaluateBatch:]_block_invoke.326;"
        "libdispatch.dylib`dispatch_group_leave.cold.1 1\n",
        ["Thread 10"],
    ),
    "lldb": (
        LLDB,
        "0x1bb527200;Lib`0x1bb52711c 1\nDemo`main(argc=1, argv=0x1);libsystem_kernel.dylib`mach_msg2_trap 1\n",
        ["Thread 1 (com.apple.main-thread)", "Thread 5 (worker)"],
    ),
    "spindump": (
        SPINDUMP,
        "Other`f 5\n"
        "libsystem_pthread.dylib`start_wqthread;Demo`wait;kernel`0xfffffe0007a00000 301\n"
        "libsystem_pthread.dylib`start_wqthread;Demo`work 700\n",
        ["com.apple.coreml", "other"],
    ),
    "summary": (
        SUMMARY,
        "libBNNS.dylib`0x1a19d774c 319\nlibsystem_kernel.dylib`__workq_kernreturn 6772\n",
        [""],
    ),
}
every_report = pytest.mark.parametrize("name", REPORTS)


def read(text: str, *, strict: bool = False) -> Profile:
    kind = sniff(text.encode())
    assert kind is not None
    return open_snapshot("x.txt", text.encode(), kind, strict=strict).profile()


@every_report
def test_a_report_is_told_and_read(name: str) -> None:
    text, folded, threads = REPORTS[name]
    assert sniff(text.encode()) == name.partition(" ")[0]
    profile = read(text, strict=True)
    assert sorted(to_folded(profile, images=True).splitlines()) == sorted(folded.splitlines())
    assert profile.threads["name"].tolist() == threads
    assert (profile.meta.format, profile.meta.unit, profile.meta.notices) == ("snapshot", "samples", ())


def test_reports_say_process_and_system() -> None:
    for name in ("ips", "crash"):
        facts = read(REPORTS[name][0]).meta.facts
        assert (facts.process, facts.pid, facts.os) == ("Demo", 321, "macOS 26.4 (25E100)")
    assert read(SPINDUMP).meta.facts.process is None, "there are two"
    assert read(SPINDUMP.partition("Process:          Other")[0]).meta.facts.process == "Demo"


def test_positions_and_images_are_kept() -> None:
    frames = read(CRASH).frames
    assert frames[frames["name"] == "main"][["file", "line"]].to_numpy().tolist() == [["main.m", 75]]
    assert read(IPS).binaries.iloc[0].tolist() == ["Demo", "/a/Demo", "AA", 4096]


def test_a_line_that_is_no_frame_is_counted() -> None:
    text = BARE.replace("1   CoreML", "?   CoreML")
    assert [(notice.code, notice.count) for notice in read(text).meta.notices] == [("malformed-line", 1)]
    with pytest.raises(InputError, match=r"^x\.txt: line 3 is no frame of a stack"):
        read(text, strict=True)


@pytest.mark.parametrize("text", ["{}", "main;f 3\n", "Thread 1:\nno frame\n", "thread #1\n", "Thread 0x1\n\n"])
def test_other_texts_are_not_taken(text: str) -> None:
    assert sniff(text.encode()) is None


@pytest.mark.parametrize(
    "text", ['{"bug_type":"309"}\n{', '{"bug_type":"309"}\n{"threads":[]}', '{"bug_type":"288"}\n{"processByPid":{}}']
)
def test_a_report_without_stacks_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: (is no JSON of a crash report|holds no stack of a thread)"):
        read(text)


@given(st.sampled_from(sorted(REPORTS)), st.data())
def test_a_damaged_report_is_read_or_refused(name: str, data: st.DataObject) -> None:
    text = REPORTS[name][0]
    cut = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    noise = data.draw(st.text(max_size=4))
    damaged = (text[: cut[0]] + noise + text[cut[1] :]).encode("utf-8", "replace")
    kind = sniff(damaged)
    if kind is not None:
        try:
            open_snapshot("x.txt", damaged, kind).profile()
        except TracekitError:
            return
