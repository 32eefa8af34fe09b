"""The plain-C part of the harness, compiled here and called: which shapes it picks, and the values it makes."""

import ctypes
import io
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.recording.harness.build import SOURCE

FIXED, ENUMERATED, RANGED = 1, 2, 3
FLOAT16, FLOAT32, FLOAT64, INT8, UINT8, INT32, INT64 = range(7)
DTYPES = ("<f2", "<f4", "<f8", "i1", "u1", "<i4", "<i8")
UNBOUNDED = 2**63 - 1


class Range(ctypes.Structure):
    _fields_ = (("low", ctypes.c_int64), ("high", ctypes.c_int64))


class Npy(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("rank", ctypes.c_size_t),
        ("shape", ctypes.c_int64 * 16),
        ("offset", ctypes.c_size_t),
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL | None:
    """The library, or None without a compiler."""
    from shutil import which

    if which("cc") is None:
        return None
    library = tmp_path_factory.mktemp("inputs") / "inputs.so"
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]
    subprocess.run(["cc", *flags, str(SOURCE / "inputs.c"), "-o", str(library), "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.tk_range_of.restype = Range
    loaded.tk_clamp.restype = ctypes.c_int64
    loaded.tk_choose_shape.restype = ctypes.c_bool
    loaded.tk_element_count.restype = ctypes.c_int64
    loaded.tk_half_from_double.restype = ctypes.c_uint16
    loaded.tk_double_from_half.restype = ctypes.c_double
    loaded.tk_seed.restype = ctypes.c_uint64
    loaded.tk_npy_parse.restype = ctypes.c_char_p
    return loaded


@pytest.fixture
def c(built: ctypes.CDLL | None, needed: Callable[[str], str]) -> ctypes.CDLL:
    needed("cc")
    assert built is not None
    return built


def longs(*values: int) -> ctypes.Array:
    return (ctypes.c_int64 * len(values))(*values)


def choose(
    c: ctypes.CDLL,
    kind: int,
    usual: list[int],
    shapes: list[list[int]] | None = None,
    ranges: list[tuple] | None = None,
) -> list[int] | None:
    """``ranges`` are NSRanges: least size, number of sizes."""
    rank = len(usual)
    flat = longs(*(size for shape in shapes or [] for size in shape))
    bounds = (Range * max(rank, 1))()
    for axis, (location, length) in enumerate(ranges or []):
        bounds[axis] = c.tk_range_of(ctypes.c_uint64(location), ctypes.c_uint64(length))
    chosen = longs(*[0] * rank)
    count = ctypes.c_size_t(len(shapes or []))
    found = c.tk_choose_shape(kind, longs(*usual), ctypes.c_size_t(rank), flat, count, bounds, chosen)
    return list(chosen) if found else None


@pytest.mark.parametrize(
    "kind, usual, more, expected",
    [
        (FIXED, [1, 3, 224, 224], {}, [1, 3, 224, 224]),
        (FIXED, [1, 0, 2], {}, None),
        (FIXED, [], {}, []),
        (FIXED, [1 << 20, 1 << 20], {}, None),
        (ENUMERATED, [1, 64], {"shapes": [[1, 32], [1, 64], [1, 128]]}, [1, 64]),
        (ENUMERATED, [1, 7], {"shapes": [[1, 32], [1, 64]]}, [1, 32]),
        (ENUMERATED, [1, 7], {"shapes": []}, None),
        (RANGED, [1, 512], {"ranges": [(1, 1), (1, 2048)]}, [1, 512]),
        (RANGED, [1, 1], {"ranges": [(1, 1), (16, 2033)]}, [1, 16]),
        (RANGED, [9, 4096], {"ranges": [(1, 4), (16, 100)]}, [4, 115]),
        (RANGED, [0, 0], {"ranges": [(1, UNBOUNDED), (8, UNBOUNDED)]}, [1, 8]),
        (RANGED, [3, 5], {"ranges": [(0, 0), (0, 2**64 - 1)]}, [3, 5]),
        (RANGED, [1], {"ranges": [(2**64 - 1, 1)]}, None),
    ],
)
def test_shapes(c: ctypes.CDLL, kind: int, usual: list[int], more: dict, expected: list[int] | None) -> None:
    assert choose(c, kind, usual, **more) == expected


@given(st.floats(width=64, allow_nan=False) | st.floats(-70000, 70000) | st.floats(-1e-4, 1e-4))
def test_half_floats_are_numpy_s(built: ctypes.CDLL | None, value: float) -> None:
    if built is None:
        pytest.skip("no C compiler: test_shapes says so too")
    with np.errstate(over="ignore"):
        expected = np.float64(value).astype(np.float16)
    assert built.tk_half_from_double(ctypes.c_double(value)) == int(expected.view(np.uint16))
    if np.isfinite(expected):
        assert built.tk_double_from_half(ctypes.c_uint16(int(expected.view(np.uint16)))) == float(expected)


@pytest.mark.parametrize("kind", range(7))
def test_filling_leaves_the_gaps_of_strides_alone(c: ctypes.CDLL, kind: int) -> None:
    dtype = np.dtype(DTYPES[kind])
    shape, strides = (2, 3, 5), (40, 8, 1)
    memory = np.full(100, 99, dtype)
    c.tk_fill(memory.ctypes.data_as(ctypes.c_void_p), kind, longs(*shape), longs(*strides), 3, ctypes.c_uint64(7))
    view = np.lib.stride_tricks.as_strided(memory, shape, [each * dtype.itemsize for each in strides])
    values = view.astype(np.float64)
    assert len(np.unique(values)) > 5
    if dtype.kind == "f":
        assert ((values >= 0) & (values < 1) & (values * 1024 == np.round(values * 1024))).all()
    else:
        assert set(values.ravel()) <= set(range(10))
    untouched = np.ones(100, bool)
    untouched[[40 * i + 8 * j + k for i in range(2) for j in range(3) for k in range(5)]] = False
    assert (memory[untouched] == 99).all()


def test_the_same_name_gives_the_same_values_in_every_float_type(c: ctypes.CDLL) -> None:
    assert c.tk_seed(b"image") == c.tk_seed(b"image") != c.tk_seed(b"mask")
    filled = []
    for kind in (FLOAT16, FLOAT32, FLOAT64):
        memory = np.zeros(64, DTYPES[kind])
        c.tk_fill(
            memory.ctypes.data_as(ctypes.c_void_p), kind, longs(64), longs(1), 1, ctypes.c_uint64(c.tk_seed(b"image"))
        )
        filled.append(memory.astype(np.float64).tolist())
    assert filled[0] == filled[1] == filled[2]


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def parse(c: ctypes.CDLL, data: bytes) -> tuple[Npy, str | None]:
    found = Npy()
    problem = c.tk_npy_parse(data, ctypes.c_size_t(len(data)), ctypes.byref(found))
    return found, None if problem is None else problem.decode()


@pytest.mark.parametrize("source", range(7))
@pytest.mark.parametrize("kind", [FLOAT16, FLOAT32, INT32])
def test_files_are_copied_by_value(c: ctypes.CDLL, source: int, kind: int) -> None:
    array = np.arange(24, dtype=DTYPES[source]).reshape(2, 3, 4)
    data = npy(array)
    header, problem = parse(c, data)
    assert problem is None
    assert (header.type, list(header.shape[: header.rank])) == (source, [2, 3, 4])
    memory = np.zeros((2, 3, 8), DTYPES[kind])
    body = ctypes.create_string_buffer(data[header.offset :])
    c.tk_copy(memory.ctypes.data_as(ctypes.c_void_p), kind, longs(2, 3, 4), longs(24, 8, 1), 3, body, source)
    assert memory[:, :, :4].tolist() == array.tolist()
    assert not memory[:, :, 4:].any()


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"", "it is no .npy file"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b"{}", "cut off or too long"),
        (npy(np.zeros((3, 2), order="F")), "Fortran order"),
        (npy(np.zeros(3, ">f4")), "element type"),
        (npy(np.zeros(3, "c8")), "element type"),
        (npy(np.zeros(3))[:-1], "cut off or too big"),
        (npy(np.zeros((1,) * 17)), "more than 16 axes"),
        (npy(np.zeros(3)).replace(b"(3,)", b"(-1)"), "shape cannot be read"),
        (npy(np.zeros(3)).replace(b"(3,), }    ", b"(99999999999"), "too big"),
        (npy(np.zeros(0)), "cut off or too big"),
    ],
)
def test_files_that_cannot_be_used(c: ctypes.CDLL, data: bytes, problem: str) -> None:
    assert problem in (parse(c, data)[1] or "")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_fit(built: ctypes.CDLL | None, tail: bytes) -> None:
    if built is None:
        pytest.skip("no C compiler: test_shapes says so too")
    data = b"\x93NUMPY\x01\x00" + tail
    header, problem = parse(built, data)
    assert problem is not None or header.offset <= len(data)
