"""Which lines of a log may be about a neural network."""

import re
from typing import Final

_SUBSYSTEM: Final = re.compile(
    r"com\.apple\.(ane|appleneuralengine|espresso|coreml|coreai|metalperformanceshadersgraph)\b", re.IGNORECASE
)
_MESSAGE: Final = re.compile(
    r"ANE|Unsupported op(eration)? |BackgroundExecutionNotPermitted|submit GPU work from background"
)


def is_wanted(subsystem: object, message: str) -> bool:
    """Whether a line is kept: a framework's own, or one whose text speaks of the Neural Engine."""
    is_own = isinstance(subsystem, str) and _SUBSYSTEM.match(subsystem) is not None
    return is_own or _MESSAGE.search(message) is not None
