"""What Core ML and the Neural Engine's driver write to the log about operations.

Seen in public reports, and no promise of Apple: ``Unsupported op 12 (softmax): reason`` of com.apple.espresso, and
``ANEProgramProcessRequestDirect() … status=0x…`` of com.apple.ane, once for each region of a model in each prediction.
They may read ``<private>`` unless the program ran with OS_ACTIVITY_DT_MODE.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

_UNSUPPORTED: Final = re.compile(r"Unsupported op(?:eration)?\s+\S*\s*\(([\w.]+)\)\s*:\s*(.+)")
_STATUS: Final = re.compile(r"ANEProgramProcessRequestDirect\(\).*?\bstatus\s*=\s*(0x[0-9a-fA-F]+|\d+)")


def reasons_in(messages: Iterable[str]) -> pd.DataFrame:
    """Why types are not supported. Columns: ``type``, ``reason`` str; each type once, with its first reason."""
    found: dict[str, str] = {}
    for message in messages:
        if match := _UNSUPPORTED.search(message):
            found.setdefault(match[1], match[2].strip())
    return pd.DataFrame(
        {"type": pd.Series(list(found), dtype="str"), "reason": pd.Series(list(found.values()), dtype="str")}
    )


def ane_statuses(messages: Iterable[str]) -> Mapping[int, int]:
    """How often the driver answered with each status; 0 is well."""
    return Counter(int(match[1], 0) for message in messages if (match := _STATUS.search(message)))
