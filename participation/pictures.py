"""What happens to an uploaded picture: it is decoded and written anew, so that nothing but its pixels is kept."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

LONGEST_SIDE = 1600  # pixels
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# What Pillow's decoders raise on files that are broken or made to break them.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, struct.error, zlib.error)


class Unreadable(Exception):  # noqa: N818 - said to a person, not a programmer's error
    """Not a picture in one of FORMATS, or a broken one."""


class TooLarge(Exception):  # noqa: N818 - as above
    """More bytes or more pixels than allowed."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture in our own encoding; `suffix` is its file ending."""

    content: bytes
    suffix: str  # .jpg or .webp


def reencode(file: BinaryIO, *, max_bytes: int, max_pixels: int) -> Encoded:
    """Decode `file` and encode its pixels anew, upright, at most LONGEST_SIDE wide and high.

    Location, camera, thumbnails, colour profile and anything hidden behind the image are dropped. Only the first frame
    of an animation is kept. Raises TooLarge before anything is decoded, and Unreadable.
    """
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise TooLarge
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > max_pixels:
                raise TooLarge
            # JPEG can be decoded at a fraction of its size: quicker, and far less memory.
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _encode(ImageOps.exif_transpose(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooLarge from bomb
    except _BROKEN as problem:
        raise Unreadable from problem


def _encode(image: Image.Image) -> Encoded:
    """JPEG, or WebP where there is transparency to keep. A new image carries no metadata to write."""
    see_through = image.has_transparency_data
    pixels = image.convert("RGBA" if see_through else "RGB")
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    out = BytesIO()
    if see_through:
        bare.save(out, "WEBP", quality=82, method=4)
        return Encoded(out.getvalue(), ".webp")
    bare.save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return Encoded(out.getvalue(), ".jpg")
