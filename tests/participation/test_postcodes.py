"""Postcode directories: read, loaded in batches, taken up again; and where a person lives."""

import gzip
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from participation.actions import postcodes as loading
from participation.actions.places import set_residence, set_residence_area
from participation.models import Postcode, PostcodeImport, Residence
from participation.postcodes import BadPostcodeFile, read_postcodes
from tests.factories import PlaceFactory, PostcodeFactory, UserFactory, WardFactory
from tests.participation.conftest import Town, geo_file
from tests.refusals import refuses

HEADER = "pcds,lad25cd,lsoa21cd,wd25cd,lat,long\n"
Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def make(text: str, name: str = "postcodes.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return make


# ── Reading ──────────────────────────────────────────────────────────────────
@pytest.mark.pure
def test_columns_are_found_by_how_they_begin(write: Writer) -> None:
    text = (
        "\ufeffPCDS,x,wd24nm,WD24CD,lad24cd,lsoa21,lat,long\n"
        'pr1 2he,1,"Town, Centre",E05000001,E07000123,E01000001,53.7,-2.7\n'
        "ZZ1 1AA,1,None,E05000001,E07000123,,99.999999,0.000000\n"
    )
    first, second = read_postcodes(write(text))
    assert (first.code, first.ward_code, first.district_code) == ("PR12HE", "E05000001", "E07000123")
    assert (first.lsoa_code, first.latitude, first.longitude) == ("E01000001", 53.7, -2.7)
    assert (second.lsoa_code, second.latitude, second.longitude) == ("", None, None)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: no column called pcds or lad… or wd…"),
        ("pcds,wd25cd\n", "line 1: no column called lad…"),
        (HEADER, "line 2: there is no postcode"),
        (HEADER + "PR1 2HE,E07000123\n", "line 2: 2 columns where 6 are needed"),
        (
            HEADER + "PR1 2HE,E07000123,,E05000001,53,-2\nhello?,E07000123,,E05000001,53,-2\n",
            "line 3: 'hello\\?' is not a",
        ),
        (HEADER + "PR1 2HE,Preston,,E05000001,53,-2\n", "line 2: 'Preston' is not the code"),
        (HEADER + "PR1 2HE,E07000123,,E05000001,north,-2\n", "line 2: 'north' is not a number"),
        (HEADER + "PR1 2HE,E07000123,,E05000001,nan,-2\n", "line 2: 'nan' is not a number"),
        (HEADER + "PR1 2HE,E07000123,,E05000001,53,-200\n", "line 2: '-200' is not a number"),
        (HEADER + '"PR1 2HE\n', "line"),
    ],
)
def test_a_bad_file_is_one_line_with_its_number(write: Writer, text: str, said: str) -> None:
    with pytest.raises(BadPostcodeFile, match=said):
        list(read_postcodes(write(text)))


@pytest.mark.pure
def test_a_file_that_is_no_text_or_cut_off(write: Writer, tmp_path: Path) -> None:
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00rubbish")
    with pytest.raises(BadPostcodeFile, match="not a text file"):
        list(read_postcodes(binary))
    whole = write(HEADER + "PR1 2HE,E07000123,,E05000001,53,-2\n" * 5000, "all.csv.gz").read_bytes()
    for name, content in {"cut.csv.gz": whole[: len(whole) // 2], "no.csv.gz": b"not gzip at all"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadPostcodeFile, match="broken or cut off"):
            list(read_postcodes(tmp_path / name))


# ── Loading ──────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_the_postcodes_of_preston(capsys: Any) -> None:
    file = geo_file("preston_postcodes.csv")
    call_command("import_postcodes", str(file))
    rows = sum(1 for _row in read_postcodes(file))
    assert Postcode.objects.count() == rows == 6152
    known = Postcode.objects.get(pk="PR02AA")
    assert (known.district_code, known.ward_code, known.lsoa_code) == ("E07000123", "E05012198", "E01025247")
    assert capsys.readouterr().out.splitlines()[-1] == "preston_postcodes.csv: 6,152 postcodes loaded."
    call_command("import_postcodes", str(file))
    assert capsys.readouterr().out.splitlines()[-1] == "preston_postcodes.csv: loaded before."


@pytest.mark.django_db
def test_the_postcodes_of_lancashire_come_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("import_postcodes", str(geo_file("lancashire14_postcodes.csv.gz")))
    assert Postcode.objects.filter(district_code="E06000008").exists()
    assert Postcode.objects.count() > 30_000


def text_of(count: int, ward: str = "E05000001") -> str:
    lines = (f"ZZ{n // 100 + 1} {n % 100 // 10}{'ABCDEFGHJK'[n % 10]}B,E07000123,,{ward},53,-2\n" for n in range(count))
    return HEADER + "".join(lines)


@pytest.mark.django_db
def test_an_interrupted_import_goes_on_where_it_stopped(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 10)
    bad = write(text_of(25) + "rubbish\n")
    with pytest.raises(CommandError, match="line 27"):
        call_command("import_postcodes", str(bad))
    note = PostcodeImport.objects.get()
    assert (note.rows_done, note.finished_at, Postcode.objects.count()) == (20, None, 20)

    done: list[int] = []
    rows = list(read_postcodes(write(text_of(25), "good.csv")))
    Postcode.objects.all().delete()
    moment = datetime.now().astimezone()
    arguments: dict[str, Any] = {"file_name": "x", "now": moment, "progress": done.append}
    assert loading.import_postcodes(rows=rows, digest=note.digest, **arguments) == 5
    assert (done, Postcode.objects.count()) == ([25], 5)  # the first twenty were not read again
    assert loading.import_postcodes(rows=rows, digest=note.digest, **arguments) == 0


@pytest.mark.django_db
def test_two_imports_of_a_file_do_not_both_go_on(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 10)
    rows = list(read_postcodes(write(text_of(30))))

    def another_moves_on(done: int) -> None:
        PostcodeImport.objects.update(rows_done=done + 10)

    with refuses("import_running"):
        loading.import_postcodes(
            rows=rows, digest="d", file_name="x", now=datetime.now().astimezone(), progress=another_moves_on
        )
    assert Postcode.objects.count() == 10


@pytest.mark.django_db
def test_a_newer_file_brings_postcodes_up_to_date(write: Writer) -> None:
    call_command("import_postcodes", str(write(text_of(5) + text_of(2, "E05000003").removeprefix(HEADER))))
    call_command("import_postcodes", str(write(text_of(3, "E05000002"), "newer.csv")))
    wards = Postcode.objects.order_by("code").values_list("ward_code", flat=True)
    assert list(wards) == ["E05000002"] * 3 + ["E05000001"] * 2


# ── Where a person lives ─────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_postcode_gives_the_ward_and_is_not_kept(town: Town, now: datetime) -> None:
    PostcodeFactory(code="ZZ11AA", ward=town.wards[0])
    PostcodeFactory(code="ZZ11AB", ward=town.wards[0])
    person = UserFactory()
    first = set_residence(by=person, postcode="zz1  1aa", now=now)
    assert first.area == town.wards[0]
    stored = str(Residence.objects.values().get())
    assert "ZZ11AA" not in stored.upper().replace(" ", "")
    assert set_residence(by=person, postcode="ZZ1 1AA", now=now).postcode_token == first.postcode_token
    assert set_residence(by=person, postcode="ZZ1 1AB", now=now).postcode_token != first.postcode_token
    assert Residence.objects.count() == 1


@pytest.mark.django_db
def test_the_token_hangs_on_the_server_s_key(town: Town, now: datetime, settings: Any) -> None:
    PostcodeFactory(code="ZZ11AA", ward=town.wards[0])
    first = set_residence(by=UserFactory(), postcode="ZZ1 1AA", now=now).postcode_token
    settings.IDENTITY_KEY = "another"
    assert set_residence(by=UserFactory(), postcode="ZZ1 1AA", now=now).postcode_token != first


@pytest.mark.django_db
def test_a_postcode_unknown_or_elsewhere_is_refused(town: Town, now: datetime) -> None:
    PostcodeFactory(code="ZZ11AA", ward_code="E05999999", district_code="E07999999")
    for postcode, code in (("ZZ9 9ZZ", "unknown_postcode"), ("ZZ1 1AA", "postcode_elsewhere")):
        with refuses(code):
            set_residence(by=UserFactory(), postcode=postcode, now=now)


@pytest.mark.django_db
@pytest.mark.parametrize("has_code", [True, False])
def test_a_code_claimed_before_the_postcodes_came_takes_nobody(town: Town, now: datetime, has_code: bool) -> None:
    claiming = PlaceFactory() if has_code else PlaceFactory(gss_code=None)
    WardFactory(parent=claiming, gss_code="E05000888")
    WardFactory(parent=claiming, gss_code="E07000666")
    PostcodeFactory(code="ZZ11AA", ward_code="E05000888", district_code=town.place.gss_code)
    PostcodeFactory(code="ZZ11AB", ward_code="E05000889", district_code="E07000666")
    assert set_residence(by=UserFactory(), postcode="ZZ1 1AA", now=now).area == town.place
    with refuses("postcode_elsewhere"):
        set_residence(by=UserFactory(), postcode="ZZ1 1AB", now=now)


@pytest.mark.django_db
def test_a_council_without_a_code_still_has_its_wards(now: datetime) -> None:
    ward = WardFactory(parent=PlaceFactory(gss_code=None))
    PostcodeFactory(code="ZZ11AA", ward_code=ward.gss_code, district_code="E07000666")
    assert set_residence(by=UserFactory(), postcode="ZZ1 1AA", now=now).area == ward


@pytest.mark.django_db
def test_where_the_ward_is_unknown_it_is_chosen_within_the_council(town: Town, now: datetime) -> None:
    PostcodeFactory(code="ZZ11AA", ward_code="E05999999", district_code=town.place.gss_code)
    person = UserFactory()
    with refuses("postcode_first"):
        set_residence_area(by=person, area_id=town.wards[0].pk, now=now)
    assert set_residence(by=person, postcode="ZZ1 1AA", now=now).area == town.place
    with refuses("area_elsewhere"):
        set_residence_area(by=person, area_id=WardFactory().pk, now=now)
    assert set_residence_area(by=person, area_id=town.wards[0].pk, now=now).area == town.wards[0]
    with refuses("area_elsewhere"):  # a ward once chosen is changed by giving the postcode again
        set_residence_area(by=person, area_id=town.wards[1].pk, now=now)


@pytest.mark.django_db
def test_without_any_postcodes_a_ward_is_chosen_freely(now: datetime) -> None:
    ward = WardFactory(parent=PlaceFactory())
    residence = set_residence_area(by=UserFactory(), area_id=ward.pk, now=now)
    assert (residence.area, residence.postcode_token) == (ward, "")
