"""Loading a postcode directory: by the operator, in batches, so that an interrupted import goes on where it stopped."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

from participation.models import Postcode, PostcodeImport
from participation.postcodes import Row
from participation.refusals import Refused

BATCH = 5_000
FIELDS = ("district_code", "ward_code", "lsoa_code", "latitude", "longitude")


def import_postcodes(
    *, rows: Iterable[Row], digest: str, file_name: str, now: datetime, progress: Callable[[int], None]
) -> int:
    """Load the rows of the file with this digest that are not loaded yet; returns how many that were.

    Each batch is one transaction together with the note of how far it got. A postcode that is there is brought up to
    date; none is removed. `progress` is told the rows done so far. Refuses `import_running` when another import of the
    same file has moved on meanwhile.
    """
    note, _created = PostcodeImport.objects.get_or_create(digest=digest, defaults={"file_name": file_name[-200:]})
    if note.finished_at:
        return 0
    done = started_at = note.rows_done
    for batch in _batches(islice(rows, done, None)):
        _load(digest, done, batch)
        done += len(batch)
        progress(done)
    PostcodeImport.objects.filter(pk=digest).update(finished_at=now)
    return done - started_at


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


@transaction.atomic
def _load(digest: str, done: int, batch: list[Row]) -> None:
    if not PostcodeImport.objects.filter(pk=digest, rows_done=done).update(rows_done=done + len(batch)):
        raise Refused("import_running")
    # One row per postcode: a statement must not write the same row twice.
    latest = {row.code: row for row in batch}
    Postcode.objects.bulk_create(
        [Postcode(code=row.code, **{field: getattr(row, field) for field in FIELDS}) for row in latest.values()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=FIELDS,
        batch_size=1_000,
    )
