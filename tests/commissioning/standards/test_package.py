"""A package: written, checked, read back, written again."""

import dataclasses
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commissioning.standards import official
from commissioning.standards.check_records import check_outcome
from commissioning.standards.checks import check_grants_csv, check_grants_json, check_package, check_releases_json
from commissioning.standards.outcome import Outcome, OutOfOrder, held
from commissioning.standards.package import write_package, write_zip
from commissioning.standards.read import read_package, unpack
from commissioning.standards.records import KINDS, Award, Contract, Decision, Organisation, key
from tests.commissioning.standards.data import (
    ELECTION,
    FIXTURES,
    KITCHEN,
    PACKAGE,
    SCHEMAS,
    at,
    contracted,
    files,
    granted,
    many,
    needs_schemas,
    organisations,
    outcome,
    records,
    with_,
)

pytestmark = [pytest.mark.pure, pytest.mark.once]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_package(tmp_path / "package", outcome(), [ELECTION])
    return tmp_path / "package"


def loaded(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def test_the_round_made_by_hand_has_no_faults(folder: Path) -> None:
    assert list(check_outcome(outcome())) == []
    assert list(check_package(folder)) == []


@needs_schemas
def test_the_official_schemas_accept_it(folder: Path) -> None:
    assert list(official.check_official(folder, SCHEMAS)) == []
    assert list(official.validate(SCHEMAS, "grants", loaded(folder, "360giving.json"))) == []
    assert list(official.validate(SCHEMAS, "releases", loaded(folder, "ocds.json"))) == []


@needs_schemas
def test_the_official_schemas_name_what_they_refuse(folder: Path) -> None:
    grants, releases = folder / "360giving.json", folder / "ocds.json"
    grants.write_text(grants.read_text().replace('"awardDate":"2026-06-20"', '"awardDate":"20 June"'))
    releases.write_text(releases.read_text().replace('"amount":42000', '"amount":"42000"'))
    found = [(finding.file, finding.row, finding.field) for finding in official.check_official(folder, SCHEMAS)]
    assert ("360giving.json", 3, "$.awardDate") in found
    assert any(file == "ocds.json" and row and "value.amount" in field for file, row, field in found)
    grants.write_text('{"grants":[]}')
    assert "grants" in str(next(official.check_official(folder, SCHEMAS)))


@needs_schemas
def test_the_fixtures_pass_our_checks_and_the_schemas() -> None:
    assert list(check_grants_json(FIXTURES / "pb_award_360giving.json")) == []
    assert list(check_grants_csv(FIXTURES / "pb_award_360giving.csv")) == []
    assert list(check_releases_json(FIXTURES / "pb_award_ocds_release_package.json")) == []
    for kind, name in (("grants", "pb_award_360giving.json"), ("releases", "pb_award_ocds_release_package.json")):
        assert list(official.validate(SCHEMAS, kind, loaded(FIXTURES, name))) == []


def test_read_back_and_written_again_it_is_byte_identical(folder: Path, tmp_path: Path) -> None:
    read = read_package(folder)
    write_package(tmp_path / "again", read.outcome, [(name, text()) for name, text in read.elections])
    assert files(tmp_path / "again") == files(folder)
    assert len(files(folder)) == 8


def test_the_zip_is_byte_stable_and_unpacks_to_the_same(folder: Path, tmp_path: Path) -> None:
    zips = []
    for _ in range(2):
        file = io.BytesIO()
        write_zip(file, folder, "larkmoor-2026")
        zips.append(file.getvalue())
    assert zips[0] == zips[1]
    (tmp_path / "p.zip").write_bytes(zips[0])
    unpack(tmp_path / "p.zip", tmp_path / "unpacked")
    assert files(tmp_path / "unpacked") == files(folder)
    assert {entry.date_time for entry in zipfile.ZipFile(tmp_path / "p.zip").infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_records_in_another_order_are_the_same_package(folder: Path, tmp_path: Path) -> None:
    write_package(tmp_path / "turned", held(PACKAGE, reversed(records())), [ELECTION])
    assert files(tmp_path / "turned") == files(folder)


def test_the_manifest_says_what_there_is_and_what_is_not_carried(folder: Path) -> None:
    manifest = loaded(folder, "manifest.json")
    assert set(manifest["files"]) == set(files(folder)) - {"manifest.json"}
    assert manifest["counts"]["awards"] == 3
    assert manifest["findings"] == {}
    assert set(manifest["notCarried"]) == {"package", *manifest["files"]}
    assert manifest["notCarried"]["outcomes.jsonl"] == []
    assert manifest["versions"]["360Giving"] == "1.4.3"


def test_faults_are_counted_in_the_manifest(tmp_path: Path) -> None:
    manifest = write_package(tmp_path / "p", outcome(with_(Award, "360G-larkmoor-P1", funding_organization="")))
    assert manifest["findings"] == {"funder_missing": 1}


def test_a_file_that_would_hold_nothing_is_not_written(tmp_path: Path) -> None:
    write_package(tmp_path / "grants", held(PACKAGE, [*organisations(), *granted()]))
    assert "ocds.json" not in files(tmp_path / "grants")
    write_package(tmp_path / "contracts", held(PACKAGE, [*organisations(), *contracted()]))
    assert not {"360giving.json", "360giving.csv", "vcse-grants.csv"} & set(files(tmp_path / "contracts"))
    write_package(tmp_path / "unregistered", outcome(package=dataclasses.replace(PACKAGE, ocid_prefix="")))
    assert "ocds.json" not in files(tmp_path / "unregistered")
    assert list(check_package(tmp_path / "contracts")) == []


def test_nothing_is_written_over(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        write_package(folder, outcome())
    with pytest.raises(ValueError, match="no name for an election"):
        write_package(folder.parent / "other", outcome(), [("../x.pb", "")])


@pytest.mark.parametrize("code", ["row_unsorted", "row_repeated", "project_unknown"])
def test_rows_out_of_order_are_refused_by_name(code: str, tmp_path: Path) -> None:
    good = outcome()
    first, *rest = good.awards()
    rows = {"row_unsorted": [*rest, first], "row_repeated": [first, first, *rest]}.get(code)
    rows = rows or [dataclasses.replace(first, project_id="P0"), *rest]
    bad = dataclasses.replace(good, awards=lambda: rows)
    with pytest.raises(OutOfOrder) as caught:
        write_package(tmp_path / "p", bad)
    assert (caught.value.code, caught.value.kind) == (code, "awards")
    assert [finding.code for finding in check_outcome(bad)][-1] == code


# ── 360Giving ───────────────────────────────────────────────────────────────
def test_a_grant_has_the_last_version_and_exact_amounts(folder: Path) -> None:
    text = (folder / "360giving.json").read_text()
    (grant,) = json.loads(text)["grants"]
    assert '"amountAwarded":14999.99,' in text
    assert '"amountDisbursed":5000.10,' in text
    place = grant["beneficiaryLocation"][0]
    assert [place[name] for name in ("geoCode", "geoCodeType", "latitude")] == ["E05012197", "WD", 53.761]
    assert grant["recipientOrganization"][0]["companyNumber"] == "01234567"
    assert grant["relatedActivity"] == ["P1"]


def test_a_grant_that_is_not_in_force_is_no_grant(tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome(with_(Award, "360G-larkmoor-P1", status="cancelled")))
    assert "360giving.json" not in files(tmp_path / "p")


def test_an_individual_is_named_by_a_made_up_id_alone(tmp_path: Path) -> None:
    change = with_(Award, "360G-larkmoor-P1", recipient_organization="", recipient_individual="360G-larkmoor-IND:7")
    write_package(tmp_path / "p", outcome(change))
    (grant,) = loaded(tmp_path / "p", "360giving.json")["grants"]
    assert grant["recipientIndividual"] == {"id": "360G-larkmoor-IND:7", "name": "Grant to an individual"}
    assert "recipientOrganization" not in grant


def test_the_seven_columns_of_the_transparency_code(folder: Path) -> None:
    lines = (folder / "vcse-grants.csv").read_text().splitlines()
    assert lines[0].count(",") == 6
    assert lines[1:] == [
        "2026-06-20,2026-07-01 to 2027-06-30,Communities,Fishwick Kitchen CIC,01234567,Community kitchen,14999.99"
    ]


def test_texts_that_look_like_formulas_stay_texts_in_csv(tmp_path: Path) -> None:
    changes = with_(Award, "360G-larkmoor-P1", title="=1+1"), with_(Organisation, KITCHEN, name="@sum")
    write_package(tmp_path / "p", outcome(*changes))
    for name in ("360giving.csv", "vcse-grants.csv"):
        text = (tmp_path / "p" / name).read_text()
        assert "'=1+1" in text
        assert "'@sum" in text
    assert loaded(tmp_path / "p", "360giving.json")["grants"][0]["title"] == "=1+1"


# ── OCDS ────────────────────────────────────────────────────────────────────
def test_a_process_has_a_release_for_each_moment(folder: Path) -> None:
    releases = loaded(folder, "ocds.json")["releases"]
    assert [(release["date"][:10], release["tag"]) for release in releases] == [
        ("2026-06-01", ["planning"]),
        ("2026-06-20", ["planningUpdate"]),
        ("2026-07-01", ["award"]),
        ("2026-07-05", ["contract", "implementation"]),
        ("2026-07-06", ["contractUpdate"]),
        ("2026-08-01", ["awardUpdate"]),
        ("2026-08-02", ["contractAmendment"]),
        ("2026-09-04", ["implementationUpdate"]),
        ("2026-09-11", ["implementationUpdate"]),
        ("2026-10-01", ["implementationUpdate"]),
    ]
    planning = releases[0]["planning"]
    assert planning["budget"]["projectID"] == "P2"
    assert (planning["milestones"][0]["type"], planning["milestones"][0]["dateMet"][:10]) == (
        "engagement",
        "2026-05-20",
    )
    assert "300 votes of 900 ballots" in planning["rationale"]
    assert releases[3]["contracts"][0]["agreedMetrics"][0]["observations"][0]["value"]["amount"] == 9000
    assert releases[5]["awards"][0]["amendments"][0]["rationale"] == "Stone is dearer."


def test_a_change_adds_releases_and_leaves_the_others_as_they_were(folder: Path, tmp_path: Path) -> None:
    before = (folder / "ocds.json").read_text().splitlines()
    last = max(outcome().contracts(), key=lambda row: row.version)
    ended = dataclasses.replace(last, version=3, status="terminated", amendment="Done.", date_modified=at(12, 2))
    write_package(tmp_path / "later", outcome(lambda row: [row, ended] if row == last else row))
    after = (tmp_path / "later" / "ocds.json").read_text().splitlines()
    assert [line.rstrip(",") for line in after[: len(before) - 1]] == [line.rstrip(",") for line in before[:-1]]
    (more,) = after[len(before) - 1 : -1]
    assert json.loads(more)["tag"] == ["contractTermination"]


def test_an_award_taken_back_is_a_cancellation(tmp_path: Path) -> None:
    def cancelled(row: Any) -> Any:
        return dataclasses.replace(row, status="cancelled") if isinstance(row, Award) and row.version == 2 else row

    write_package(tmp_path / "p", outcome(cancelled))
    assert ["awardCancellation"] in [release["tag"] for release in loaded(tmp_path / "p", "ocds.json")["releases"]]


def test_a_contract_that_is_only_planned_is_a_planning_release(tmp_path: Path) -> None:
    kept = [row for row in contracted() if not hasattr(row, "award_id") and not isinstance(row, Award)]
    kept = [row for row in kept if not hasattr(row, "metric_id")]
    write_package(tmp_path / "p", held(PACKAGE, [*organisations(), *kept]))
    releases = loaded(tmp_path / "p", "ocds.json")["releases"]
    assert [release["tag"] for release in releases] == [["planning"], ["planningUpdate"]]


def test_what_hangs_on_nothing_known_is_left_out(tmp_path: Path) -> None:
    """The checks name it; a file that is not refused by its readers is still written."""
    write_package(tmp_path / "p", outcome(with_(Contract, "K2", award_id="A9"), with_(Decision, "P2", votes=None)))
    text = (tmp_path / "p" / "ocds.json").read_text()
    assert "K2" not in text
    assert list(check_releases_json(tmp_path / "p" / "ocds.json")) == []


def streamed(projects: int) -> Outcome:
    """Rows that are made when they are asked for, and kept by nobody."""

    def of(kind: type[Any]) -> Callable[[], Iterator[Any]]:
        return lambda: (row for row in many(projects) if isinstance(row, kind))

    kinds = {name: of(kind) for name, kind in KINDS.items()}
    return Outcome(package=PACKAGE, **{**kinds, "organisations": lambda: sorted(organisations(), key=key)})


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """benchmarks/outcome_package.py does so with 250,000."""
    peaks = []
    for projects in (3, 3, 40):
        tracemalloc.start()
        write_package(tmp_path / f"{len(peaks)}", streamed(projects))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 70_000  # the rows themselves are 130,000 bytes more
    assert list(check_package(tmp_path / "2")) == []
