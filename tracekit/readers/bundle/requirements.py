"""``open.creq``: what a reader must know to read the bundle, and the bundles that are refused from the start."""

from typing import Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.facts import summary
from tracekit.readers.bundle.shown import shown
from tracekit.readers.bundle.storage.files import BundleFiles
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive
from tracekit.readers.bundle.storage.plist import BINARY_MAGIC, read_xml_plist

_NAME: Final = "open.creq"
_TYPE_PREFIX: Final = "com.apple.dt.etype."
"""Types of columns. One that is not known only costs its columns, which are then given as numbers."""

_KNOWN: Final = {
    "com.apple.dt.Instruments.Hierarchies": 1,
    "com.apple.dt.ac.topology.XRT50_C22_TypeID": 1,
    "com.apple.dt.ac.topology.XRTD50_CC22_TypeID": 1,
    "com.apple.dt.ac.topology.XRTD50_CC22_R_TypeID": 1,
    "com.apple.dt.ac.topology.XRT64_CC32_R_TypeID": 1,
    "com.apple.dt.ac.topology.XRTD64_CC32_R_TypeID": 1,
    "com.apple.dt.instruments.track_pinning": 1,
    "com.apple.dt.path-manager.compression": 1,
    "com.apple.dt.trace": 5,
    "com.apple.dt.xrindexset-coded": 3,
}
"""Features by the highest version of each that has been seen."""

_OLD_HINT: Final = (
    "Open it in the Xcode that made it, select the call tree and choose Edit ▸ Deep Copy: tracekit reads that text"
)
_UPDATE_HINT: Final = "Export it on a Mac with xcrun xctrace export, and open the export"


def run_numbers(files: BundleFiles) -> list[int]:
    """The runs of a bundle, without those that were deleted: of them an empty list of tables is left.

    Raises:
        UnsupportedError: it holds no run that could be read, and why.
    """
    found = files.names(r"corespace/run(\d{1,6})/core/table-manager/tables\.plist")
    numbers = sorted(int(match[1]) for match in found)
    with_tables = {int(match[1]) for match in files.names(r"corespace/run(\d{1,6})/core/stores/.*")}
    if numbers:
        return [number for number in numbers if number in with_tables] or numbers
    if files.names(r"Trace\d+\.run/.*") and "form.template" not in files:
        raise UnsupportedError(
            "the recording was never finished: Instruments left only its list of issues",
            where=files.path,
            hint="Record again, and let the time limit or Control-C once end it",
        )
    raise UnsupportedError(
        "the bundle holds no table that is known; it may come from an Instruments before version 8",
        where=files.path,
        hint="Record it again with a newer Xcode",
    )


def check_age(files: BundleFiles, template: KeyedArchive) -> None:
    """Refuse a bundle of Instruments 7 or before, which kept its samples in files of each instrument.

    Raises:
        UnsupportedError: it is one; of which system, as far as it says.
    """
    if has_symbol_stores(template) or files.names(r"corespace/run\d+/core/stores/.*/bulkstore"):
        return
    records = template.top("com.apple.xray.run.data").field("$1").entries().values()
    old = next((record for record in records if record.get("symbolsByPid").exists()), None)
    if old is None:
        return
    made_by = next((line for line in summary(old) if line.startswith("Instruments: ")), None)
    system = old.get("osVersion").get("ProductVersion").text()
    if made_by is not None:  # Instruments 7 wrote no summary
        version = shown(made_by.removeprefix("Instruments: "))
        what = f"of Instruments {version} and holds no tables: what Allocations and others kept beside them is not read"
    else:
        what = (
            f"of Instruments 7 or before{f' (on macOS {shown(system)})' if system else ''}, whose bundles are not read"
        )
    raise UnsupportedError(f"the recording is {what}", where=files.path, hint=_OLD_HINT)


def has_symbol_stores(template: KeyedArchive) -> bool:
    """Whether ``form.template`` says where images lay, as it does since Instruments 12."""
    return template.top("com.apple.xray.symbolstoremanager.symbolstores").exists()


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
