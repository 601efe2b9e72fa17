"""Real elections and broken files."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from budgets.models import Ballot, Project, Result, Round
from budgets.models.rounds import Phase
from budgets.tally.pb import read_pb
from tests.factories import NOW, PlaceFactory

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pabulib"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real elections do not lie beside this checkout")

SMALL = """META
key;value
description;Our town
country;United Kingdom
unit;Łąka
instance;2026
num_projects;2
num_votes;3
budget;100.50
vote_type;approval
rule;greedy
date_begin;01.03.2026
date_end;2026
currency;GBP
PROJECTS
project_id;cost;votes;name;selected
a;60.25;2;"Benches; ""new"" ones";1
b;60;2;Trees;0
VOTES
voter_id;vote
secret-voter-1;a,b
2;a
3;b
"""


@pytest.fixture
def place(db: None):
    return PlaceFactory(slug="larkmoor")


def imported(file: Path, capsys: pytest.CaptureFixture[str]) -> Round:
    call_command("import_pb", str(file))
    return Round.objects.get(slug=capsys.readouterr().out.split()[-1])


@needs_data
def test_wieliczka_2023_gives_the_thirty_winners_its_file_records(
    place: object, capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    file = DATA / "Poland_Wieliczka_2023_Green_Budget.pb.gz"
    round = imported(file, capsys)
    assert round.ballots.count() == 6586
    call_command("count", round.slug, "--rule", "equal-shares-add1-no-exhaustive", "--publish")
    snapshot = Result.objects.get(pot__round=round).snapshot
    recorded = {project.id for project in read_pb(file).projects if project.selected == 1}
    assert {row["code"] for row in snapshot["projects"] if row["funded"]} == recorded
    assert (len(recorded), snapshot["cost"]) == (30, 99_507_900)
    page = client.get(f"/rounds/{round.slug}/result/").content.decode()
    assert "30 projects are funded" in page
    assert "Imported election" in page


def test_a_small_file_becomes_a_round_without_its_voters(
    place: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.pb"
    file.write_text("\ufeff" + SMALL.replace("\n", "\r\n"))
    round = imported(file, capsys)
    assert round.slug == "laka-2026"
    assert round.phase(NOW) == Phase.COUNTING
    assert round.pots.get().amount == 10_050
    assert Project.objects.get(code="a").name == 'Benches; "new" ones'
    assert sorted(Ballot.objects.values_list("selections", flat=True)) == [
        '{"pot":["a","b"]}', '{"pot":["a"]}', '{"pot":["b"]}',
    ]  # fmt: skip
    assert "secret" not in str(list(Ballot.objects.values()))


def test_importing_twice_makes_two_rounds(place: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.pb"
    file.write_text(SMALL)
    assert [imported(file, capsys).slug for _ in range(2)] == ["laka-2026", "laka-2026-2"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("60.25", "sixty", 17),
        ("2;a\n", "2;c\n", 22),
        ("num_votes;3", "num_votes;4", 23),
        ("VOTES", "VOTED", 19),
        ("01.03.2026", "01.13.2026", 1),
        ("currency;GBP", "max_length;five", 1),
        ("Trees", "Tr\0ees", 1),
    ],
)
def test_a_malformed_file_gives_one_line_with_its_number_and_imports_nothing(
    place: object, tmp_path: Path, old: str, new: str, line: int
) -> None:
    file = tmp_path / "broken.pb"
    file.write_text(SMALL.replace(old, new))
    with pytest.raises(CommandError, match=rf"line {line}: ") as caught:
        call_command("import_pb", str(file))
    assert "\n" not in str(caught.value)
    assert not Round.objects.exists()
    assert not Ballot.objects.exists()


def test_a_missing_file_and_a_missing_place_are_told_apart(place: object, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_pb", str(tmp_path / "nothing.pb"))
    with pytest.raises(CommandError, match="no place “nowhere”"):
        call_command("import_pb", "x.pb", "--place", "nowhere")
