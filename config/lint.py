"""Everything that is checked without running the site: `python -m config.lint` (`make lint`).

One line for each check, the findings below those that failed, exit code 1 if any did. A name runs only those checks:
`python -m config.lint ruff mypy`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SOURCES = ["config", "participation", "budgets", "commissioning", "realtime", "cms", "tests", "benchmarks", "manage.py"]
PRODUCTION = {
    "SITE_URL": "https://goodlocal.example",
    "ALLOWED_HOSTS": "goodlocal.example",
    "TRUSTED_PROXY_COUNT": "1",
    "DATABASE_URL": "postgres://good_local:x@127.0.0.1:1/good_local",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "DEFAULT_FROM_EMAIL": "Good Local <no-reply@goodlocal.example>",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A command; it fails by its exit code. `environment` is added to ours."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def templates() -> list[str]:
    """Our templates, but for plain-text mails, where white space is the content."""
    return [str(p.relative_to(ROOT)) for p in sorted((ROOT / "templates").rglob("*.html"))]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def checks(folder: str) -> list[Check]:
    """All checks; `folder` holds what the settings want to write."""
    here = {"GOOD_LOCAL_VAR": folder}
    return [
        Check("ruff", [str(BIN / "ruff"), "check", "--quiet", *SOURCES]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "--quiet", *SOURCES]),
        Check("pyproject", [str(BIN / "validate-pyproject"), "pyproject.toml"]),
        Check("imports", [str(BIN / "lint-imports"), "--no-cache"]),
        Check("djade", [str(BIN / "djade"), "--target-version", "5.2", "--check", *templates()]),
        Check("djlint", [str(BIN / "djlint"), "--lint", "--quiet", "templates"]),
        Check("migrations", manage("makemigrations", "--check", "--dry-run"), here),
        Check("deploy", manage("check", "--deploy", "--fail-level", "WARNING"), here | PRODUCTION),
        Check("mypy", [str(BIN / "mypy")], here),
    ]


def run(check: Check) -> bool:
    """Run one check and print its line; the findings follow when it failed."""
    started = time.monotonic()
    done = subprocess.run(
        check.command, cwd=ROOT, env=os.environ | check.environment, capture_output=True, text=True, check=False
    )
    verdict = "FAILED" if done.returncode else "ok"
    print(f"{check.name:<12}{verdict:<8}{time.monotonic() - started:5.1f} s", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr).strip(), flush=True)
    return done.returncode == 0


def main(names: Iterable[str]) -> int:
    wanted = set(names)
    with tempfile.TemporaryDirectory(prefix="good-local-lint-") as folder:
        chosen = [check for check in checks(folder) if not wanted or check.name in wanted]
        if unknown := wanted - {check.name for check in chosen}:
            print(f"No such check: {', '.join(sorted(unknown))}.")
            return 2
        failed = [check.name for check in chosen if not run(check)]
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
