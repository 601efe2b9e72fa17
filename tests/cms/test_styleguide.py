"""The styleguide shows every component and asks the database nothing for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
# A map needs a place with boundaries.
ELSEWHERE = {"map_picker", "map_picker_scripts"}


def included(source: str) -> set[str]:
    """Names of the components that a template includes, and those they include."""
    names = set(re.findall(r"components/(\w+)\.html", source))
    return names.union(*(included((COMPONENTS / f"{name}.html").read_text(encoding="utf-8")) for name in names))


@pytest.mark.pure
def test_every_component_is_shown() -> None:
    templates = [COMPONENTS.parent / name for name in ("styleguide.html", "base.html", "django/forms/field.html")]
    templates += (COMPONENTS.parent / "styleguide").glob("*.html")
    shown = included("".join(path.read_text(encoding="utf-8") for path in templates))
    assert {path.stem for path in COMPONENTS.glob("*.html")} - shown == ELSEWHERE


@pytest.mark.pure
def test_every_component_says_what_it_needs() -> None:
    silent = [path.name for path in COMPONENTS.glob("*.html") if not path.read_text().startswith("{% comment %}")]
    assert not silent


@pytest.mark.django_db
def test_it_can_be_read_by_anyone(client: Client) -> None:
    response = client.get("/styleguide/")
    assert response.status_code == 200
    page = response.content.decode()
    assert "£60,000 for our streets" in page
    assert "The money ends here" in page
