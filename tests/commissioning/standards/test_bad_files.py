"""Files of a package that are missing, changed or cannot be read: each is named, with its row."""

from pathlib import Path

import pytest

from commissioning.standards.checks import check_package
from commissioning.standards.lines import Malformed
from commissioning.standards.package import write_package
from commissioning.standards.read import check_files, read_manifest, read_package
from tests.commissioning.standards.data import ELECTION, outcome

pytestmark = [pytest.mark.pure, pytest.mark.once]


def test_missing_changed_and_unlisted_files_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    write_package(folder, outcome(), [ELECTION])
    (folder / "ocds.json").unlink()
    (folder / "outcomes.xlsx").write_bytes(b"PK")
    (folder / "more.txt").write_text("x")
    assert {(finding.code, finding.file) for finding in check_files(folder, read_manifest(folder))} == {
        *(("file_missing", "ocds.json"), ("file_changed", "outcomes.xlsx"), ("file_unlisted", "more.txt")),
    }
    with pytest.raises(Malformed, match="file is not there"):
        read_package(folder)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "file_unreadable"),
        ("[]", "file_unreadable"),
        ('{"format":"good-local-outcome-package","version":2,"files":{}}', "file_unreadable"),
        ('{"format":"good-local-outcome-package","version":1,"files":[]}', "file_unreadable"),
        ('{"format":"good-local-outcome-package","version":1,"files":{"../x":{"sha256":""}}}', "file_missing"),
        ("[" * 100_000, "file_unreadable"),
        (" " * (1 << 20) + "x", "file_large"),
    ],
)
def test_a_bad_manifest_is_named(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    (tmp_path.parent / "x").write_text("")
    assert code in {finding.code for finding in check_package(tmp_path)}
    with pytest.raises(Malformed):
        read_package(tmp_path)


LINE_FAULTS = {
    '{"awards":{"projectID":"P1"': "file_unreadable",
    "[1]": "file_unreadable",
    '{"spells":{}}': "field_unknown",
    '{"metrics":[]}': "value_wrong",
    '{"metrics":{"projectID":"P1","id":"V","title":"T","colour":"red"}}': "field_unknown",
    '{"metrics":{"projectID":"P1","id":"V","title":7}}': "value_wrong",
    '{"metrics":{"projectID":"P1","id":"V","title":"T","title":"U"}}': "file_unreadable",
    '{"decisions":{"projectID":"P1","title":"T","cost":1.001,"funded":true}}': "amount_no_number",
    '{"decisions":{"projectID":"P1","title":"T","cost":"1","funded":true}}': "amount_no_number",
    '{"decisions":{"projectID":"P1","title":"T","cost":1e999999999,"funded":true}}': "amount_no_number",
    '{"decisions":{"projectID":"P1","title":"T","cost":NaN,"funded":true}}': "file_unreadable",
    '{"decisions":{"projectID":"P1","title":"T","cost":1}}': "value_missing",
    '{"cases":{"projectID":"P1","id":"C","state":"sent","dateModified":"2026-06-31T00:00:00Z"}}': "date_no_date",
    '{"cases":{"projectID":"P1","id":"C","state":"sent","dateModified":"2026-06-30T00:00:00"}}': "date_no_date",
    '{"cases":' + "[" * 50_000: "file_unreadable",
    "9" * 5_000: "file_unreadable",
}


@pytest.mark.parametrize("line", LINE_FAULTS, ids=range(len(LINE_FAULTS)))
def test_a_line_that_cannot_be_read_is_named(line: str, tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome())
    path = tmp_path / "p" / "outcomes.jsonl"
    count = len(path.read_text().splitlines())
    with path.open("a") as file:
        file.write(line + "\n")
    found = [finding for finding in check_package(tmp_path / "p") if finding.file == path.name]
    assert [(finding.code, finding.row) for finding in found] == [
        ("file_changed", None),
        (LINE_FAULTS[line], count + 1),
    ]


def test_lines_that_are_too_long_cut_off_or_no_text_are_named(tmp_path: Path) -> None:
    write_package(tmp_path / "p", outcome())
    path = tmp_path / "p" / "outcomes.jsonl"
    good = path.read_bytes()
    for end, code in (
        (b"x" * (1 << 20), "file_large"),
        (b'{"metrics":{}}', "file_unreadable"),
        (b"\xff\n", "file_unreadable"),
    ):
        path.write_bytes(good + end)
        assert code in {finding.code for finding in check_package(tmp_path / "p")}
    path.write_bytes(b"")
    assert "file_unreadable" in {finding.code for finding in check_package(tmp_path / "p")}
