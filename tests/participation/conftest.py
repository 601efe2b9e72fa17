"""A small place with two wards, and pictures made on the spot."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from participation.accounts.models import User
from participation.models import Place
from tests.factories import PlaceFactory, WardFactory, resident_of, staff_of

GEO = Path(settings.BASE_DIR).parent / "shared" / "data" / "geo"


@dataclass
class Town:
    place: Place
    wards: list[Place]

    def resident(self, ward: int = 0, **fields: Any) -> User:
        return resident_of(self.wards[ward], **fields)

    def staff(self, kind: str, **fields: Any) -> User:
        return staff_of(self.place, kind, **fields)


def build_town() -> Town:
    place = PlaceFactory(name="Larkmoor", slug="larkmoor")
    return Town(place, [WardFactory(parent=place, name="Mill"), WardFactory(parent=place, name="Quay")])


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def picture_file(size: tuple[int, int] = (120, 80), form: str = "JPEG", mode: str = "RGB", **save: Any) -> BytesIO:
    """An image file in memory, ready to be read."""
    file = BytesIO()
    Image.new(mode, size, "#0b5d57" if mode != "P" else 3).save(file, form, **save)
    file.seek(0)
    file.name = f"holiday.{form.lower()}"
    return file


def geo_file(name: str) -> Path:
    """A real file of the project's shared data; the test is skipped where it is not there."""
    path = GEO / name
    if not path.exists():
        pytest.skip(f"../shared/data/geo/{name} is not beside this checkout")
    return path


Signer = Callable[..., Any]
