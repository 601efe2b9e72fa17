"""Many casts at once, and casts around the close: one ballot each, and the database's clock decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from budgets.actions.ballots import Cast, cast_ballot
from budgets.models import Elector, Round, UrnBallot
from budgets.models.locks import hold_round, share_round
from tests.budgets.conftest import Town, build_town
from tests.threads import in_threads


def caster(town: Town, person: object, codes: list[str]):  # type: ignore[no-untyped-def]
    return lambda: cast_ballot(by=person, round_id=town.round.pk, selections={"whole": codes})  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_twelve_clicks_at_once_make_one_ballot_and_one_receipt() -> None:
    town = build_town()
    person = town.resident()
    casts = in_threads([caster(town, person, ["1", "3"])] * 12)
    assert {cast.receipt for cast in casts if isinstance(cast, Cast)} == {UrnBallot.objects.get().leaf}
    assert sum(cast.created for cast in casts) == 1
    assert Elector.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_ballots_of_one_person_at_once_leave_one_that_was_acknowledged() -> None:
    town = build_town()
    person = town.resident()
    casts = in_threads([caster(town, person, [code]) for code in ("1", "2", "3") * 3])
    ballot = UrnBallot.objects.get()
    assert ballot.leaf in {cast.receipt for cast in casts}


@pytest.mark.django_db(transaction=True)
def test_many_people_at_once_are_all_in_the_box() -> None:
    town = build_town()
    people = [town.resident() for _ in range(12)]
    casts = in_threads([caster(town, person, ["1"]) for person in people])
    assert sorted(cast.receipt for cast in casts) == sorted(UrnBallot.objects.values_list("leaf", flat=True))
    assert UrnBallot.objects.count() == len(people)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_cast_that_waited_past_the_close_is_refused() -> None:
    """The deadline is read after the lock: a ballot that was sent in time and held up comes too late."""
    town = build_town()
    person = town.resident()
    Round.objects.filter(pk=town.round.pk).update(voting_closes_at=timezone.now() + timedelta(seconds=1))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold_round(town.round.pk)
            waiting = pool.submit(in_threads, [caster(town, person, ["1"])])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(1.5)")
        assert waiting.result() == ["round_not_open"]
    assert not UrnBallot.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_casts_share_the_round_and_the_closer_waits_for_them() -> None:
    town = build_town()

    def closer_waits() -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(7146101, %s)", [town.round.pk])
            return not cursor.fetchone()[0]  # type: ignore[index]

    def another_cast_shares() -> bool:
        with transaction.atomic():
            share_round(town.round.pk)
        return True

    with transaction.atomic():
        share_round(town.round.pk)
        assert in_threads([closer_waits, another_cast_shares]) == [True, True]
