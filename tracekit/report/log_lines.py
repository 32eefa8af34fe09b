"""What a process's log says, in lines that a terminal and a page show alike. Names in them are as they were logged."""

from pathlib import PurePath

from tracekit.analysis.predictions.log import Logged


def log_title(log: Logged) -> str:
    """Whose log it is, where it was read, and whether its clock is the recording's."""
    when = "" if log.clock else ", whose clock is not joined to the recording"
    return f"the log of {log.process or 'the process'} ({PurePath(log.path).name}){when}"


def log_lines(log: Logged) -> list[str]:
    """What it says: first the requests to the Neural Engine, then what was refused, then who else asked."""
    times = f" × {log.inferences:,} inferences" if log.inferences is not None else ""
    regions = f": {log.regions:,} region{'' if log.regions == 1 else 's'}{times}" if log.regions else ""
    answered = ", ".join(f"0x{status:x} × {count:,}" for status, count in sorted(log.statuses.items()))
    asked = f"{log.count:,} request{'' if log.count == 1 else 's'}{regions}"
    said = [f"{asked}; status {answered}" if answered else asked]
    for count, what in (
        (log.compile_failures, "a segment was not compiled for the Neural Engine"),
        (log.background_denials, "work was refused because the app was in the background"),
        (log.cost_lines, "Espresso wrote what operations cost"),
    ):
        said += [f"{what} (lines: {count:,})"] if count else []
    said += [f"not supported: {row.type} ({row.reason})" for row in log.unsupported.itertuples(index=False)]
    others = log.processes[log.processes["pid"] != log.pid]
    return said + [f"{row.process} ({row.pid}): {row.requests:,} requests" for row in others.itertuples(index=False)]
