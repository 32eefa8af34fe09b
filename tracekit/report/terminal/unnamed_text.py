"""``tracekit doctor TRACE``: what has no name, and what would name it."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tracekit.analysis.unnamed import Unnamed
from tracekit.analysis.words import counted
from tracekit.files import as_argument
from tracekit.report.next_steps import named
from tracekit.report.numbers import share_text, visible
from tracekit.report.terminal.drawing import bare_table, command_text

_OF_APPLE = ("/System/", "/usr/lib/")


def unnamed_view(found: Unnamed, path: str, run: int = 1) -> RenderableType:
    """The share of samples with nameless functions, the images they lie in, and a line for what helps each kind."""
    if not found.stacks:
        return Text("No sample has a stack.")
    if not found.samples:
        return Text(f"Every function on the stacks of {counted(found.stacks, 'sample')} has a name.")
    lead = (
        f"{share_text(found.share).strip()} of the weight of {counted(found.stacks, 'sample')} has a function "
        "without a name on its stack."
    )
    table = bare_table()
    for heading in ("share", "as leaf", "samples", "functions"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("image")
    table.add_column("UUID", no_wrap=True)
    for row in found.images.to_dict("records"):
        table.add_row(
            share_text(row["share"]),
            share_text(row["leaf_share"]),
            f"{row['samples']:,}",
            f"{row['functions']:,}",
            Text(visible(row["image"]) or "(in no image)", overflow="fold"),
            visible(row["uuid"]),
        )
    return Group(Text(lead), Text(), table, Text(), *_helps(found, named(path, run)))


def _helps(found: Unnamed, trace: str) -> Iterator[Text]:
    """What names the functions of each kind of image."""
    images = found.images
    is_known = (images["uuid"] != "") & (images["load_addr"] > 0)
    is_apples = images["path"].str.startswith(_OF_APPLE)
    own = images[is_known & ~is_apples]
    for image, uuid in zip(own["image"], map(visible, own["uuid"]), strict=True):
        command = f"tracekit analyze {trace} --dsym {as_argument(f'{image}.dSYM')}"
        yield command_text(visible(f"{image}: {command}"))
        finding = f"mdfind 'com_apple_xcode_dsym_uuids == {uuid}'"
        yield command_text(f"    On a Mac, this finds a dSYM of that UUID: {finding}")
    if (is_known & is_apples).any():
        yield Text("Apple publishes no dSYM of its libraries, and many of their inner functions have no name at all.")
        yield command_text("    What the Mac that recorded can name: xcrun xctrace symbolicate --input RUN.trace")
    if (~is_known & (images["image"] != "")).any():
        yield Text("Where no UUID or no load address was recorded, no dSYM can be matched.")
    if (images["image"] == "").any():
        yield Text(
            "Code in no image was made while the program ran, or the recording lists no images: exports of Xcode 14.2 "
            "and before (open the .trace instead), and bundles of Instruments 8 to 11."
        )
