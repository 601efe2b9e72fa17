"""Reading and writing .pb files: real ones, broken ones, random ones."""

import gzip
import io
import json
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets.tally.election import Election
from budgets.tally.pb import PbBallot, PbError, PbFile, PbProject, read_election, read_pb, write_pb
from budgets.tally.pb_records import OBLIGATORY, TEXTS, minor_units
from tests.budgets.tally.data import FILES, PABULIB, needs_files

pytestmark = pytest.mark.pure

GOOD = """\
META
key;value
description;A town
country;UK
unit;Town
instance;2026
num_projects;3
num_votes;2
budget;1000.50
vote_type;approval
rule;greedy
date_begin;01.05.2026
date_end;31.05.2026
PROJECTS
project_id;cost;name;target;selected;mood
a;500;"Bench; ""oak\"\"";Elders, Children;1;glad
b;501;Swing;;;
10;1000.5;Pond;;2;
VOTES
voter_id;vote;age
1;a,b;30
2;10;
"""


def read(text: str) -> PbFile:
    return read_pb(text.splitlines(keepends=True))


def written(file: PbFile) -> str:
    out = io.StringIO(newline="")
    write_pb(out, file.meta, file.projects, file.ballots)
    return out.getvalue()


def test_a_good_file() -> None:
    file = read(GOOD)
    bench, _, pond = file.projects
    assert (bench.name, bench.cost, bench.selected, bench.beneficiaries) == (
        'Bench; "oak"',
        50000,
        1,
        ("Elders", "Children"),
    )
    assert (pond.id, pond.cost, pond.selected, bench.extra) == ("10", 100050, 2, {"mood": "glad"})
    assert file.ballots[0] == PbBallot("1", ("a", "b"), (), {"age": "30"})
    assert file.repairs == []
    election = file.election()
    assert (election.budget, election.ids, election.n_ballots) == (100050, ("10", "a", "b"), 2)


@pytest.mark.parametrize(
    "text", [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, "\n" + GOOD.replace("PROJECTS\n", "\nPROJECTS\n")]
)
def test_line_ends_byte_order_mark_and_blank_lines(text: str) -> None:
    assert read(text) == read(GOOD)


# (what is replaced, by what, the line, a piece of the message)
BROKEN = [
    ("META\n", "", 1, "must begin with META"),
    ("PROJECTS\n", "", 14, "6 cells where two are needed"),
    ("VOTES\n", "", 19, "cells where the header has 6"),
    ("budget;1000.50", "budget;lots", 9, "budget: 'lots' is not a sum of money"),
    ("budget;1000.50", "budget;-5", 9, "not a sum of money"),
    ("budget;1000.50", "budget;1e6", 9, "not a sum of money"),
    ("budget;1000.50\n", "", 13, "META lacks budget"),
    ("description;A town", "description;", 14, "META lacks description"),
    ("country;UK", "country;UK;GB", 4, "3 cells where two are needed"),
    ("country;UK", "unit;UK", 5, "'unit' is given twice"),
    ("approval", "shouting", 10, "unknown vote_type 'shouting'"),
    ("num_votes;2", "num_votes;two", 8, "num_votes: 'two' is not a whole number"),
    ("num_votes;2", "num_votes;3", 22, "num_votes is 3, but 2 ballots are listed"),
    ("num_projects;3", "num_projects;4", 19, "num_projects is 4, but 3 projects are listed"),
    ("project_id;cost;", "project;cost;", 15, "PROJECTS header lacks project_id"),
    ("project_id;cost;name", "project_id;cost;cost", 15, "names a column twice"),
    ("b;501", "b;five", 17, "cost: 'five' is not a sum of money"),
    ("b;501", "a;501", 17, "project 'a' is listed twice"),
    ("b;501", "a,b;501", 17, "cannot be a project id"),
    ("b;501", ";501", 17, "cannot be a project id"),
    ("b;501;Swing;;;", "b;501;Swing;;7;", 17, "selected: 7"),
    ("b;501;Swing;;;", "b;501;Swing;;", 17, "5 cells where the header has 6"),
    ("voter_id;vote", "voter;vote", 20, "VOTES header lacks voter_id"),
    ("1;a,b;30", "1;a,c;30", 21, "unknown project 'c'"),
    ("1;a,b;30", "1;a,,b;30", 21, "unknown project ''"),
    ("1;a,b;30", "1;a,b", 21, "2 cells where the header has 3"),
    ("1;a,b;30", ";a,b;30", 21, "no voter_id"),
    ("1;a,b;30", '1;"a,b;30', 22, "cannot be read"),
    ("approval", "cumulative", 20, "lacks points"),
    ("approval", "choose-1", 21, "choose-1 allows one"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN)
def test_a_broken_file_is_refused_with_its_line(old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    for reader in (read_pb, read_election):
        with pytest.raises(PbError) as refused:
            reader(text.splitlines(keepends=True))
        assert message in str(refused.value)
        assert str(refused.value).startswith(f"line {line}: ")
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("points", "message"), [("1", "2 projects but 1 points"), ("1,x", "points: 'x'"), ("1,-2", "points: '-2'")]
)
def test_broken_points(points: str, message: str) -> None:
    text = GOOD.replace("approval", "cumulative").replace("vote;age", "vote;points").replace("a,b;30", f"a,b;{points}")
    with pytest.raises(PbError, match=f"line 21: .*{message}"):
        read(text)


def test_an_empty_source_is_refused() -> None:
    with pytest.raises(PbError, match="line 1: the META section is missing"):
        read("")


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.pb"
    path.write_bytes(GOOD.replace("Swing", "Sw\xefng").encode("latin-1"))
    with pytest.raises(PbError, match="line 17: the text is not UTF-8"):
        read_pb(path)
    (tmp_path / "cut.pb.gz").write_bytes(gzip.compress(GOOD.encode())[:-20])
    with pytest.raises(PbError, match="cannot be unpacked"):
        read_pb(tmp_path / "cut.pb.gz")
    (tmp_path / "plain.pb.gz").write_bytes(GOOD.encode())
    with pytest.raises(PbError, match="line 1: the file cannot be unpacked"):
        read_pb(tmp_path / "plain.pb.gz")


def test_repairs_are_made_and_reported() -> None:
    text = GOOD.replace("1;a,b;30", "1;a,b,a;30").replace("1000.50", "1000.509").replace("b;501", "b;501.001")
    text = text.replace("name;target", "name;votes").replace('a;500;"Bench; ""oak""";Elders, Children', "a;500;Bench;7")
    file = read(text)
    assert file.ballots[0].vote == ("a", "b")
    assert minor_units(file.meta["budget"], down=True) == 100050
    assert file.projects[1].cost == 50101
    assert file.repairs == [
        "line 9: budget 1000.509 has more than two decimals, rounded",
        "line 17: cost 501.001 has more than two decimals, rounded",
        "line 21: the ballot names project 'a' more than once, counted once",
        "project 'a': 7 votes in the file, 1 in its ballots",
    ]
    assert read_election(text.splitlines(keepends=True))[1].repairs == file.repairs


def test_a_repeated_project_keeps_its_first_points() -> None:
    text = GOOD.replace("approval", "cumulative").replace("vote;age", "vote;points")
    file = read(text.replace("a,b;30", "a,b,a;3,2,9").replace("2;10;", "2;10;0"))
    assert file.ballots == [PbBallot("1", ("a", "b"), (3, 2)), PbBallot("2", ("10",), (0,))]
    assert list(file.election().ballots()) == [((), 1), ((("a", 3), ("b", 2)), 1)]


# Published results carry the digest of what was counted: it may never change.
DIGESTS = {
    "France_Toulouse_2019.pb": "8994daa5d0d400950c777efd",
    "France_Toulouse_2024.pb": "6bffb68a7a7f1a5e6fb73054",
    "Hungary_Budapest_2024.pb": "5fe6ddaf11a3acc3a4015902",
    "Netherlands_Amsterdam_252.pb": "5dea693d2e7acef30af9b7d8",
    "Netherlands_Amsterdam_604.pb": "fa99b9ec754469d74ec5ed0d",
    "Netherlands_Assen_2024.pb": "5e90a233f5c6ccc9a05842ec",
    "Poland_Czestochowa_2025.pb": "e20e2ce8caf2cad7260dd73c",
    "Poland_Gdansk_2020.pb": "72d62e04b7214b17ca8c9897",
    "Poland_Gdynia_2020_Babie_Doly__small.pb": "de0f2aab1246a5bc9aecf8ca",
    "Poland_Gdynia_2020_Grabowek__large.pb": "440b2700091a73c4defeb77b",
    "Poland_Krakow_2021.pb": "380b4615c9a70936caccfead",
    "Poland_Lodz_2022.pb": "50566f33ddc7a0cbbd2345b0",
    "Poland_Lodz_2023.pb": "a55d6c615025c5e913588f4c",
    "Poland_Warszawa_2020_Bialoleka.pb": "3c3c56b0a19b8a475f48a68e",
    "Poland_Warszawa_2026.pb": "f38f04ade1b24232be8e513f",
    "Poland_Warszawa_2026_Blonia_Wilanowskie.pb": "95208a167d27a2b4801c0649",
    "Poland_Wieliczka_2023_Green_Budget.pb": "ada23638d318c4100bfb564a",
    "Poland_Wroclaw_2015_150_-_500.pb": "027640540643a5581d542c56",
    "Poland_Wroclaw_2017.pb": "dc7741813f84771d620a6300",
    "Switzerland_Zurich_S5.pb": "d4f70bba17eba6585d68de7f",
    "Switzerland_Zurich_S5D10.pb": "0aaf5612da0d4e9ad7376d91",
    "Switzerland_Zurich_S5R.pb": "b1c6bfd0f5eab2f52972b1bf",
    "US_Stanford_Dataset_PB_Oakland_2017_District_1_vote_approvals.pb": "55a83e66fc167f179031183e",
}


@needs_files
@pytest.mark.parametrize("name", FILES)
def test_every_real_file_is_read_written_and_read_again(name: str) -> None:
    path = PABULIB / f"{name}.gz"
    file = read_pb(path)
    again = read_pb(io.StringIO(written(file), newline=""))
    assert (again.meta, again.ballots, again.repairs) == (file.meta, file.ballots, [])
    assert [replace(project, votes=None) for project in again.projects] == [
        replace(project, votes=None) for project in file.projects
    ]
    election, reader = read_election(path)
    assert election == file.election()
    assert election.digest.startswith(DIGESTS[name])
    assert Election.from_json(json.loads(json.dumps(election.to_json()))) == election
    assert reader.repairs == file.repairs
    assert len(file.repairs) == {
        "Netherlands_Amsterdam_604.pb": 8,
        "Poland_Warszawa_2026_Blonia_Wilanowskie.pb": 2,
    }.get(name, 0)


TEXT = st.text(string.printable + "éłß–£\u2028", max_size=12).map(str.strip).filter(lambda s: "\ufeff" not in s)
ITEM = st.text(string.ascii_letters + string.digits + ' ;"-.é', min_size=1, max_size=5).map(str.strip).filter(bool)


def texts(draw: st.DrawFn) -> dict[str, Any]:
    return {name: draw(TEXT) for name in draw(st.sets(st.sampled_from(TEXTS)))}


@st.composite
def files(draw: st.DrawFn) -> PbFile:
    ids = draw(st.lists(ITEM, min_size=1, max_size=5, unique=True))
    vote_type = draw(st.sampled_from(["approval", "ordinal", "cumulative", "scoring"]))
    optional = st.none() | st.integers(0, 3)
    projects = [
        PbProject(
            identifier,
            draw(st.integers(0, 10**9)),
            selected=draw(optional),
            score=draw(optional),
            category=tuple(draw(st.lists(ITEM, max_size=2))),
            **texts(draw),
        )
        for identifier in ids
    ]
    ballots = []
    for voter in range(draw(st.integers(0, 5))):
        vote = tuple(draw(st.lists(st.sampled_from(ids), unique=True)))
        points = tuple(draw(st.integers(0, 9)) for _ in vote) if vote_type in ("cumulative", "scoring") else ()
        ballots.append(PbBallot(str(voter), vote, points))
    meta = dict.fromkeys(OBLIGATORY, "x") | {"budget": f"{draw(st.integers(0, 10**9))}.5", "vote_type": vote_type}
    meta |= {"comment": draw(TEXT), "num_projects": str(len(projects)), "num_votes": str(len(ballots))}
    return PbFile(meta, projects, ballots, [])


@settings(max_examples=200, deadline=None)
@given(files())
def test_whatever_is_written_reads_the_same(file: PbFile) -> None:
    again = read_pb(io.StringIO(written(file), newline=""))
    assert replace(again, projects=[replace(project, extra={}) for project in again.projects], ballots=[]) == replace(
        file, ballots=[]
    )
    assert [(b.voter_id, b.vote, b.points) for b in again.ballots] == [
        (b.voter_id, b.vote, b.points) for b in file.ballots
    ]
    assert again.election() == file.election()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_is_refused_with_a_line_or_read(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 3))):
        at, cut = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 8))
        text = text[:at] + data.draw(st.text(';,"\n\rPROJECTSab0\x00\ud7ff', max_size=6)) + text[at + cut :]
    try:
        read(text).election()
    except PbError as error:
        refused = error.line_number
    else:
        refused = 1
    assert 1 <= refused <= len(text.splitlines()) + 1


def test_what_a_list_cannot_hold_is_not_written() -> None:
    meta = dict.fromkeys(OBLIGATORY, "1")
    with pytest.raises(ValueError, match="cannot stand in a list"):
        write_pb(io.StringIO(), meta, [PbProject("a,b", 1)], [])
    with pytest.raises(ValueError, match="META lacks rule"):
        write_pb(io.StringIO(), meta | {"rule": ""}, [PbProject("a", 1)], [])
