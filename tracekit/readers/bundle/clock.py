"""From the clock of the recorded machine to times of a run."""

from dataclasses import dataclass

from tracekit.readers.bundle.addresses.images import ALWAYS
from tracekit.readers.bundle.storage.keyed_archive import Node

_NEVER_ENDS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Clock:
    """Ticks of ``mach_absolute_time`` at the start of a run, and how long a tick is."""

    ticks: int
    numerator: int
    denominator: int
    offset_ns: int
    """How much later the run's time 0 is than ``ticks``."""

    @classmethod
    def read(cls, run: Node) -> "Clock | None":
        """The clock of a run's record in ``form.template``; None where it is not recorded.

        ``mach_time_info`` holds, for the device, absolute ticks, numerator, denominator, continuous ticks and the
        unix seconds of that moment. That the first item is the clock of image lifetimes is seen in recordings that
        launched their target: counted from it, every lifetime begins within the run.
        """
        for moments in run.get("mach_time_info").entries().values():
            items = [item.number() for item in moments.elements()]
            if len(items) < 3 or not all(isinstance(item, int) and item > 0 for item in items[:3]):
                continue
            ticks, numerator, denominator = (int(item or 0) for item in items[:3])
            unix_s, start_ns = items[4] if len(items) > 4 else None, run.get("startTime").integer()
            known = isinstance(unix_s, float) and start_ns is not None and abs(unix_s) < 1e10
            offset = (start_ns or 0) - round((unix_s or 0) * 1e9) if known else 0
            return cls(ticks, numerator, denominator, offset if abs(offset) < 10**9 else 0)
        return None

    def lifetime(self, start: int, end: int) -> tuple[int, int]:
        """Two moments in ticks as times of the run; 0 and the largest number stand for always."""
        return (
            ALWAYS[0] if start == 0 else self._time(start),
            ALWAYS[1] if end == _NEVER_ENDS else self._time(end),
        )

    def _time(self, ticks: int) -> int:
        time = (ticks - self.ticks) * self.numerator // self.denominator - self.offset_ns
        return min(max(time, ALWAYS[0]), ALWAYS[1])
