"""The official JSON schemas, from a folder that has them: `validate_package DIR --schemas DIR`, and the tests.

jsonschema and referencing are not among what the site needs to run, so they are imported when asked for. Nothing is
fetched: each `$ref` is answered from the folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from commissioning.standards import exact
from commissioning.standards import package as written
from commissioning.standards.findings import Finding

GRANTS_SCHEMA = "360-giving-package-schema.json"
GRANT_SCHEMA = "360-giving-schema.json"
RELEASES_SCHEMA = "ocds-1.1-release-package-schema.json"
RELEASE_SCHEMA = "ocds-1.1-patched-uk-metrics-release-schema.json"
# The package schema 1.4.3 still points at the grants of 1.4.2.
GRANT_ADDRESSES = tuple(
    f"https://raw.githubusercontent.com/ThreeSixtyGiving/standard/{version}/schema/{GRANT_SCHEMA}"
    for version in ("1.4.2", "1.4.3")
)
RELEASE_ADDRESS = "https://standard.open-contracting.org/schema/1__1__5/release-schema.json"


class NoValidator(RuntimeError):  # noqa: N818 - it says what is missing
    """jsonschema is not installed."""


def check_official(folder: Path, schemas: Path) -> Iterator[Finding]:
    """What the official schemas refuse of a package's two JSON files. Each item is checked alone, so a file may be of any
    length; what is of the whole list (at least one item) is checked with the first. Raises NoValidator, and FileNotFoundError
    for a schema that is not in the folder."""
    grant, release = _load(schemas / GRANT_SCHEMA), _load(schemas / RELEASE_SCHEMA)
    if (folder / written.GRANTS_JSON).is_file():
        yield from _validated(
            folder / written.GRANTS_JSON, "grants", _load(schemas / GRANTS_SCHEMA), grant, GRANT_ADDRESSES
        )
    if (folder / written.RELEASES).is_file():
        whole = _load(schemas / RELEASES_SCHEMA)
        yield from _validated(folder / written.RELEASES, "releases", whole, release, (RELEASE_ADDRESS,))


def validate(schemas: Path, kind: str, document: Any) -> Iterator[str]:
    """What the official schema of `grants` or `releases` refuses of a whole package in memory."""
    whole, item, addresses = {
        "grants": (GRANTS_SCHEMA, GRANT_SCHEMA, GRANT_ADDRESSES),
        "releases": (RELEASES_SCHEMA, RELEASE_SCHEMA, (RELEASE_ADDRESS,)),
    }[kind]
    validator = _validator(_load(schemas / whole), _load(schemas / item), addresses)
    for error in validator.iter_errors(_floats(document)):
        yield f"{error.json_path}: {error.message}"


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _validator(schema: Any, item: Any, addresses: tuple[str, ...]) -> Any:
    try:
        jsonschema: Any = import_module("jsonschema")
        referencing: Any = import_module("referencing")
        dialects: Any = import_module("referencing.jsonschema")
    except ImportError as error:
        raise NoValidator("The official schemas need the package jsonschema: pip install jsonschema.") from error
    # 360Giving names its dialect by an address that is not quite that dialect’s.
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    specification = dialects.specification_with(schema["$schema"], default=dialects.DRAFT202012)
    resource = referencing.Resource(contents=item, specification=specification)
    registry = referencing.Registry().with_resources([(address, resource) for address in addresses])
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_moment)
    formats.checks("uri", raises=ValueError)(_is_address)
    return kind(schema, registry=registry, format_checker=formats)


def _is_moment(value: Any) -> bool:
    """RFC 3339. The validator's own check would need a further package, and without one takes any text."""
    return not isinstance(value, str) or bool("T" in value and datetime.fromisoformat(value).tzinfo)


def _is_address(value: Any) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def _validated(path: Path, name: str, whole: Any, item: Any, addresses: tuple[str, ...]) -> Iterator[Finding]:
    one = _validator(item, item, addresses)
    package = _validator(whole, item, addresses)
    first: list[Any] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            for row, found in exact.items(file, name):
                if not row:
                    head = {**found, name: first}
                    for error in package.iter_errors(_floats(head)):
                        if list(error.absolute_path)[:1] != [name] or not first:
                            yield Finding("schema", path.name, None, "", error.json_path, error.message[:200])
                    return
                first = first or [found]
                for error in one.iter_errors(_floats(found)):
                    id = str(found.get("id", "")) if isinstance(found, dict) else ""
                    yield Finding("schema", path.name, row, id, error.json_path, error.message[:200])
    except exact.NotJson as error:
        yield Finding("file_unreadable", path.name, error.line, "", "", str(error)[:80])


def _floats(value: Any) -> Any:
    """The schema wants floats; only their being numbers counts here."""
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return value if isinstance(value, str | int | bool) or value is None else float(value)
