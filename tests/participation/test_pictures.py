"""Pictures are decoded within limits and written anew."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD

from participation.pictures import LONGEST_SIDE, Encoded, TooLarge, Unreadable, reencode
from tests.participation.conftest import picture_file

pytestmark = pytest.mark.pure
LIMITS = {"max_bytes": 10_000_000, "max_pixels": 40_000_000}


def opened(encoded: Encoded) -> Image.Image:
    return Image.open(BytesIO(encoded.content))


def test_a_photo_loses_its_place_its_camera_and_its_comment() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera Maker 5000"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (53.0, 45.0, 30.0)
    file = picture_file(exif=exif, comment=b"secret words", icc_profile=b"profile bytes")
    assert b"Camera Maker" in file.getvalue()

    encoded = reencode(file, **LIMITS)

    again = opened(encoded)
    assert not again.getexif()
    assert again.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for trace in (b"Camera Maker", b"secret words", b"profile bytes"):
        assert trace not in encoded.content


def test_a_photo_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(reencode(picture_file((300, 200), exif=exif), **LIMITS)).size == (200, 300)


def test_a_large_picture_is_made_smaller_and_a_small_one_is_not_made_larger() -> None:
    assert max(opened(reencode(picture_file((4000, 3000)), **LIMITS)).size) == LONGEST_SIDE
    assert opened(reencode(picture_file((30, 20)), **LIMITS)).size == (30, 20)


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("GIF", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("PNG", "I;16")]
)
def test_every_usual_kind_becomes_a_jpeg(form: str, mode: str) -> None:
    file = BytesIO()
    Image.new(mode, (40, 30)).save(file, form)
    file.seek(0)
    encoded = reencode(file, **LIMITS)
    assert (encoded.suffix, opened(encoded).format) == (".jpg", "JPEG")


def test_what_is_see_through_stays_so() -> None:
    file = BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    encoded = reencode(file, **LIMITS)
    assert encoded.suffix == ".webp"
    assert opened(encoded).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_only_the_first_frame_of_an_animation_is_kept() -> None:
    file = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    file.seek(0)
    assert getattr(opened(reencode(file, **LIMITS)), "n_frames", 1) == 1


def bomb(width: int, height: int) -> BytesIO:
    """A PNG of a few kilobytes that says it has that many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.mark.parametrize("side", [6_400, 12_000, 40_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(TooLarge):
        reencode(bomb(side, side), **LIMITS)


def test_a_file_over_the_byte_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        reencode(picture_file(), max_bytes=100, max_pixels=40_000_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        picture_file(form="BMP").getvalue(),
        picture_file(form="TIFF").getvalue(),
        picture_file((400, 400)).getvalue()[:300],
        picture_file((400, 400), form="PNG").getvalue()[:120],
        b"GIF89a" + b"\xff" * 200,
        b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 40,
    ],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        reencode(BytesIO(content), **LIMITS)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_broken_anywhere_is_refused_or_read_but_never_a_crash(form: str) -> None:
    whole = picture_file((64, 64), form=form).getvalue()
    for position in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[position] ^= 0xA5
        with suppress(Unreadable, TooLarge):
            reencode(BytesIO(bytes(broken)), **LIMITS)
