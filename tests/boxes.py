"""Whole ballot boxes made by the pure code alone: small ones to forge in tests, large ones for the benchmarks.

`filled` makes a box with its key; `Box.entries` and `Box.ballots` may then be changed at will, and `write` signs and
writes whatever they are by then, consistently: what an insider who holds the key could do.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from budgets.bundle import verify
from budgets.bundle.write import Contents, ballot_line, board_line, write_files
from budgets.proofs import BUNDLE, SIGNED, ballot_leaf, entry_hash, root
from budgets.rules import canonical, canonical_selections, digest
from budgets.tally.count import VERSION, Tally, count_traced
from budgets.tally.election import POINTS, RANKED, BallotBox, Election, TallyProject, in_order
from budgets.tally.rules import PRESETS, Rule

FORMATS = ("approval", "knapsack", "cumulative", "scoring", "ordinal")
CHECKPOINTS = ("open", "close", "result", "key_destroyed")
FIRST = "0" * 64

Ballot = tuple[str, str, str]  # leaf, salt, selections
Entry = dict[str, Any]


@dataclass
class Box:
    key: Ed25519PrivateKey
    rules: dict[str, Any]
    ballots: list[Ballot] = field(default_factory=list)  # those that count
    entries: list[Entry] = field(default_factory=list)  # {"kind", "body"}, and "by" whom where another key signed

    def leaf_of(self, selections: str, salt: str) -> str:
        return ballot_leaf(self.rules["round"], digest(self.rules), selections, salt)

    def said(self) -> list[Entry]:
        """The entries as they stand on the board: chained, the checkpoints signed."""
        previous, said = FIRST, []
        for seq, entry in enumerate(self.entries):
            stated = {"round": self.rules["round"], "seq": seq, "kind": entry["kind"], "body": entry["body"]}
            whole = {**stated, "previous": previous}
            previous = entry_hash(whole)
            signed = entry["kind"] in CHECKPOINTS
            key = entry.get("by", self.key)
            signature = key.sign(SIGNED + bytes.fromhex(previous)).hex() if signed else ""
            said.append({**whole, "hash": previous, "signature": signature})
        return said

    def counted(self) -> dict[str, tuple[Tally, list[str]]]:
        """The tally and the trace of each pot."""
        rule = Rule.from_json(self.rules["counting"]["rule"])
        tallies = {}
        for pot in self.rules["pots"]:
            tally, lines = count_traced(self._election(pot), rule)
            tallies[pot["key"]] = (tally, [f"{line}\n" for line in lines])
        return tallies

    def _election(self, pot: dict[str, Any]) -> Election:
        projects = in_order(TallyProject(id=p["code"], cost=p["cost"], name=p["name"]) for p in pot["projects"])
        box = BallotBox((project.id for project in projects), self.rules["ballot"]["format"])
        for selections, weight in self.grouped():
            if (section := decoded(selections).get(pot["key"])) is not None:
                box.add(section, weight)
        return Election.of_box(box, budget=pot["amount"], projects=projects)

    def grouped(self) -> list[tuple[str, int]]:
        return list(Counter(selections for _leaf, _salt, selections in self.ballots).items())

    def result(self, state: str) -> Entry:
        """What the board says of the ballots as they stand now."""
        pots = [
            {
                "pot": key, "rule": tally.rule, "rule_digest": tally.rule_digest, "version": tally.version,
                "election_digest": tally.election_digest, "selected": list(tally.selected), "cost": tally.cost,
            }
            for key, (tally, _trace) in self.counted().items()
        ]  # fmt: skip
        leaves = sorted(leaf for leaf, _salt, _selections in self.ballots)
        return {"kind": "result", "body": {"state": state, "ballots": len(leaves), "root": root(leaves), "pots": pots}}

    def write(self, folder: Path) -> Path:
        counted, board = self.counted(), self.said()
        contents = Contents(
            rules=self.rules,
            head=board[-1]["hash"],
            board=lambda: map(board_line, board),
            ballots=lambda: (ballot_line(*ballot) for ballot in sorted(self.ballots)),
            grouped=self.grouped,
            snapshots=[snapshot(self.rules, pot, counted[pot["key"]][0]) for pot in self.rules["pots"]],
            trace=lambda key: counted[key][1],
            sign=lambda manifest: self.key.sign(BUNDLE + manifest).hex(),
        )
        write_files(folder, contents)
        return folder


def decoded(selections: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(selections)
    return found


def snapshot(rules: dict[str, Any], pot: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """What `budgets.actions.results.snapshot` freezes, as far as files need it."""
    names = {project["code"]: project["name"] for project in pot["projects"]}
    rows = [
        {
            "code": row["id"], "name": names[row["id"]], "cost": row["cost"], "votes": row["votes"],
            "funded": row["selected"], "order": row["order"], "reason": row["reason"],
            "score": row["score"] if rules["ballot"]["format"] in POINTS | RANKED else None,
            "area": "", "latitude": None, "longitude": None,
        }
        for row in tally.projects
    ]  # fmt: skip
    return {
        "title": "Our streets", "place": "Larkmoor", "currency": "GBP", "format": rules["ballot"]["format"],
        "max_choices": rules["ballot"]["max_choices"],
        "points": rules["ballot"]["points"],
        "opened": rules["voting_opens_at"], "closed": rules["voting_closes_at"],
        "counting": {"name": tally.rule, "version": tally.version},
        "pot": {"key": pot["key"], "name": pot["name"], "amount": pot["amount"], "funders": [["The council", 1]]},
        "projects": rows,
    }  # fmt: skip


def frozen(ballot_format: str, pots: Sequence[dict[str, Any]], key: Ed25519PrivateKey, preset: str) -> dict[str, Any]:
    rule = {**PRESETS[preset].to_json(), "lot_seed": "a seed"}
    if ballot_format in POINTS | RANKED:
        rule |= {"score": "points", "utility": "points"}
    return {
        "v": 1, "round": "our-streets", "place": "larkmoor", "currency": "GBP",
        "voting_opens_at": "2026-05-01T08:00:00+00:00", "voting_closes_at": "2026-05-15T20:00:00+00:00",
        "ballot": {"format": ballot_format, "max_choices": 3, "points": 10, "may_revise": True},
        "eligibility": {"assurance": "postcode", "minimum_age": 11},
        "counting": {"name": preset, "version": VERSION, "rule": rule},
        "publish_at_close": True, "board_key": key.public_key().public_bytes_raw().hex(), "pots": list(pots),
    }  # fmt: skip


def pots(projects: int) -> list[dict[str, Any]]:
    """One for everyone, and one for a part of the town whose name begins like a formula."""
    return [
        {
            "key": key, "name": name, "area": None, "amount": 20_000 * many,
            "projects": [
                {"code": f"{key[0]}{n:03d}", "name": f"=Benches; “{n}”, 'old'", "cost": 20_050 + 5_000 * (n % 7)}
                for n in range(many)
            ],
        }
        for key, name, many in (("town", "'Twas the town", projects), ("ward", "-Ward", max(2, projects // 4)))
    ]  # fmt: skip


def choices(rules: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """One voter's selections; a quarter of the voters may vote in the second pot."""
    ballot, chosen = rules["ballot"], {}
    for pot in rules["pots"][: 1 + (chance.random() < 0.25)]:
        picked = chance.sample(pot["projects"], min(len(pot["projects"]), chance.randint(1, 3)))
        codes, left = [], pot["amount"]
        for project in picked:
            if ballot["format"] != "knapsack" or project["cost"] <= left:
                codes.append(project["code"])
                left -= project["cost"]
        pointed = ballot["format"] in POINTS
        chosen[pot["key"]] = [[code, chance.randint(1, ballot["points"] // 3)] for code in codes] if pointed else codes
    return canonical_selections(ballot["format"], chosen)


def cast(box: Box, chance: random.Random) -> Iterator[Ballot]:
    while True:
        selections, salt = canonical(choices(box.rules, chance)), chance.randbytes(16).hex()
        yield box.leaf_of(selections, salt), salt, selections


def filled(
    ballot_format: str = "approval",
    *,
    ballots: int = 60,
    projects: int = 8,
    batch: int = 25,
    most: int = 3,
    preset: str = "equal-shares",
    key: Ed25519PrivateKey | None = None,
    may_revise: bool = True,
) -> Box:
    """A certified box with `ballots` sealed: the last one replaced, the one before it struck out, a correction at the end.

    Voters choose up to three projects in each pot, whatever the rules allow (`most`).
    """
    chance = random.Random(f"{ballot_format} {ballots}")
    key = key or Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    box = Box(key, frozen(ballot_format, pots(projects), key, preset))
    box.rules["ballot"] |= {"max_choices": most, "may_revise": may_revise}
    voters = cast(box, chance)
    box.ballots = [next(voters) for _ in range(ballots)]
    opened = {"rules_hash": digest(box.rules), "board_key": box.rules["board_key"]}
    box.entries = [{"kind": "open", "body": opened}]
    for start in range(0, ballots, batch):
        leaves = sorted(leaf for leaf, _salt, _selections in box.ballots[start : start + batch])
        box.entries.append({"kind": "batch", "body": {"leaves": leaves, "root": root(leaves)}})
    replaced = box.ballots.pop()[0]
    leaves = sorted(leaf for leaf, _salt, _selections in box.ballots)
    close = {"ballots": len(leaves), "root": root(leaves), "superseded": [replaced], "voted": {"web": len(leaves)}}
    box.entries += [{"kind": "close", "body": close}, box.result("provisional")]
    struck = box.ballots.pop()[0]
    box.entries += [
        {"kind": "strike", "body": {"leaf": struck, "reason": "Voted twice.\u2028On paper too."}},
        box.result("provisional"),
        box.result("certified"),
        {"kind": "key_destroyed", "body": {}},
        {"kind": "erratum", "body": {"text": "The benches stand in the other street."}},
    ]
    return box


# ── On the disk ──────────────────────────────────────────────────────────────
def wrong(folder: Path, *seen: str) -> str:
    """What the verifier finds wrong, or nothing."""
    try:
        list(verify.verify(folder, seen))
    except verify.WrongError as error:
        return str(error)
    return ""


def sign_again(folder: Path, key: Ed25519PrivateKey, head: str = "") -> None:
    """List the files as they are now and sign the list; `head`: that of another board."""
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["signature"]
    names = {path.name for path in folder.iterdir()} - {"manifest.json", "verify.py"}
    manifest["files"] = {name: verify.sha256((folder / name).read_bytes()).hex() for name in sorted(names)}
    manifest["board"] = head or manifest["board"]
    signature = key.sign(verify.BUNDLE + verify.sha256(verify.canonical(manifest).encode())).hex()
    (folder / "manifest.json").write_text(verify.canonical({**manifest, "signature": signature}) + "\n")
