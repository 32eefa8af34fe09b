"""Lists of images in ``form.template``: the signatures of processes, of the kernel, and of shared caches.

    signature   u32 magic, u32 1, u32 pid, u32, u32 32, u32 images
    image       16 UUID, 8 unknown, u64 start, u64 end (ticks), u32 cpu, u32 subtype, u32 segments, u32 path length,
                path, segments of 16 name, u64 address, u64 size
    tail        u32 magic, u32 4, 16 UUID of the shared cache, u64 its base; may be missing

A process lists its own images and names those it uses of a shared cache by their place in it. Places in a cache
are relative to its base, which is in the tail of the process's signature.
"""

import struct
from dataclasses import dataclass
from typing import Final

from tracekit.errors import InputError, UnsupportedError
from tracekit.readers.bundle.addresses.images import ALWAYS, Image, Segment
from tracekit.readers.bundle.clock import Clock
from tracekit.readers.bundle.storage.keyed_archive import KeyedArchive, Node, uuid_text

_MAGIC: Final = 0xFF01FF02
_TAIL_MAGIC: Final = 0x00C0FFEE
_HEADER: Final = struct.Struct("<6I")
_IMAGE: Final = struct.Struct("<16s8xQQ4I")
_SEGMENT: Final = struct.Struct("<16sQQ")
_TAIL: Final = struct.Struct("<II16sQ")


@dataclass(frozen=True, slots=True)
class Signature:
    """A list of images, and the shared cache that goes with it."""

    images: tuple[Image, ...]
    cache_uuid: str = ""
    cache_base: int = 0


def parse_signature(data: bytes, clock: Clock | None, where: str) -> Signature:
    """Read a signature; lifetimes are turned to times of the run, or are without ends where no clock is known.

    Raises:
        UnsupportedError: it is of an unknown kind.
        InputError: it is cut off.
    """
    try:
        magic, _, _, _, _, count = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise UnsupportedError("a list of images is of an unknown kind", where=where)
        images, at = [], _HEADER.size
        for _ in range(count):
            image, at = _parse_image(data, at, clock)
            images.append(image)
    except struct.error as error:
        raise InputError("a list of images is cut off", where=where) from error
    if len(data) < at + _TAIL.size:
        return Signature(tuple(images))
    tail_magic, _, cache, base = _TAIL.unpack_from(data, at)
    if tail_magic != _TAIL_MAGIC:
        return Signature(tuple(images))
    return Signature(tuple(images), uuid_text(cache), base)


def process_images(template: KeyedArchive, run: int, pid: int, clock: Clock | None) -> tuple[Image, ...]:
    """The images of a process of a run; of the kernel for pid 0. Empty where none were recorded."""
    stores = template.top("com.apple.xray.symbolstoremanager.symbolstores").get(run).entries()
    symbols = next(  # kept under "device UUID.pid"
        (node for key, node in stores.items() if str(key).rpartition(".")[2] == str(pid)), Node(template, None)
    )
    data = symbols.field("com.apple.xray.symbolstore.signature").data()
    if data is None and pid == 0:
        data = template.top("com.apple.xray.symbolstore.kern.signatures").get(run).data()
    if data is None:
        return ()
    signature = parse_signature(data, clock, template.where)
    return signature.images + _cached_images(template, symbols, signature, clock)


def _cached_images(
    template: KeyedArchive, symbols: Node, signature: Signature, clock: Clock | None
) -> tuple[Image, ...]:
    places = {place.integer() for place in symbols.field("dsc_load_addresses").elements()}
    if not places:
        return ()
    cache = template.top("com.apple.xray.symbolstore.sharedcache.signatures").get(signature.cache_uuid)
    images: list[Image] = []
    for place, node in cache.entries().items():
        data = node.data() if place in places else None
        if data is not None:
            part = parse_signature(data, clock, template.where)
            images.extend(image.moved(signature.cache_base) for image in part.images)
    return tuple(images)


def _parse_image(data: bytes, at: int, clock: Clock | None) -> tuple[Image, int]:
    identity, start, end, cpu_type, _, segments, path_length = _IMAGE.unpack_from(data, at)
    at += _IMAGE.size
    path = data[at : at + path_length].rstrip(b"\0").decode("utf-8", "replace")
    at += path_length
    parts = []
    for _ in range(segments):
        name, address, size = _SEGMENT.unpack_from(data, at)
        parts.append(Segment(segment_name(name), address, size))
        at += _SEGMENT.size
    lifetime = ALWAYS if clock is None else clock.lifetime(start, end)
    return Image(uuid_text(identity), path, tuple(parts), cpu_type, lifetime), at


def segment_name(name: bytes) -> str:
    """A segment's name without the zeros that fill its 16 bytes."""
    return name.split(b"\0")[0].decode("utf-8", "replace")
