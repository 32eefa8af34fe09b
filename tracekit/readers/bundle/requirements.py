"""``open.creq``: what a reader must know to read the bundle, and the bundles that are refused from the start."""

from typing import Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.files import BundleFiles
from tracekit.readers.bundle.plist import BINARY_MAGIC, read_xml_plist
from tracekit.readers.bundle.shown import shown

_NAME: Final = "open.creq"
_TYPE_PREFIX: Final = "com.apple.dt.etype."
"""Types of columns. One that is not known only costs its columns, which are then given as numbers."""

_KNOWN: Final = {
    "com.apple.dt.Instruments.Hierarchies": 1,
    "com.apple.dt.ac.topology.XRT64_CC32_R_TypeID": 1,
    "com.apple.dt.ac.topology.XRTD64_CC32_R_TypeID": 1,
    "com.apple.dt.path-manager.compression": 1,
    "com.apple.dt.trace": 5,
}
"""Features by the highest version of each that has been seen."""

_UPDATE_HINT: Final = "Export it on a Mac with xcrun xctrace export, and open the export"


def run_numbers(files: BundleFiles) -> list[int]:
    """The runs of a bundle.

    Raises:
        UnsupportedError: it holds no run that could be read, and why.
    """
    found = files.names(r"corespace/run(\d{1,6})/core/table-manager/tables\.plist")
    numbers = sorted(int(match[1]) for match in found)
    if numbers:
        return numbers
    if files.names(r"Trace\d+\.run/.*") and "form.template" not in files:
        raise UnsupportedError(
            "the recording was never finished: Instruments left only its list of issues",
            where=files.path,
            hint="Record again, and let the time limit or Control-C once end it",
        )
    raise UnsupportedError(
        "the bundle holds no table that is known; it may come from an Instruments before version 12",
        where=files.path,
        hint="Record it again with a newer Xcode",
    )


def check_requirements(files: BundleFiles) -> None:
    """Refuse a bundle that needs what this reader does not know.

    Raises:
        UnsupportedError: it needs a feature, or a version of one, that has not been seen.
        InputError: the list of features is malformed.
    """
    if _NAME not in files:
        return
    data, where = files.read(_NAME), files.where(_NAME)
    features = None if data.startswith(BINARY_MAGIC) else read_xml_plist(data, where)
    if not isinstance(features, dict):
        raise InputError("the list of required features is damaged", where=where)
    for feature, requirement in features.items():
        version = requirement[0] if isinstance(requirement, list) and requirement else 1
        if not isinstance(version, int):
            raise InputError("the list of required features is damaged", where=where)
        known = 1 if str(feature).startswith(_TYPE_PREFIX) else _KNOWN.get(str(feature), 0)
        if version > known:
            raise UnsupportedError(
                f"the bundle needs {shown(str(feature))} {version}, which is not known",
                where=files.path,
                hint=_UPDATE_HINT,
            )
