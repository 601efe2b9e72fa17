"""Check a published ballot box: `python verify.py FOLDER` prints its root and counts, or the first thing that is wrong.

One file, Python's standard library only (3.10 or newer), sharing no code with the site that published. It checks that
- no file differs from the manifest, and the manifest and the board's checkpoints are signed with the round's key;
- the board is one unbroken chain in the order that the rules of the box prescribe, and its figures balance;
- the ballots are exactly those that the board sealed, less those it says were replaced or struck, and each may stand;
- they are the ones that were counted: `verify_count.py` (beside this file) replays the count from its trace, and the
  result and the ballots in the other files say the same.
It cannot check what follows neither from the rules nor from the ballots: the sentences (`why`), the places on a map, and
in the `.pb` files the title, the place and the comment. They are what the round's key signed, no more.
Exit code 0: everything holds. 1: something is wrong; the item is named. 2: this is not such a folder, or not asked rightly.

Somebody who holds the round's key could write all of this anew, with another outcome. Only who noted something earlier
sees that: a receipt, or the board's last fingerprint, which `--seen HASH` looks for on the board.
Whoever gives you the folder gives you these programs too. If you trust neither, take both from the site's source code,
`budgets/bundle/verify.py` and `budgets/tally/verify.py` (there they find each other; elsewhere name the second one
`verify_count.py` and put it beside the first), and keep them outside of the folder: then nothing in it is executed.
"""

import argparse
import csv
import hashlib
import io
import json
import re
import sys
import types
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
Group = tuple[tuple[int, ...], tuple[int, ...]]

FIRST = "0" * 64
RESULTS = ("provisional", "certified")
BOARD, BUNDLE = b"good-local board checkpoint\x00", b"good-local bundle\x00"
SIGNED = ("open", "close", *RESULTS, "key_destroyed")
UNTIL_CERTIFIED = ("strike", *RESULTS)
# What may follow what; a result is called by its state. Corrections may follow a certified result at any time.
NEXT = {
    "": ("open",),
    "open": ("open", "batch", "close"),
    "batch": ("batch", "close"),
    "close": UNTIL_CERTIFIED,
    "strike": UNTIL_CERTIFIED,
    "provisional": UNTIL_CERTIFIED,
    "certified": ("erratum", "key_destroyed"),
    "key_destroyed": ("erratum",),
}
ENTRY = {"round", "seq", "kind", "body", "previous", "hash", "signature"}
POINTED = ("cumulative", "scoring")
ADDED_UP = (*POINTED, "ordinal")  # ballots that give points: of ranks, the best gets as many as the longest ballot has
LEFT_BY_COMPUTERS = {".DS_Store", "Thumbs.db", "desktop.ini"}
HERE = Path(__file__).resolve().parent
MALFORMED = (  # what reading a file of any contents raises
    ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError, ValueError, csv.Error,
)  # fmt: skip


class WrongError(Exception):
    """The message names the file or item that is wrong."""


def check(true: object, message: str) -> None:
    if not true:
        raise WrongError(message)


# -- hashes: canonical JSON, leaves and trees as in RFC 6962


def refuse(number: str) -> None:
    raise ValueError(f"{number} is not a whole number")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
decode = json.JSONDecoder(parse_float=refuse, parse_constant=refuse).decode


def parsed(text: str, name: str) -> Any:
    """JSON in the one spelling: whole numbers, sorted keys, each once, no spaces, nothing escaped without need."""
    try:
        document = decode(text)
        check(canonical(document) == text, f"{name}: not in the canonical spelling")
    except MALFORMED as error:
        raise WrongError(f"{name}: not JSON as it should be ({error})") from error
    return document


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def is_hex(text: Any, digits: int) -> bool:
    """Lower-case hexadecimal: what two spellings could mean is spelt in one way only."""
    return isinstance(text, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", text) is not None


def are_leaves(leaves: Any) -> bool:
    """A list of leaves in ascending order, each once."""
    return isinstance(leaves, list) and all(is_hex(leaf, 64) for leaf in leaves) and leaves == sorted(set(leaves))


def merkle_root(leaves: list[str]) -> str:
    level = [bytes.fromhex(leaf) for leaf in leaves] or [sha256(b"")]
    while len(level) > 1:
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


# -- Ed25519 signatures (RFC 8032, section 5.1), points in extended coordinates

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def added(a: Point, b: Point) -> Point:
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    z, t = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, t - z, t + z, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    total = IDENTITY
    while number:
        if number & 1:
            total = added(total, point)
        point = added(point, point)
        number >>= 1
    return total


def recovered(data: bytes) -> Point | None:
    """The point that 32 bytes stand for; None if they stand for none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = recovered((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or IDENTITY


def same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """`public` and `signature` in lower-case hexadecimal. A key of small order, which anyone could sign with, is none."""
    if not is_hex(public, 64) or not is_hex(signature, 128):
        return False
    key, half = bytes.fromhex(public), bytes.fromhex(signature)[:32]
    scalar = int.from_bytes(bytes.fromhex(signature)[32:], "little")
    a, r = recovered(key), recovered(half)
    if a is None or r is None or scalar >= L or same(times(8, a), IDENTITY):
        return False
    k = int.from_bytes(hashlib.sha512(half + key + message).digest(), "little") % L
    return same(times(scalar, BASE), added(r, times(k, a)))


# -- the folder


class Bundle:
    """The files as they were read, once; what is checked is what is used."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self.manifest = parsed(self.line("manifest.json"), "manifest.json")
        self.rules = parsed(self.line("rules.json"), "rules.json")
        self.ballots: Counter[str] = Counter()  # selections as they are spelt -> how many ballots

    def text(self, name: str) -> str:
        check(name in self.files, f"{name}: is missing")
        try:
            return self.files[name].decode()
        except UnicodeDecodeError as error:
            raise WrongError(f"{name}: not UTF-8 text") from error

    def lines(self, name: str) -> list[str]:
        text = self.text(name)
        check(text.endswith("\n"), f"{name}: its last line does not end")
        return text[:-1].split("\n")

    def line(self, name: str) -> str:
        lines = self.lines(name)
        check(len(lines) == 1, f"{name}: is not one line")
        return lines[0]


def check_files(bundle: Bundle) -> None:
    """Every file is listed with its hash, the list is signed, and it is complete."""
    manifest = dict(bundle.manifest)
    signature, listed = manifest.pop("signature"), manifest["files"]
    hashes = {name: sha256(data).hex() for name, data in bundle.files.items()}
    differing = [name for name in sorted(listed) if name in hashes and hashes[name] != listed[name]]
    message = BUNDLE + sha256(canonical(manifest).encode())
    if not is_signed(bundle.rules.get("board_key"), message, signature):
        # Was the list changed, or the key? The board names the key as well.
        opened = parsed(bundle.text("board.jsonl").split("\n")[0], "board.jsonl, entry 0")
        key_changed = differing == ["rules.json"] and is_signed(opened["body"]["board_key"], message, signature)
        check(not key_changed, "rules.json: differs from the manifest")
        raise WrongError("manifest.json: the signature is wrong")
    there = set(hashes) - {"manifest.json", "verify.py"} - LEFT_BY_COMPUTERS
    for name in sorted(there ^ set(listed)):
        raise WrongError(f"{name}: {'not in the manifest' if name in there else 'is missing'}")
    for name in differing:
        raise WrongError(f"{name}: differs from the manifest")
    pots = [f"{pot['key']}.{kind}" for pot in bundle.rules["pots"] for kind in ("pb", "trace.jsonl")]
    whole = {"rules.json", "board.jsonl", "ballots.jsonl", "result.csv", "verify_count.py", *pots}
    check(set(listed) == whole, "manifest.json: lists other files than belong to a ballot box")
    check(manifest["round"] == bundle.rules["round"], "manifest.json: is of another round")


# -- the board


class Box:
    """What the board has said so far, entry by entry."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self.rules, self.key, self.last, self.hashes = rules, "", "", [FIRST]
        self.opened: dict[str, Any] = {}
        self.sealed: set[str] = set()
        self.standing: set[str] = set()
        self.replaced: list[str] = []
        self.struck: list[str] = []
        self.voted: dict[str, int] = {}
        self.result: dict[str, Any] = {}
        self.root, self.rooted = "", -1

    def read(self, line: str, seq: int) -> None:
        entry = parsed(line, "the entry")
        check(entry.keys() == ENTRY, "has other fields than an entry")
        stated = {name: entry[name] for name in ("round", "seq", "kind", "body", "previous")}
        check(type(entry["seq"]) is int and entry["seq"] == seq, "the numbers do not run on")
        check(entry["previous"] == self.hashes[-1], "the chain is broken")
        check(entry["round"] == self.rules["round"], "belongs to another round")
        check(sha256(b"\x02" + canonical(stated).encode()).hex() == entry["hash"], "its hash is wrong")
        kind, body = entry["kind"], entry["body"]
        step = body["state"] if kind == "result" else kind
        check((kind == "result") == (step in RESULTS) and step in NEXT[self.last], f"may not follow “{self.last}”")
        self.key = body["board_key"] if kind == "open" else self.key
        signed = is_signed(self.key, BOARD + bytes.fromhex(entry["hash"]), entry["signature"])
        check(signed if step in SIGNED else entry["signature"] == "", "the signature is wrong")
        self.take(kind, body)
        self.hashes.append(entry["hash"])
        self.last = self.last if kind == "erratum" else step

    def take(self, kind: str, body: dict[str, Any]) -> None:
        if kind == "open":
            self.opened = body
        elif kind == "batch":
            self.take_batch(body)
        elif kind == "close":
            self.take_close(body)
        elif kind == "strike":
            check(body["leaf"] in self.standing, "strikes out a ballot that did not stand")
            check(isinstance(body["reason"], str) and body["reason"], "strikes out a ballot without a reason")
            self.standing.remove(body["leaf"])
            self.struck.append(body["leaf"])
        elif kind == "result":
            self.take_result(body)

    def take_batch(self, body: dict[str, Any]) -> None:
        leaves = body["leaves"]
        check(leaves and are_leaves(leaves), "its leaves are not in order")
        check(merkle_root(leaves) == body["root"], "the root of the batch is wrong")
        check(self.sealed.isdisjoint(leaves), "a leaf was sealed twice")
        self.sealed.update(leaves)

    def take_close(self, body: dict[str, Any]) -> None:
        self.replaced, self.voted = body["superseded"], body["voted"]
        check(
            are_leaves(self.replaced) and self.sealed.issuperset(self.replaced), "a leaf was replaced but never sealed"
        )
        self.standing = self.sealed - set(self.replaced)
        self.check_standing(body)
        check(all(type(n) is int and n >= 0 for n in self.voted.values()), "a number of voters is none")
        check(sum(self.voted.values()) == len(self.standing), "voters and ballots do not balance")

    def take_result(self, body: dict[str, Any]) -> None:
        again = body["ballots"] == self.result.get("ballots")
        self.check_standing(body)
        same = again and without_versions(body["pots"]) == without_versions(self.result["pots"])
        check(not again or same, "another result of the same ballots")
        pots = {said["pot"] for said in body["pots"]}
        check(
            pots == {pot["key"] for pot in self.rules["pots"]} and len(pots) == len(body["pots"]),
            "not of every pot once",
        )
        self.result = body

    def check_standing(self, body: dict[str, Any]) -> None:
        check(body["ballots"] == len(self.standing), "counts another number of ballots than stand")
        if self.rooted != len(self.standing):
            # Ballots only ever stop standing: the same number is the same ballots.
            self.rooted, self.root = len(self.standing), merkle_root(sorted(self.standing))
        check(body["root"] == self.root, "its root is that of other ballots")


def without_versions(pots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A newer engine may count again, if it comes to the same."""
    return [{**said, "version": ""} for said in pots]


def check_board(bundle: Bundle) -> Box:
    """One chain of entries, in order, the checkpoints signed, the figures in balance."""
    box = Box(bundle.rules)
    for seq, line in enumerate(bundle.lines("board.jsonl")):
        try:
            box.read(line, seq)
        except (WrongError, *MALFORMED) as error:
            raise WrongError(
                f"board.jsonl, entry {seq}: {error if isinstance(error, WrongError) else repr(error)}"
            ) from error
    check(box.last == "key_destroyed", "board.jsonl: does not end with the destruction of the key")
    check(box.hashes[-1] == bundle.manifest["board"], "board.jsonl: does not end where the manifest says")
    rules_hash = sha256(canonical(bundle.rules).encode()).hex()
    check(box.opened["rules_hash"] == rules_hash, "rules.json: not the rules under which the box was opened")
    check(box.key == bundle.rules["board_key"], "rules.json: names another key than the board")
    allowed = not box.replaced or bundle.rules["ballot"]["may_revise"] is True
    check(allowed, "board.jsonl: ballots were replaced, which the rules forbid")
    return box


# -- the ballots

BALLOT = re.compile(r'\{"leaf":"([0-9a-f]{64})","salt":"([0-9a-f]{32})","selections":(.*)\}')


def check_ballots(bundle: Bundle, box: Box) -> None:
    """Each leaf follows from its ballot, and together they are the ones that stand."""
    head = {"round": bundle.rules["round"], "rules_hash": sha256(canonical(bundle.rules).encode()).hex()}
    start, last = "\x00" + canonical(head)[:-1] + ',"salt":"', ""
    pots = {
        pot["key"]: {project["code"]: project["cost"] for project in pot["projects"]} for pot in bundle.rules["pots"]
    }
    for number, line in enumerate(bundle.lines("ballots.jsonl") if bundle.files["ballots.jsonl"] else [], start=1):
        name, found = f"ballots.jsonl, line {number}", BALLOT.fullmatch(line)
        if not found:
            raise WrongError(f"{name}: not spelt as a ballot is")
        leaf, salt, selections = found.groups()
        document = f'{start}{salt}","selections":{selections},"v":1}}'
        check(sha256(document.encode()).hex() == leaf, f"{name}: its leaf is wrong")
        check(leaf > last, f"{name}: a leaf is there twice or out of order")
        check(leaf in box.standing, f"{name}: the board never sealed it, or says it was replaced or struck")
        if selections not in bundle.ballots:
            check(may_stand(parsed(selections, name), bundle.rules, pots), f"{name}: not a ballot that the rules allow")
        bundle.ballots[selections] += 1
        last = leaf
    missing = len(box.standing) - bundle.ballots.total()
    check(not missing, f"ballots.jsonl: {missing} ballots that the board sealed are missing")


def may_stand(selections: Any, rules: dict[str, Any], pots: dict[str, dict[str, int]]) -> bool:
    amounts = {pot["key"]: pot["amount"] for pot in rules["pots"]}
    return bool(selections) and all(
        key in pots and section_may_stand(section, rules["ballot"], pots[key], amounts[key])
        for key, section in selections.items()
    )


def section_may_stand(section: list[Any], ballot: dict[str, Any], costs: dict[str, int], amount: int) -> bool:
    """One pot's part of a ballot: known projects, each once, in their order, no more than allowed."""
    pointed = ballot["format"] in POINTED
    if not isinstance(section, list) or not all(isinstance(pair, list) for pair in section if pointed):
        return False
    codes = [code for code, _points in section] if pointed else section
    if not codes or len(set(codes)) != len(codes) or not costs.keys() >= set(codes):
        return False
    if ballot["format"] != "ordinal" and codes != sorted(codes):
        return False
    if pointed:
        points = [points for _code, points in section]
        most = ballot["points"] * (len(codes) if ballot["format"] == "scoring" else 1)
        return all(type(n) is int and 1 <= n <= ballot["points"] for n in points) and sum(points) <= most
    if ballot["format"] == "knapsack":
        return sum(costs[code] for code in codes) <= amount
    return len(codes) <= int(ballot["max_choices"])


# -- what was counted


def election_of(bundle: Bundle, pot: dict[str, Any]) -> dict[str, Any]:
    """The election of one pot, in the form the count hashed: positions in the sorted projects, equal ballots once."""
    costs = {project["code"]: project["cost"] for project in pot["projects"]}
    place = {code: position for position, code in enumerate(sorted(costs))}
    vote_type = bundle.rules["ballot"]["format"]
    groups: Counter[Group] = Counter()
    for selections, weight in bundle.ballots.items():
        if (section := decode(selections).get(pot["key"])) is not None:
            groups[grouped(section, place, vote_type)] += weight
    return {
        "ballots": [[list(members), list(values), weight] for (members, values), weight in sorted(groups.items())],
        "budget": pot["amount"],
        "projects": [[code, costs[code], "", []] for code in place],
        "unit": 100,
        "vote_type": vote_type,
    }


def grouped(section: list[Any], place: dict[str, int], vote_type: str) -> Group:
    if vote_type in POINTED:
        pairs = sorted((place[code], points) for code, points in section)
    elif vote_type == "ordinal":
        pairs = sorted((place[code], rank) for rank, code in enumerate(section, start=1))
    else:
        return tuple(sorted(place[code] for code in section)), ()
    return tuple(position for position, _ in pairs), tuple(value for _, value in pairs)


def program_beside(folder: Path) -> bytes | None:
    """The program that replays the count: the one that lies beside this one, never one from a folder under suspicion.

    None where this program itself was started in that folder. Raises FileNotFoundError where there is none.
    """
    if HERE.samefile(folder):
        return None
    beside = HERE / "verify_count.py"
    if HERE.parts[-2:] == ("budgets", "bundle"):  # the site's source code
        beside = HERE.parent / "tally" / "verify.py"
    if not beside.is_file():
        raise FileNotFoundError(f"{beside} is missing: take both programs from the site's source code")
    return beside.read_bytes()


def check_counts(bundle: Bundle, box: Box, program: bytes | None) -> None:
    """The count of each pot started from these ballots under the frozen rule, and its trace proves the winners.

    `program`: as `program_beside` finds it.
    """
    published = bundle.files["verify_count.py"]
    check(program in (None, published), "verify_count.py: is not the one beside this program, or of another version")
    replay = sys.modules["verify_count"] = types.ModuleType("verify_count")
    # The bytes that were compared, and no compiled leftover that lies beside them.
    exec(compile(program or published, "verify_count.py", "exec"), replay.__dict__)  # noqa: S102
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # exact prices may have thousands of digits
    results = {said["pot"]: said for said in box.result["pots"]}
    for pot in bundle.rules["pots"]:
        said = results[pot["key"]]
        name, election = f"{pot['key']}.trace.jsonl", election_of(bundle, pot)
        digest = sha256(canonical(election).encode()).hex()
        check(digest == said["election_digest"], f"{pot['key']}: other ballots were counted")
        lines = bundle.lines(name)
        heads = {line["type"]: line for line in map(json.loads, [*lines[:2], lines[-1]])}
        check(heads["election"]["digest"] == digest, f"{name}: is about other ballots")
        check(heads["rule"]["rule"] == bundle.rules["counting"]["rule"], f"{name}: counts by another rule")
        check(heads["rule"]["digest"] == said["rule_digest"], f"{name}: counts by another rule than the board says")
        check(said["rule"] == bundle.rules["counting"]["name"], f"{pot['key']}: the board names another rule")
        check(heads["result"]["selected"] == said["selected"], f"{name}: the board names other winners")
        check(heads["result"]["cost"] == said["cost"], f"{name}: the board names another sum")
        try:
            replay.verify(lines)
        except (replay.WrongError, replay.NotProvenError) as error:
            raise WrongError(f"{name}: {error}") from error
        check_csv(bundle, pot, election, said["selected"])
        check_pb(bundle, pot, election, said["selected"])


def support_of(election: dict[str, Any], rule: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """How many ballots name each project, and the points it got: empty where ballots give none."""
    votes, points = Counter[int](), Counter[int]()
    ranked, pointed = election["vote_type"] == "ordinal", election["vote_type"] in ADDED_UP
    longest = max((value for _, values, _ in election["ballots"] for value in values), default=0)
    for members, values, weight in election["ballots"]:
        for position, value in zip(members, values or [0] * len(members), strict=True):
            votes[position] += weight
            points[position] += weight * (longest + 1 - value if ranked else value)
    shown = points if rule["score"] == "points" else votes
    return {
        project[0]: (str(votes[position]), str(shown[position]) if pointed else "")
        for position, project in enumerate(election["projects"])
    }


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}" if minor % 100 else str(minor // 100)


def cell(text: str) -> str:
    """As the table spells it, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


TABLE = ["project_id", "name", "cost", "votes", "funded", "order", "points", "pot", "area", "currency", "why"]


def table_of(bundle: Bundle) -> list[dict[str, str]]:
    """The lines of result.csv: of every project in the rules one, and no other column, line or part of a line."""
    header, *rows = csv.reader(io.StringIO(bundle.text("result.csv"), newline=""), strict=True)
    check(header == TABLE, "result.csv: has other columns than a result")
    check(all(len(row) == len(TABLE) for row in rows), "result.csv: a line is longer or shorter than the first")
    number = sum(len(pot["projects"]) for pot in bundle.rules["pots"])
    check(len(rows) == number, f"result.csv: has {len(rows)} lines, but there are {number} projects")
    return [dict(zip(header, row, strict=True)) for row in rows]


def check_csv(bundle: Bundle, pot: dict[str, Any], election: dict[str, Any], selected: list[str]) -> None:
    support = support_of(election, bundle.rules["counting"]["rule"])
    order = {code: str(number) for number, code in enumerate(selected, start=1)}
    rows = [row for row in table_of(bundle) if row["pot"] == cell(pot["name"])]
    table = {row["project_id"]: row for row in rows}
    check(len(table) == len(rows) == len(pot["projects"]), f"result.csv: not every project of “{pot['name']}” once")
    for project in pot["projects"]:
        row, code = table[cell(project["code"])], project["code"]
        said = (row["name"], row["cost"], row["funded"], row["order"], row["currency"])
        funded = ("yes", order[code]) if code in order else ("no", "")
        true = (cell(project["name"]), money(project["cost"]), *funded, bundle.rules["currency"])
        check(said == true, f"result.csv: says something else of “{project['name']}” than the rules and the board")
        votes, points = support[code]
        check(row["votes"] == votes, f"result.csv: “{project['name']}” has {votes} votes")
        check(row["points"] == points, f"result.csv: “{project['name']}” has {points or 'no'} points")


def sections_of(bundle: Bundle, name: str) -> list[list[list[str]]]:
    """META, PROJECTS and VOTES of a `.pb` file, each once and in this order: their lines, the first names the columns."""
    sections: dict[str, list[list[str]]] = {}
    for row in csv.reader(io.StringIO(bundle.text(name), newline=""), delimiter=";", strict=True):
        if len(row) == 1:
            check(row[0] not in sections, f"{name}: has the part {row[0]} twice")
            sections[row[0]] = []
        else:
            sections[list(sections)[-1]].append(row)
    check(list(sections) == ["META", "PROJECTS", "VOTES"], f"{name}: its parts are not META, PROJECTS and VOTES")
    for part, (columns, *rows) in sections.items():
        fit = len(set(columns)) == len(columns) and all(len(row) == len(columns) for row in rows)
        check(fit, f"{name}: the columns of {part} are not in order")
    return list(sections.values())


MAY_SAY = {"description", "unit", "comment"}
LIMITS = {
    "approval": ("max_length", "max_choices"),
    "ordinal": ("max_length", "max_choices"),
    "cumulative": ("max_sum_points", "points"),
    "scoring": ("max_points", "points"),
}


def meta_of(rules: dict[str, Any], pot: dict[str, Any], number: int) -> dict[str, str]:
    """What a `.pb` file says on top, as it follows from the rules and the number of ballots."""
    ballot, (opens, closes) = rules["ballot"], (rules["voting_opens_at"], rules["voting_closes_at"])
    facts = {
        "country": "United Kingdom",
        "subunit": pot["name"],
        "instance": closes[:4],
        "num_projects": str(len(pot["projects"])),
        "num_votes": str(number),
        "budget": money(pot["amount"]),
        "vote_type": ballot["format"],
        "rule": rules["counting"]["name"],
        "date_begin": ".".join(reversed(opens[:10].split("-"))),
        "date_end": ".".join(reversed(closes[:10].split("-"))),
        "currency": rules["currency"],
    }
    if limit := LIMITS.get(ballot["format"]):
        facts[limit[0]] = str(ballot[limit[1]] or "")
    return {key: value for key, value in facts.items() if value}


def check_pb(bundle: Bundle, pot: dict[str, Any], election: dict[str, Any], selected: list[str]) -> None:
    """The file for researchers says the same of the rules, the projects and the ballots."""
    name = f"{pot['key']}.pb"
    (keys, *meta), projects, (fields, *votes) = sections_of(bundle, name)
    facts, cast = dict(meta), cast_of(bundle, pot)
    check(keys == ["key", "value"] and len(facts) == len(meta), f"{name}: META is not in order")
    true = meta_of(bundle.rules, pot, cast.total())
    for key in sorted((facts.keys() | true.keys()) - MAY_SAY):
        check(facts.get(key) == true.get(key), f"{name}: “{key}” does not follow from the rules and the ballots")
    check_pb_projects(bundle, pot, support_of(election, bundle.rules["counting"]["rule"]), projects, selected)
    pointed = bundle.rules["ballot"]["format"] in POINTED
    check(fields == ["voter_id", "vote", "points"][: 2 + pointed], f"{name}: VOTES has other columns")
    numbered = all(row[0] == str(number) for number, row in enumerate(votes, start=1))
    check(numbered, f"{name}: the numbers of the ballots do not run on")
    check(Counter(tuple(row[1:]) for row in votes) == cast, f"{name}: other ballots than the published ones")


def check_pb_projects(
    bundle: Bundle,
    pot: dict[str, Any],
    support: dict[str, tuple[str, str]],
    section: list[list[str]],
    selected: list[str],
) -> None:
    name, (columns, *rows) = f"{pot['key']}.pb", section
    scored = ["score"] if bundle.rules["ballot"]["format"] in ADDED_UP else []
    stated = ["project_id", "cost", "votes", *scored, "name", "selected"]
    placed = [column for column in ("neighborhood", "latitude", "longitude") if column in columns]
    check(columns == stated + placed, f"{name}: PROJECTS has other columns")
    true = set()
    for project in pot["projects"]:
        votes, points = support[project["code"]]
        cells = [project["code"], money(project["cost"]), votes, *([points] if scored else []), project["name"]]
        true.add((*cells, str(int(project["code"] in selected))))
    said = {tuple(row[: len(stated)]) for row in rows}
    check(said == true and len(rows) == len(true), f"{name}: other projects than in the rules and the result")


def cast_of(bundle: Bundle, pot: dict[str, Any]) -> Counter[tuple[str, ...]]:
    """The ballots of this pot as a `.pb` file spells them, without their numbers."""
    pointed, cast = bundle.rules["ballot"]["format"] in POINTED, Counter[tuple[str, ...]]()
    for selections, weight in bundle.ballots.items():
        if (section := decode(selections).get(pot["key"])) is not None:
            pairs = zip(*section, strict=True) if pointed else [section]
            cast[tuple(",".join(map(str, part)) for part in pairs)] += weight
    return cast


# -- everything


def verify(folder: Path, seen: Iterable[str] = ()) -> Iterator[str]:
    """What holds, as lines of text. Raises WrongError with the item that does not. `seen`: fingerprints noted earlier.

    Raises OSError where something cannot be read, or the other program does not lie beside this one.
    """
    name, program = "manifest.json", program_beside(folder)
    try:
        bundle = Bundle(folder)
        check_files(bundle)
        name = "board.jsonl"
        box = check_board(bundle)
        for hash in seen:
            check(hash in box.hashes[1:], f"board.jsonl: the fingerprint {hash} that you noted is not on it")
        name = "ballots.jsonl"
        check_ballots(bundle, box)
        name = "the count"
        check_counts(bundle, box, program)
    except MALFORMED as error:
        raise WrongError(f"{name}: not in order ({error!r})") from error
    yield f"root {box.root}"
    yield f"ballots {len(box.standing)}, replaced {len(box.replaced)}, struck {len(box.struck)}"
    for channel, number in sorted(box.voted.items()):
        yield f"voted by {channel} {number}"
    for said in box.result["pots"]:
        yield f"{said['pot']}: {len(said['selected'])} funded by {said['rule']}, {said['cost']} minor units"
    yield f"the board has {len(box.hashes) - 1} entries; note its last fingerprint: {box.hashes[-1]}"
    if program is None:
        yield "checked by the programs in this folder itself: if you do not trust it, take both from the site's source code"
    yield "everything holds"


def fingerprint(text: str) -> str:
    """As the site prints it, in groups of four, or in one piece."""
    digits = "".join(text.split()).lower()
    if not is_hex(digits, 64):
        raise argparse.ArgumentTypeError(
            "a fingerprint has 64 digits and letters from a to f, in groups or in one piece"
        )
    return digits


def joined(arguments: list[str]) -> list[str]:
    """The groups of a fingerprint that came as arguments of their own, as one."""
    done: list[str] = []
    for argument in arguments:
        if done[-2:-1] == ["--seen"] and re.fullmatch(r"[0-9a-fA-F\s]{1,63}", done[-1]):
            longer = "".join((done[-1] + argument).split())
            if re.fullmatch("[0-9a-fA-F]{1,64}", longer):
                done[-1] = longer
                continue
        done.append(argument)
    return done


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(description="Check a published ballot box.", allow_abbrev=False)
    asked.add_argument("folder", type=Path, nargs="?", default=Path())
    asked.add_argument(
        "--seen",
        action="append",
        default=[],
        type=fingerprint,
        metavar="HASH",
        help="a fingerprint of the board noted earlier",
    )
    options = asked.parse_args(joined(arguments))
    if not (options.folder / "manifest.json").is_file():
        print(f"{options.folder} holds no manifest.json")
        return 2
    try:
        for line in verify(options.folder, options.seen):
            print(line)
    except WrongError as error:
        print(f"WRONG: {error}")
        return 1
    except OSError as error:
        print(f"cannot be checked: {error}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
