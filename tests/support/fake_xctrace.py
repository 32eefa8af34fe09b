"""A Mac's command-line tools, as far as tracekit uses them: the behaviour that docs/recording.md describes, as tables.

``fake_mac.py`` puts it on PATH under the tools' names. Only the standard library is used, and nothing of tracekit.
What it does is set by environment variables:

    FAKE_XCODE       13.4, 14.3, 16.4, 26.2, 26.5 (default) or 27.0
    FAKE_FAILURE     one of FAILURES
    FAKE_SAVING_S    how long a bundle takes to save after the recording ended
    FAKE_LANGUAGE    de: what is printed is German
    FAKE_SAMPLE      the recording that exports come from; default by compute units
    FAKE_PHONE       the phone is offline, locked, untrusted or in no-developer-mode
    FAKE_HARNESS     the program that the compiler makes, instead of fake_harness.py
"""

import json
import os
import re
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import FrameType

SAMPLES = Path(__file__).resolve().parents[2] / "sample_traces"

VERSIONS = {
    "13.4": "xctrace version 13.4 (13F17a)",
    "14.3": "xctrace version 14.3.1 (14E300c)",
    "16.4": "xctrace version 16.0 (16F6)",
    "26.2": "xctrace version 26.0 (17C52)",
    "26.5": "xctrace version 16.0 (17F113)",
    "27.0": "xctrace version 27.0 (27A266a)",
}
COMMON_TEMPLATES = ["Activity Monitor", "Allocations", "App Launch", "CPU Profiler", "Logging", "Time Profiler"]
TEMPLATES = {
    "13.4": [*COMMON_TEMPLATES, "Core ML"],
    "14.3": COMMON_TEMPLATES,
    "16.4": [*COMMON_TEMPLATES, "Core ML"],
    "26.2": [*COMMON_TEMPLATES, "Core ML"],
    "26.5": [*COMMON_TEMPLATES, "Core ML"],
    "27.0": [*COMMON_TEMPLATES, "Core AI", "Foundation Models"],
}
INSTRUMENTS = ["Core ML", "GPU", "Neural Engine", "Points of Interest", "Time Profiler", "os_signpost"]
SAMPLE_OF_UNITS = {
    "all": "mlprogram-split",
    "cpuOnly": "cpu-only",
    "cpuAndGPU": "mlprogram-split",
    "cpuAndNeuralEngine": "legacy-nn-ane",
}
ENCODING = {
    "13.4": "xcode16.4",
    "14.3": "xcode16.4",
    "16.4": "xcode16.4",
    "26.2": "xcode16.4",
    "26.5": "xcode26.5",
    "27.0": "xcode27",
}
ANE_TABLE = {"16.4": "ane-hw-intervals-internal", "26.2": "ane-hw-intervals-internal"}

TEXTS = {
    "en": {
        "start": "Starting recording with the {template} template.",
        "stop": "Ctrl-C to stop the recording",
        "exited": "Target app exited, ending recording...",
        "limit": "Reached specified time limit, ending recording...",
        "saving": "Recording completed. Saving output file...",
        "saved": "Output file saved as: {name}",
        "templates": "Standard Templates",
        "instruments": "Standard Instruments",
        "devices": "Devices",
    },
    "de": {
        "start": "Aufzeichnung mit der Vorlage {template} wird gestartet.",
        "stop": "Strg-C beendet die Aufzeichnung",
        "exited": "Die Ziel-App wurde beendet, Aufzeichnung endet ...",
        "limit": "Zeitlimit erreicht, Aufzeichnung endet ...",
        "saving": "Aufzeichnung abgeschlossen. Datei wird gesichert ...",
        "saved": "Gesichert als: {name}",
        "templates": "Standardvorlagen",
        "instruments": "Standardinstrumente",
        "devices": "Geräte",
    },
}

FAILURES = {
    # before anything runs: tool, exit code, text
    "command-line-tools": (
        "xcrun",
        72,
        'xcrun: error: unable to find utility "xctrace", not a developer tool or in PATH',
    ),
    "licence": ("xcrun", 69, "You have not agreed to the Xcode license agreements. Please run 'sudo xcodebuild'"),
    # of `record`, without a bundle
    "kperf-lock": ("record", 1, "_lockKPerf: could not lock kperf. Likely another session just started."),
    "restricted-target": (
        "record",
        1,
        "Target process is marked restricted and cannot be traced while System Integrity Protection is enabled",
    ),
    "developer-tools-security": ("record", 1, "Failed to gain authorization"),
    "wrong-device": ("record", 1, "No devices found matching Phone of nobody"),
    "unknown": ("record", 3, "Something nobody has seen"),
    "rosetta": ("record", 1, "ktrace cannot trace the system under Rosetta translation"),
    # of `record`, with more than Time Profiler
    "instruments-fail": ("unfinished", 1, "Recording failed with errors."),
    "instruments-leave-nothing": ("record", 1, "Failed to start recording: Core ML data source failed"),
    # of `record`, with a bundle that was not finished
    "disk-full": ("unfinished", 1, "Cannot save: No space left on device"),
    "unfinished-bundle": ("unfinished", 0, ""),
    "privacy-prompt": ("hangs", 1, "Waiting for permission to record"),
    # of what was recorded
    "no-exit-status": ("contents", 0, ""),
    "no-profile-table": ("contents", 0, ""),
    "empty-table": ("contents", 0, ""),
    "contents-once": ("contents", 0, ""),
    "ktrace": ("contents", 0, "Recording failed with errors. Saving output file..."),
    "export-crashes-once": ("crashes", -11, ""),
    "export-crashes": ("crashes", -11, ""),
    "newer-trace": ("export", 1, "This version does not support the new engineering type 'coreml-model-event'"),
}

VERSION = os.environ.get("FAKE_XCODE", "26.5")
FAILURE = os.environ.get("FAKE_FAILURE", "")
SAVING_S = float(os.environ.get("FAKE_SAVING_S", "0.05"))
SAY = TEXTS[os.environ.get("FAKE_LANGUAGE", "en")]


def main(tool_and_arguments: list[str]) -> int:
    tool, *arguments = tool_and_arguments
    if tool == "xcrun":
        return xcrun(arguments)
    if tool == "codesign":
        return 0 if Path(arguments[-1]).is_file() else 1
    if tool == "caffeinate":
        return caffeinate()
    if tool == "sysctl":
        known = {"hw.optional.arm64": "1"}
        print(known[arguments[-1]])
        return 0
    if tool == "DevToolsSecurity":
        off = FAILURE == "developer-tools-security"
        print(f"Developer mode is currently {'disabled' if off else 'enabled'}.")
        return 0
    commands = {"version": version, "list": listing, "record": record, "export": export}
    if not arguments or arguments[0] not in commands:
        return fail(64, "xctrace: unknown command")
    return commands[arguments[0]](arguments[1:])


def caffeinate() -> int:
    """Nothing sleeps until it is ended."""
    (Path(os.environ["FAKE_BIN"]) / "was-awake").write_text("")
    signal.pause()
    return 0


def xcrun(arguments: list[str]) -> int:
    of, code, text = FAILURES.get(FAILURE, ("", 0, ""))
    if of == "xcrun":
        return fail(code, text)
    if arguments[:2] == ["--find", "xctrace"]:
        print(
            Path(sys.argv[0]).parent / "xctrace"
            if "FAKE_BIN" not in os.environ
            else f"{os.environ['FAKE_BIN']}/xctrace"
        )
        return 0
    if arguments == ["clang", "--version"]:
        print("Apple clang version 17.0.0 (fake)")
        return 0
    if arguments[:1] in (["devicectl"], ["xcodebuild"]):
        return {"devicectl": devicectl, "xcodebuild": xcodebuild}[arguments[0]](arguments[1:])
    if arguments[:1] == ["clang"]:
        return compile(arguments[1:])
    return fail(72, f'xcrun: error: unable to find utility "{arguments[0]}", not a developer tool or in PATH')


def compile(arguments: list[str]) -> int:
    """The stand-in for the Mac's compiler: what it makes is the stand-in for the harness."""
    if FAILURE == "compiler":
        return fail(1, "harness.m:12:1: error: a fake error")
    missing = [each for each in arguments if each.endswith((".m", ".c")) and not Path(each).is_file()]
    program = Path(arguments[arguments.index("-o") + 1])
    stand_in = f'"{sys.executable}" -I -S "{Path(__file__).with_name("fake_harness.py")}"'
    program.write_text(f'#!/bin/sh\nexec {os.environ.get("FAKE_HARNESS", stand_in)} "$@"\n')
    program.chmod(0o755)
    return fail(1, f"error: no such file: {missing}") if missing else 0


PHONE = "00008110-0001AAAA22228888"
PHONE_STATE = os.environ.get("FAKE_PHONE", "")


def devicectl(arguments: list[str]) -> int:
    given = dict(zip(arguments, [*arguments[1:], ""], strict=True))
    if arguments[:2] == ["list", "devices"]:
        phone = {
            "hardwareProperties": {"udid": PHONE},
            "connectionProperties": {"pairingState": "unpaired" if PHONE_STATE == "untrusted" else "paired"},
            "deviceProperties": {
                "developerModeStatus": "disabled" if PHONE_STATE == "no-developer-mode" else "enabled"
            },
        }
        Path(given["--json-output"]).write_text(json.dumps({"result": {"devices": [phone]}}))
        return 0
    if arguments[:3] == ["device", "info", "lockState"]:
        answer = {"result": {"passcodeRequired": PHONE_STATE == "locked", "unlockedSinceBoot": True}}
        Path(given["--json-output"]).write_text(json.dumps(answer))
        return 0
    if given["--device"] != PHONE:
        return fail(1, "ERROR: The specified device was not found.")
    if arguments[:3] == ["device", "install", "app"]:
        return 0 if Path(arguments[-1]).is_dir() else fail(1, "ERROR: no such app")
    if arguments[:3] == ["device", "process", "launch"]:
        return on_phone(arguments[arguments.index(PHONE) + 1 :])
    if arguments[:3] == ["device", "copy", "from"]:
        source = documents() / Path(given["--source"]).name
        if not source.exists():
            return fail(1, f"ERROR: {given['--source']} was not found")
        Path(given["--destination"]).write_bytes(source.read_bytes())
        return 0
    return fail(64, "devicectl: unknown command")


def xcodebuild(arguments: list[str]) -> int:
    given = dict(pairwise(arguments))
    if FAILURE == "no-signing":
        return fail(65, 'TracekitHarness.xcodeproj: error: No Account for Team "ABCDE12345". Add a new account.')
    if given["-destination"] != f"id={PHONE}" or not (Path(given["-project"]) / "project.pbxproj").is_file():
        return fail(70, "xcodebuild: error: Unable to find a destination matching the provided destination specifier")
    (Path(given["-derivedDataPath"]) / f"Build/Products/Release-iphoneos/{given['-scheme']}.app").mkdir(parents=True)
    return 0


def documents() -> Path:
    folder = Path(os.environ["FAKE_BIN"]).with_name("phone")
    folder.mkdir(exist_ok=True)
    return folder


def on_phone(command: list[str]) -> int:
    """Run the app with its Documents as its folder."""
    import subprocess

    program = [sys.executable, "-I", "-S", str(Path(__file__).with_name("fake_harness.py"))]
    environment = {**os.environ, "FAKE_SAMPLE": sample_for(command)}
    return subprocess.run([*program, *command[1:]], cwd=documents(), env=environment, check=False).returncode


def version(_: list[str]) -> int:
    print(VERSIONS[VERSION])
    return 0


def listing(arguments: list[str]) -> int:
    instruments = [*INSTRUMENTS, *(["Core AI"] if VERSION == "27.0" else [])]
    names = {"templates": TEMPLATES[VERSION], "instruments": instruments, "devices": []}[arguments[0]]
    # Older versions list on stderr.
    stream = sys.stderr if VERSION == "14.3" else sys.stdout
    print(f"== {SAY[arguments[0]]} ==", file=stream)
    if arguments[0] == "devices":
        print("kazu's MB pro (34DA2EBC-0000-0000-0000-000000000000)", file=stream)
        offline = "\n== Devices Offline ==\n" if PHONE_STATE == "offline" else ""
        print(f"{offline}Jane's iPhone (18.2) ({PHONE})", file=stream)
        print("\n== Simulators ==\nApple TV Simulator (15.0) (58FE1111-0000-0000-0000-000000000000)", file=stream)
    for name in names:
        print(name, file=stream)
    return 0


FLAGS = {"--no-prompt", "--all-processes", "--append-run", "--show-recording-options"}
OPTIONS = {
    "--template", "--instrument", "--output", "--time-limit", "--device", "--attach", "--env",
    "--target-stdout", "--target-stdin", "--package", "--window", "--notify-tracing-started", "--recording-options",
}  # fmt: skip
NEEDS = {"--recording-options": 27, "--show-recording-options": 27, "--instrument": 14}


def record(arguments: list[str]) -> int:
    given: dict[str, list[str]] = {}
    target: list[str] = []
    while arguments:
        name = arguments.pop(0)
        if float(NEEDS.get(name, 0)) > float(VERSION):
            return fail(64, f"xctrace: unrecognized option {name}")
        if name == "--launch":
            if not arguments or arguments.pop(0) != "--":
                return fail(64, "xctrace: --launch needs --")
            target, arguments = arguments, []
            given["--launch"] = target
        elif name in FLAGS:
            given[name] = []
        elif name in OPTIONS:
            given.setdefault(name, []).append(arguments.pop(0))
        else:
            return fail(64, f"xctrace: unrecognized option {name}")
    if "--show-recording-options" in given:
        keys = ["contextSwitchSampling", "highFrequencySampling", "recordKernelStacks", "recordWaitingThreads"]
        print(json.dumps({"Hangs": {}, "Points of Interest": {}, "Time Profiler": dict.fromkeys(keys, False)}))
        return 0
    return recording(given, target)


def recording(given: dict[str, list[str]], target: list[str]) -> int:
    template = given.get("--template", ["Blank"])[0]
    bundle = Path(given["--output"][0])
    if template not in TEMPLATES[VERSION]:
        return fail(1, f"Cannot find template matching name: {template}")
    if bundle.exists() and "--append-run" not in given:
        return fail(1, "Output file already exists")
    if "--recording-options" in given and not valid_options(Path(given["--recording-options"][0])):
        return fail(57, "recording options: data recordWaitingThreads is missing")
    of, code, text = FAILURES.get(FAILURE, ("", 0, ""))
    if FAILURE.startswith("instruments-") and template == "Time Profiler" and "--instrument" not in given:
        of = ""
    if of == "record":
        return fail(code, text)
    refused = refuse_target(given, target)
    if refused is not None:
        return fail(*refused)
    print(SAY["start"].format(template=template), flush=True)
    print(SAY["stop"], flush=True)
    stops = Stops()
    bundle.mkdir(exist_ok=True)
    (bundle / "RunIssues.storedata").write_text("")
    if of in ("contents", "hangs") and text:
        print(text, flush=True)
    if of == "hangs":
        while not stops.count:
            time.sleep(0.02)
        return code
    ended = run_target(given, target, stops)
    time.sleep(SAVING_S)
    if of == "unfinished":
        (bundle / "form.template").unlink(missing_ok=True)
        return fail(code, text)
    print(SAY["saving"], flush=True)
    write_bundle(bundle, given, target, template, ended)
    print(SAY["saved"].format(name=bundle.name), flush=True)
    return 54 if target and ended["status"] != 0 else 0


def refuse_target(given: dict[str, list[str]], target: list[str]) -> tuple[int, str] | None:
    """Why there is nothing to record; None where there is."""
    device = given.get("--device", [""])[0]
    if device not in ("", PHONE):
        return 1, f"No devices found matching {device}"
    if device and "--target-stdout" in given:
        return 64, "xctrace: --target-stdout is not supported on this device"
    if device and target and ("/" in target[0] or PHONE_STATE == "locked"):
        why = "the device was not, or could not be, unlocked" if PHONE_STATE == "locked" else "it is not installed"
        return 1, f"Unable to launch {target[0]} because {why}."
    name = given.get("--attach", [""])[0]
    if name and not device and not (name.isdecimal() and is_running(int(name))):
        return 21, f"Cannot find process for provided pid: {name}"
    if device and name and name not in ("Maps", "4711"):
        return 21, f"Cannot find process matching name: {name}"
    return None


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


class Stops:
    """SIGINTs that arrived. More than one changes nothing."""

    def __init__(self) -> None:
        self.count = 0
        signal.signal(signal.SIGINT, self)

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


def valid_options(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text())["Time Profiler"]["recordWaitingThreads"], bool)
    except (OSError, ValueError, KeyError):
        return False


def run_target(given: dict[str, list[str]], target: list[str], stops: Stops) -> dict[str, object]:
    import subprocess  # here, as it takes time to import

    limit = seconds(given["--time-limit"][0])
    began = time.monotonic()
    if not target:
        while not stops.count and time.monotonic() - began < limit:
            time.sleep(0.02)
        return {"reason": "User pressed Stop" if stops.count else "Time limit reached", "status": 0, "pid": 1}
    if given.get("--device"):
        code = on_phone(target) if target[0].startswith("tracekit.harness.") else 0
        return {"reason": "Target app exited", "status": code, "pid": 1}
    # The parent's environment is not inherited; only what makes the fakes work.
    environment = {name: value for name, value in os.environ.items() if name.startswith("FAKE_")}
    environment |= dict(pair.split("=", 1) for pair in given.get("--env", []))
    environment["FAKE_SAMPLE"] = sample_for(target)
    out = given.get("--target-stdout", [os.devnull])[0]
    with Path(out).open("wb") as stream:
        child = subprocess.Popen(target, stdout=stream, stderr=subprocess.DEVNULL, env=environment)
        while child.poll() is None and not stops.count and time.monotonic() - began < limit:
            time.sleep(0.01)
        reason = "Target app exited" if child.poll() is not None else "Time limit reached"
        if child.poll() is None:
            reason = "User pressed Stop" if stops.count else reason
            child.kill()
            child.wait()
    print(SAY["exited" if reason == "Target app exited" else "limit"], flush=True)
    return {"reason": reason, "status": child.returncode, "pid": child.pid}


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()  # type: ignore[union-attr]
    return int(number) * {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}[unit]


def write_bundle(
    bundle: Path, given: dict[str, list[str]], target: list[str], template: str, ended: dict[str, object]
) -> None:
    contents = {
        "version": VERSION,
        "template": template,
        "instruments": given.get("--instrument", []),
        "target": target,
        "attached": given.get("--attach", []),
        "environment": given.get("--env", []),
        "options": given.get("--recording-options", []),
        "sample": sample_for(target),
        "units": units_of(target),
        "failure": FAILURE,
        "options_given": given,
        "device": given.get("--device"),
        "runs": 1,
        **ended,
    }
    if "--append-run" in given:
        contents["runs"] += json.loads((bundle / "fake.json").read_text())["runs"]
    (bundle / "fake.json").write_text(json.dumps(contents))
    (bundle / "form.template").write_text("")


def units_of(target: list[str]) -> str:
    return target[target.index("--compute-units") + 1] if "--compute-units" in target else "all"


def sample_for(target: list[str]) -> str:
    return os.environ.get("FAKE_SAMPLE") or SAMPLE_OF_UNITS[units_of(target)]


def crash(bundle: Path) -> None:
    """End by a signal, as xctrace does now and then."""
    if FAILURE == "export-crashes-once":
        if (bundle / "crashed").exists():
            return
        (bundle / "crashed").write_text("")
    os.kill(os.getpid(), signal.SIGSEGV)


def export(arguments: list[str]) -> int:
    given = dict(zip(arguments[::2], arguments[1::2], strict=False))
    if "--toc" in arguments:
        at = arguments.index("--toc")
        rest = arguments[:at] + arguments[at + 1 :]
        given = dict(zip(rest[::2], rest[1::2], strict=True)) | {"--toc": ""}
    bundle = Path(given["--input"])
    if not (bundle / "form.template").exists():
        return fail(10, "Export failed: Document Missing Template Error")
    contents = json.loads((bundle / "fake.json").read_text())
    of, code, text = FAILURES.get(FAILURE or contents["failure"], ("", 0, ""))
    if of == "export":
        return fail(code, text)
    if of == "crashes":
        crash(bundle)
    if contents["failure"] == "contents-once" and not (bundle / "asked").exists():
        (bundle / "asked").write_text("")
        return fail(1, "Export failed: try again")
    if "--toc" in given:
        document = table_of_contents(contents)
    else:
        schema = re.search(r'@schema="([^"]+)"', given["--xpath"])
        document = table(contents, schema[1]) if schema else details(given["--xpath"], contents["runs"])
    if "--output" in given:
        Path(given["--output"]).write_text(document)
        print(f"Finished export to the file: {given['--output']}")
    else:
        print(document)
    return 0


def schemas(contents: dict) -> list[str]:
    names = ["time-profile", "time-sample", "os-signpost", "thread-info", "time-info"]
    if contents["failure"] == "no-profile-table":
        names.remove("time-profile")
    if contents["template"] in ("Core ML", "Core AI") or "Neural Engine" in contents["instruments"]:
        names += [ANE_TABLE.get(contents["version"], "ane-hw-intervals"), "metal-gpu-intervals"]
    return names


def table_of_contents(contents: dict) -> str:
    build = VERSIONS[contents["version"]].removeprefix("xctrace version ")
    target = contents["target"]
    waiting = "1" if contents["options"] else "0"
    if target:
        process = (
            f'<process arguments={quoteattr(" ".join(target[1:]))} type="launched" '
            f"{'' if contents['failure'] == 'no-exit-status' else status(contents['status'])}"
            f'name={quoteattr(Path(target[0]).name)} pid="{contents["pid"]}"/>'
        )
    elif contents["attached"]:
        process = f'<process type="attached" name="Attached" pid="{contents["pid"]}"/>'
    else:
        process = ""
    tables = "".join(
        f'<table target-pid="SINGLE" schema="{name}" record-waiting-threads="{waiting}"/>' for name in schemas(contents)
    )
    variables = "".join(
        f"<variable name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in [("SECRET_TOKEN", "hunter2"), *(pair.split("=", 1) for pair in contents["environment"])]
    )
    runs = "".join(
        f"""    <run number="{number}">
        <info>
            <target>
                <device platform="macOS" model="MacBook Pro" name="Fake Mac" os-version="26.1 (25B78)" uuid="A9F3"/>
                {process}
                <environment>{variables}</environment>
            </target>
            <summary>
                <start-date>2026-01-20T17:44:51.000+01:00</start-date>
                <end-date>2026-01-20T17:44:52.162+01:00</end-date>
                <duration>1.162764</duration>
                <end-reason>{contents["reason"]}</end-reason>
                <instruments-version>{build}</instruments-version>
                <template-name>{contents["template"]}</template-name>
                <recording-mode>Deferred</recording-mode>
                <time-limit>10 minutes</time-limit>
            </summary>
        </info>
        <processes><process name="Fake" pid="{contents["pid"]}" path="/Users/jane.doe/Library/Caches/fake"/></processes>
        <data>{tables}</data>
        {TRACKS if os.environ.get("FAKE_DETAILS") else "<tracks/>"}
    </run>
"""
        for number in range(1, contents["runs"] + 1)
    )
    return f"""<?xml version="1.0"?>\n\n<trace-toc>\n{runs}</trace-toc>\n"""


TRACKS = (
    '<tracks><track name="Allocations"><details><detail name="Statistics"/><detail name="Allocations List"/></details>'
    '</track><track name="Leaks"><details><detail name="../Leaks"/></details></track></tracks>'
)
DETAILS = {("Allocations", "Allocations List"): (1, 2), ("Leaks", "../Leaks"): (2, 1)}
ALLOCATION = '<row address="0x6000" size="80" library="/Users/jane.doe/Library/x"/>'


def details(xpath: str, run: int) -> str:
    """A detail of a track; the statistics have no rows here, so that a query for them matches nothing."""
    names = re.findall(r'@name="([^"]+)"', xpath)
    place = DETAILS.get(tuple(names)) if xpath.startswith("/trace-toc/run/tracks/track[") else None
    if place is None:
        return '<?xml version="1.0"?>\n<trace-query-result/>'
    track, number = place
    path = f"//trace-toc[1]/run[{run}]/tracks[1]/track[{track}]/details[1]/detail[{number}]"
    return (
        f"<?xml version=\"1.0\"?>\n<trace-query-result><node xpath='{path}'>{ALLOCATION}</node></trace-query-result>\n"
    )


def status(code: int) -> str:
    reason = f"exit({code})" if code >= 0 else f"Namespace SIGNAL, Code {-code}"
    return f'return-exit-status="{code}" termination-reason="{reason}" '


ANE_COLUMNS = {
    "start": "start-time",
    "duration": "duration",
    "channel-name": "ane-event-name",
    "event-label": "formatted-label",
}

CLOCK_COLUMNS = {"update-time": "start-time", "mabs-epoch": "mach-absolute-time"}


def table(contents: dict, schema: str) -> str:
    """Of the last run; the samples' own say that they are of the first."""
    return table_of_a_run(contents, schema).replace("/run[1]/", f"/run[{contents['runs']}]/")


def table_of_a_run(contents: dict, schema: str) -> str:
    if schema not in schemas(contents):
        return '<?xml version="1.0"?>\n<trace-query-result/>'
    if schema == "time-profile":
        document = sample(contents)
        return (
            re.sub(r"<row>.*?</row>\s*", "", document, flags=re.S) if contents["failure"] == "empty-table" else document
        )
    rows = "".join(
        f"<row><start-time>{start}</start-time><duration>{duration}</duration>"
        f"<ane-event-name>Apple Neural Engine</ane-event-name>"
        f"<formatted-label>Neural Engine Prediction</formatted-label></row>\n"
        for start, duration in (ane_work(contents) if schema.startswith("ane-hw-intervals") else [])
    )
    columns_here = ANE_COLUMNS
    if schema == "time-info":
        columns_here = CLOCK_COLUMNS
        rows = "<row><start-time>0</start-time><mach-absolute-time>1000000000</mach-absolute-time></row>"
    columns = "".join(
        f"<col><mnemonic>{name}</mnemonic><name>{name}</name><engineering-type>{kind}</engineering-type></col>"
        for name, kind in columns_here.items()
    )
    return (
        f"<?xml version=\"1.0\"?>\n<trace-query-result>\n<node xpath='//trace-toc[1]/run[1]/data[1]/table[9]'>"
        f'<schema name="{schema}">{columns}</schema>{rows}</node></trace-query-result>\n'
    )


def ane_work(contents: dict) -> list[tuple[int, int]]:
    """The Neural Engine's work: the middle of every prediction; with cpuOnly none, or another process's."""
    truth = json.loads((SAMPLES / f"{contents['sample']}.truth.json").read_text())
    predictions = [(each["start_ns"], each["end_ns"]) for each in truth["runs"][0]["iterations"]]
    if contents["units"] == "cpuOnly":
        return [(end, 100_000) for _, end in predictions[:7]] if os.environ.get("FAKE_NOISY_ANE") else []
    return [(start + (end - start) // 4, (end - start) // 2) for start, end in predictions]


def sample(contents: dict) -> str:
    """The recording's CPU samples, spelt as this Xcode does where there is such a file."""
    import gzip

    files = sorted(SAMPLES.glob(f"{contents['sample']}.xcode*.xml*"))
    wanted = [path for path in files if f".{ENCODING[contents['version']]}." in path.name]
    path = (wanted or files)[0]
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    # The process that was launched takes the place of the one in the sample.
    contents_of_sample = (SAMPLES / f"{contents['sample']}.toc.xml").read_text()
    was = re.search(r'<process arguments="[^"]*"[^>]* pid="(\d+)"', contents_of_sample)
    if was and contents["target"]:
        for before, after in (("pid: ", ")"), ("(", ")"), (">", "<")):
            text = text.replace(f"{before}{was[1]}{after}", f"{before}{contents['pid']}{after}")
    return text


def quoteattr(text: str) -> str:
    return '"' + text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'


def fail(code: int, text: str) -> int:
    if text:
        print(text, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
