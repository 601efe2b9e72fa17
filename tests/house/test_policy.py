"""The strict content security policy: sent with every page, and no page needs it loosened."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.matrix.addresses import address
from tests.matrix.test_urls import GET
from tests.matrix.world import ROLES, World

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = re.compile(
    r"<style\b|\sstyle=|\son(click|change|load|submit|input|key\w+|mouse\w+|focus|blur|error)=|javascript:",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")[^>]*>", re.IGNORECASE)
DIRECTIVES = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
    "form-action": "'self'", "frame-ancestors": "'none'", "connect-src": "'self'", "font-src": "'self'",
}  # fmt: skip


class Inline(HTMLParser):
    """Collects what the policy would block, and what would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        loads = [given.get("src"), given.get("href") if tag in {"link", "use"} else None]
        self.found += [
            f"{tag} {url}"
            for url in loads
            if url and re.match(r"(https?:)?//", url) and given.get("rel") != "canonical"
        ]
        self.found += [f"{tag} {url}" for url in given.values() if url and url.lower().startswith("javascript:")]


def inline(html: str) -> list[str]:
    parser = Inline()
    parser.feed(html)
    return parser.found


@pytest.mark.pure
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not INLINE.search(text)
    assert not SCRIPT.search(text)


@pytest.mark.pure
def test_what_is_inline_is_found() -> None:
    assert inline('<p style="a">') == ["p style"]
    assert inline("<button onclick=x>") == ["button onclick"]
    assert inline("<script>1</script><style></style>") == ["<script>", "<style>"]
    assert inline('<link href="//elsewhere.example/x.css"><a href="https://elsewhere.example">') == [
        "link //elsewhere.example/x.css"
    ]


def role_of(name: str) -> str:
    """Somebody who sees the page."""
    return next(role for role, seen in zip(ROLES, GET[name], strict=True) if seen == 200)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, row in GET.items() if 200 in row])
def test_a_page_keeps_the_strict_policy(name: str) -> None:
    world = World()
    response = world.client(role_of(name)).get(address(name, world))
    sent = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    if sent["default-src"] != "'none'":  # a picture needs nothing at all
        assert {directive: sent.get(directive) for directive in DIRECTIVES} == DIRECTIVES
    assert response["X-Content-Type-Options"] == "nosniff"
    if response["Content-Type"].startswith("text/html"):
        assert inline(response.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/accounts/login/", "/accounts/signup/", "/no-such-page/"])
def test_other_pages_keep_it_too(url: str) -> None:
    response = World().client("anonymous").get(url)
    assert "script-src 'self';" in response["Content-Security-Policy"] + ";"
    assert inline(response.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["participation:account", "budgets:vote", "budgets:receipt", "budgets:receipt_file", "participation:roles"],
)
def test_personal_pages_are_not_stored(name: str) -> None:
    world = World()
    role = next(
        role for role, seen in zip(ROLES, GET[name], strict=True) if seen in {200, "away"} and role != "anonymous"
    )
    response = world.client(role).get(address(name, world))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
