import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.readers.text.conftest import Read
from tracekit.errors import InputError
from tracekit.model.folded import from_folded, to_folded
from tracekit.readers.text import open_text


def test_a_line_is_a_sample_and_its_number_the_weight(read: Read) -> None:
    profile = read("main;net 3\nmain 1\nmain;net 4\n")
    assert profile.samples["weight"].tolist() == [3, 1, 4]
    assert to_folded(profile) == "main 1\nmain;net 7\n"
    assert (profile.meta.unit, profile.meta.format, profile.meta.source) == ("samples", "folded", "x.txt")
    assert profile.threads.to_dict("records") == [{"tid": 0, "name": "", "pid": 0, "process": ""}]


def test_images_and_addresses_are_read_as_the_model_writes_them(read: Read) -> None:
    profile = read("main;Espresso`net;0x1f 3\n")
    assert list(profile.binaries["name"]) == ["Espresso"]
    assert profile.frames.set_index("name")["is_symbolicated"].to_dict() == {"main": True, "net": True, "0x1f": False}


def test_blank_lines_and_comments_mean_nothing(read: Read) -> None:
    profile = read("# by hand\n\nmain;f 1\n   \n", strict=True)
    assert (profile.weight, profile.meta.notices) == (1, ())


def test_lines_that_are_no_stack_are_skipped_and_counted(read: Read) -> None:
    text = "main;f 1\nmain;g\nmain;h 2\nmain;i 1.5\nmain;j 3\n"
    profile = read(text)
    assert profile.weight == 6
    (notice,) = profile.meta.notices
    assert (notice.code, notice.count) == ("skipped-row:malformed-line", 2)
    assert notice.message == "line 2 is not 'frame;frame weight' with a whole number as the weight"
    with pytest.raises(InputError, match=r"^x\.txt: line 2 is not 'frame;frame weight'"):
        read(text, strict=True)


@pytest.mark.parametrize("text", ["", "# nothing\n", "main\nnet\n", "12\n"])
def test_no_stack_at_all_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: holds no folded stack\. A line is"):
        open_text("x.txt", text.encode(), "folded").profile()


def test_weights_beyond_64_bits_are_an_error_not_a_crash(read: Read) -> None:
    with pytest.raises(InputError, match=r"^x\.txt: the weights add up to more than a 64-bit number"):
        read(f"a {2**62}\nb {2**62}\n")
    assert read(f"a 1\nb;c 2\nd {10**30}\n").weight == 3


def test_symbols_with_hostile_text_are_kept_as_they_are(read: Read) -> None:
    names = ["<img src=x onerror=alert(1)>", "\x1b[31mred\x1b[0m", "a\u2028b", "\u202eevil", "=cmd()"]
    assert list(read(";".join(names) + " 1\n").frames["name"]) == names[::-1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_line_ends_are_read_alike(read: Read, encoding: str, end: str) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    text = f"main;größe 3{end}main;λ 4{end}"
    profile = read(mark + text.encode(encoding), strict=True)
    assert to_folded(profile) == "main;größe 3\nmain;λ 4\n"


def test_bytes_that_are_not_utf8_are_shown_and_counted(read: Read) -> None:
    data = b"main;a 1\n" * 20 + b"main;caf\xe9 2\nmain;\xff\xfe 3\n"
    profile = read(data)
    assert profile.weight == 25
    assert "main;caf\ufffd 2\n" in to_folded(profile)
    (notice,) = profile.meta.notices
    assert (notice.code, notice.count) == ("undecodable-text", 2)
    with pytest.raises(InputError, match=r"^x\.txt: line 21 holds bytes that are not UTF-8"):
        read(data, strict=True)


def test_a_replacement_character_that_is_in_the_text_is_no_fault(read: Read) -> None:
    data = "main;caf\ufffd 2\n".encode() + b"main;a 1\n" * 20
    assert read(data, strict=True).meta.notices == ()


def test_binary_data_are_an_error() -> None:
    with pytest.raises(InputError, match=r"^x\.txt: line 2 holds binary data, not text"):
        open_text("x.txt", b"main 1\n\x00\x01", "folded")


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["main", "-[A b:]", "f(int) const"]), min_size=1, max_size=4), st.integers(0, 99)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_reader_and_the_model_read_the_same(stacks: list[tuple[list[str], int]]) -> None:
    text = "".join(f"{';'.join(path)} {weight}\n" for path, weight in stacks)
    profile = open_text("x.txt", text.encode(), "folded", strict=True).profile()
    assert profile.samples["weight"].tolist() == [weight for _, weight in stacks]
    assert to_folded(profile) == to_folded(from_folded(text))


def test_the_answer_of_inferno_reads_back_line_by_line(real_data: Path) -> None:
    path = real_data / "exports" / "time-profile_xcode14.3.expected.folded"
    profile = open_text(str(path), path.read_bytes(), "folded", strict=True).profile()
    assert to_folded(profile).splitlines() == sorted(path.read_text().splitlines())
    assert profile.weight == 9581
