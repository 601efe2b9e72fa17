"""What the checklist asks, value by value and day by day. The figures stand here a second time, on purpose."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from commissioning.checklist.deciding import Applies
from commissioning.checklist.duties import DUTIES, Stage
from commissioning.checklist.figures import FIGURES, Authority, Kind, Region
from commissioning.checklist.items import Item, items
from commissioning.rules import Route

pytestmark = pytest.mark.pure

NEEDED, POSSIBLE, NOT = Applies.NEEDED, Applies.POSSIBLE, Applies.NOT_NEEDED
SPRING = date(2026, 4, 1)
OLD, NEW = date(2025, 12, 31), date(2026, 1, 1)
ENGLAND = Region.ENGLAND
POUND = 100


def found(
    key: str, gross: int, kind: Kind | None = Kind.SERVICES, on: date = SPRING, region: Region = ENGLAND,
    route: Route = Route.CONTRACT, authority: Authority = Authority.COUNCIL,
) -> Item:  # fmt: skip
    return next(item for item in items(route, kind, gross, on, region, authority=authority) if item.key == key)


THRESHOLDS = [
    (OLD, Kind.GOODS, Authority.COUNCIL, 214_904),
    (OLD, Kind.SERVICES, Authority.COUNCIL, 214_904),
    (OLD, Kind.SERVICES, Authority.NHS, 139_688),
    (OLD, Kind.WORKS, Authority.COUNCIL, 5_372_609),
    (OLD, Kind.LIGHT, Authority.COUNCIL, 663_540),
    (NEW, Kind.GOODS, Authority.COUNCIL, 207_720),
    (NEW, Kind.SERVICES, Authority.OTHER, 207_720),
    (NEW, Kind.GOODS, Authority.NHS, 135_018),
    (NEW, Kind.WORKS, Authority.COUNCIL, 5_193_000),
    (NEW, Kind.WORKS, Authority.NHS, 5_193_000),
    (NEW, Kind.LIGHT, Authority.NHS, 663_540),
]


@pytest.mark.parametrize(("on", "kind", "authority", "pounds"), THRESHOLDS)
def test_from_the_threshold_on_the_full_rules_apply(on: date, kind: Kind, authority: Authority, pounds: int) -> None:
    for pence, full in ((-1, False), (0, True), (1, True)):
        gross = pounds * POUND + pence
        above = [
            found(key, gross, kind, on, authority=authority) for key in ("procedure-above", "uk4", "uk6", "uk7", "uk11")
        ]
        assert {(item.applies, item.figure) for item in above} == {(NEEDED if full else NOT, pounds * POUND)}
        for key in ("uk2", "uk3", "uk5", "uk12"):
            assert found(key, gross, kind, on, authority=authority).applies == (POSSIBLE if full else NOT)
        assert found("procedure-below", gross, kind, on, authority=authority).applies == (NOT if full else NEEDED)
        assert found("law-to-find", gross, kind, on, authority=authority).applies == NOT


@pytest.mark.parametrize(("authority", "pounds"), [(Authority.COUNCIL, 30_000), (Authority.NHS, 12_000)])
def test_the_notices_below_the_threshold(authority: Authority, pounds: int) -> None:
    for pence, asked in ((-1, False), (0, True), (1, True)):
        tender = found("uk4-below", pounds * POUND + pence, authority=authority)
        details = found("uk7-below", pounds * POUND + pence, authority=authority)
        assert (tender.applies, details.applies) == ((POSSIBLE, NEEDED) if asked else (NOT, NOT))
        assert tender.figure == details.figure == pounds * POUND
    assert found("uk7-below", 207_720 * POUND).applies == NOT
    assert not found("uk7-below", 40_000 * POUND, region=Region.WALES, on=OLD).sure


@pytest.mark.parametrize(
    ("key", "pounds", "asked", "route"),
    [
        ("uk1", 2_000_000, POSSIBLE, Route.CONTRACT),
        ("indicators", 5_000_000, NEEDED, Route.CONTRACT),
        ("uk9", 5_000_000, NEEDED, Route.CONTRACT),
        ("publish-contract", 5_000, NEEDED, Route.CONTRACT),
        ("publish-contract", 5_000, NEEDED, Route.VARIATION),
        ("publish-spend", 500, NEEDED, Route.IN_HOUSE),
        ("subsidy-principles", 315_000, POSSIBLE, Route.GRANT),
        ("subsidy-database", 100_000, POSSIBLE, Route.ASSET),
        ("undervalue", 2_000_000, POSSIBLE, Route.ASSET),
    ],
)
def test_what_is_asked_for_more_than_a_value(key: str, pounds: int, asked: Applies, route: Route) -> None:
    for pence, applies in ((-1, NOT), (0, NOT), (1, asked)):
        item = found(key, pounds * POUND + pence, route=route)
        assert (item.applies, item.figure) == (applies, pounds * POUND)


def test_works_of_more_than_five_million_below_the_threshold_need_no_indicators() -> None:
    assert found("indicators", 5_100_000 * POUND, Kind.WORKS).applies == NOT
    light = found("indicators", 6_000_000 * POUND, Kind.LIGHT)
    assert (light.applies, light.sure) == (POSSIBLE, False)


def test_a_competition_can_be_reserved_below_the_threshold_in_england_since_february_2026() -> None:
    began, limit = date(2026, 2, 4), 207_720 * POUND
    assert found("local-reservation", limit - 1, on=began - timedelta(days=1)).applies == NOT
    for day in (began, began + timedelta(days=1)):
        assert found("local-reservation", limit - 1, on=day).applies == POSSIBLE
        assert found("local-reservation", limit, on=day).applies == NOT
    for region in (Region.WALES, Region.SCOTLAND, Region.NORTHERN_IRELAND):
        assert found("local-reservation", 1_000 * POUND, on=began, region=region).applies == NOT
    assert found("local-reservation", 1_000 * POUND, authority=Authority.NHS).applies == NOT
    assert not found("local-reservation", 1_000 * POUND, authority=Authority.OTHER).sure


def test_social_value_is_a_duty_for_services_at_the_threshold() -> None:
    limit = 207_720 * POUND
    assert found("social-value", limit - 1).applies == POSSIBLE
    assert found("social-value", limit).applies == NEEDED
    assert found("social-value", 663_540 * POUND - 1, Kind.LIGHT).applies == POSSIBLE
    assert found("social-value", 663_540 * POUND, Kind.LIGHT).applies == NEEDED
    for kind in (Kind.GOODS, Kind.WORKS):
        assert found("social-value", 9_000_000 * POUND, kind).applies == NOT
    assert not found("social-value", limit, region=Region.SCOTLAND).sure
    model = found("social-value-model", limit)
    assert model.applies == POSSIBLE
    assert "not councils" in model.why


@pytest.mark.parametrize(
    ("region", "on"),
    [(Region.SCOTLAND, SPRING), (Region.WALES, NEW), (Region.UNKNOWN, SPRING), (ENGLAND, date(2025, 2, 23))],
)
def test_where_the_law_is_not_in_the_table_nothing_is_claimed(region: Region, on: date) -> None:
    asked = items(Route.CONTRACT, Kind.WORKS, 9_000_000 * POUND, on, region)
    to_find = next(item for item in asked if item.key == "law-to-find")
    assert (to_find.applies, to_find.sure) == (NEEDED, False)
    notices = [item for item in asked if item.key.startswith(("uk", "procedure"))]
    assert {(item.applies, item.figure, item.sure) for item in notices} == {(POSSIBLE, None, False)}


def test_until_the_end_of_2025_wales_has_the_same_thresholds() -> None:
    assert found("uk4", 214_904 * POUND, on=OLD, region=Region.WALES).applies == NEEDED
    assert found("uk4", 214_904 * POUND - 1, on=OLD, region=Region.WALES).applies == NOT


def test_a_change_is_held_against_the_value_after_it() -> None:
    limit = 207_720 * POUND
    for gross, applies in ((limit - 1, NOT), (limit, POSSIBLE)):
        assert found("change-crosses", gross, route=Route.VARIATION).applies == applies
        assert found("uk10", gross, route=Route.VARIATION).applies == applies
    assert found("change-allowed", 1, route=Route.VARIATION).applies == NEEDED


ASKED_BEFORE = {
    Route.GRANT: {"grant-not-contract", "power", "subsidy", "receiver", "agreement"},
    Route.CONTRACT: {"procedure-below", "small-firms"},
    Route.IN_HOUSE: {"budget"},
    Route.ASSET: {"subsidy", "receiver", "agreement", "best-price"},
    Route.VARIATION: {"change-allowed"},
}


@pytest.mark.parametrize("route", Route)
def test_what_each_route_asks_before_the_award(route: Route) -> None:
    kind = Kind.SERVICES if route in {Route.CONTRACT, Route.VARIATION} else None
    asked = items(route, kind, 6_000 * POUND, SPRING, ENGLAND)
    blocking = {item.key for item in asked if item.blocks}
    assert blocking == ASKED_BEFORE[route] | {"conflicts", "equality", "standing-orders"}
    assert len({item.key for item in asked}) == len(asked)
    assert all(item.text and item.why and item.source for item in asked)


def test_the_bodys_own_figure_stands_beside_its_own_rules() -> None:
    asked = items(Route.CONTRACT, Kind.GOODS, 1_000 * POUND, SPRING, ENGLAND, own_limit=25_000 * POUND)
    own = next(item for item in asked if item.key == "standing-orders")
    assert (own.applies, own.figure) == (NEEDED, 25_000 * POUND)


def test_no_two_figures_of_a_name_hold_at_once() -> None:
    by_name: dict[str, list[date]] = {}
    for row in FIGURES:
        assert isinstance(row.amount, int)
        by_name.setdefault(row.name, []).append(row.since)
    for since in by_name.values():
        assert all(one < other for one, other in pairwise(since))
    for day in (OLD, NEW, SPRING):
        for region in Region:
            held = [row.name for row in FIGURES if row.holds(day, region)]
            assert len(held) == len(set(held))


def test_what_follows_the_award_does_not_hold_it_up() -> None:
    after = {duty.key for duty in DUTIES if duty.stage == Stage.AFTER}
    assert {"uk6", "uk7", "uk9", "uk10", "uk11", "publish-spend"} <= after
    assert not any(
        item.blocks for item in items(Route.CONTRACT, Kind.WORKS, 10**9, SPRING, ENGLAND) if item.key in after
    )
