"""What has no name in a recording, as JSON: schema ``tracekit.names/1``."""

from typing import Any, Final

from tracekit.analysis.unnamed import Unnamed
from tracekit.model.profile import Meta
from tracekit.report.formats.analysis_json import source_of

SCHEMA: Final = "tracekit.names/1"


def unnamed_document(found: Unnamed, meta: Meta) -> dict[str, Any]:
    """Plain values; of images the columns of ``Unnamed.images``, heaviest first, load addresses in hexadecimal."""
    images = found.images.assign(load_addr=[f"{address:#x}" for address in found.images["load_addr"].tolist()])
    return {
        "schema": SCHEMA,
        "source": source_of(meta),
        "samples": found.stacks,
        "weight": {"unit": meta.unit, "total": found.weight},
        "unnamed": {"samples": found.samples, "share": found.share},
        "images": images.to_dict("records"),
    }
