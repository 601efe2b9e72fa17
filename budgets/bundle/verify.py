"""Check a published ballot box: `python verify.py FOLDER` prints its root and counts, or the first thing that is wrong.

One file, Python's standard library only, sharing no code with the site that published. It checks that
- no file differs from the manifest, and the manifest and the board's checkpoints are signed with the round's key;
- the board is one unbroken chain, and every ballot's leaf is on it, none too many and none too few;
- the ballots are the ones that were counted, and `verify_count.py` (beside this file) can replay the count from its trace.
Exit code 0: everything holds. 1: something is wrong; the item is named. 2: this is not such a folder.
"""

import csv
import hashlib
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
Group = tuple[tuple[int, ...], tuple[int, ...]]
Kinds = dict[str, list[dict[str, Any]]]  # the bodies of the board's entries, by kind

FIRST = "0" * 64
BOARD, BUNDLE = b"good-local board checkpoint\x00", b"good-local bundle\x00"
SIGNED = ("open", "close", "result", "key_destroyed")


class WrongError(Exception):
    """The message names the file or item that is wrong."""


def check(true: object, message: str) -> None:
    if not true:
        raise WrongError(message)


# -- hashes: canonical JSON, leaves and trees as in RFC 6962


def canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


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


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """`public` and `signature` in lower-case hexadecimal."""
    if len(signature) != 128 or signature != signature.lower():
        return False
    key, half = bytes.fromhex(public), bytes.fromhex(signature)[:32]
    scalar = int.from_bytes(bytes.fromhex(signature)[32:], "little")
    a, r = recovered(key), recovered(half)
    if a is None or r is None or scalar >= L:
        return False
    k = int.from_bytes(hashlib.sha512(half + key + message).digest(), "little") % L
    left, right = times(scalar, BASE), added(r, times(k, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# -- the folder


class Bundle:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = self.document("manifest.json")
        self.rules = self.document("rules.json")
        self.board = self.lines("board.jsonl")
        self.ballots = self.lines("ballots.jsonl")

    def text(self, name: str) -> str:
        try:
            return (self.folder / name).read_bytes().decode()
        except UnicodeDecodeError as error:
            raise WrongError(f"{name}: not UTF-8 text") from error

    def document(self, name: str) -> Any:
        """One JSON document, in exactly the canonical spelling."""
        text = self.text(name)
        try:
            document = json.loads(text)
        except ValueError as error:
            raise WrongError(f"{name}: not JSON ({error})") from error
        check(text == canonical(document) + "\n", f"{name}: not in the canonical spelling")
        return document

    def lines(self, name: str) -> list[dict[str, Any]]:
        found = []
        for number, line in enumerate(self.text(name).splitlines(), start=1):
            try:
                found.append(json.loads(line))
            except ValueError as error:
                raise WrongError(f"{name}, line {number}: not JSON ({error})") from error
        return found


def check_files(bundle: Bundle) -> None:
    """Every file is listed with its hash, and the list is signed."""
    manifest = dict(bundle.manifest)
    signature = manifest.pop("signature", "")
    message = BUNDLE + sha256(canonical(manifest).encode())
    check(is_signed(bundle.rules["board_key"], message, signature), "manifest.json: the signature is wrong")
    listed = manifest["files"]
    there = {path.name for path in bundle.folder.iterdir() if path.is_file()} - {"manifest.json", "verify.py"}
    for name in sorted(there ^ set(listed)):
        raise WrongError(f"{name}: {'not in the manifest' if name in there else 'is missing'}")
    for name, digest in sorted(listed.items()):
        check(sha256((bundle.folder / name).read_bytes()).hex() == digest, f"{name}: differs from the manifest")
    check(manifest["board"] == bundle.board[-1]["hash"], "board.jsonl: does not end where the manifest says")


def check_board(bundle: Bundle) -> Kinds:
    """One chain of entries, the checkpoints signed; returns the entries by kind."""
    previous = FIRST
    kinds: Kinds = {}
    for seq, entry in enumerate(bundle.board):
        name = f"board.jsonl, entry {seq}"
        stated = {key: entry[key] for key in ("round", "seq", "kind", "body", "previous")}
        check(entry["seq"] == seq and entry["previous"] == previous, f"{name}: the chain is broken")
        check(entry["round"] == bundle.rules["round"], f"{name}: belongs to another round")
        check(sha256(b"\x02" + canonical(stated).encode()).hex() == entry["hash"], f"{name}: its hash is wrong")
        if entry["kind"] in SIGNED:
            message = BOARD + bytes.fromhex(entry["hash"])
            check(is_signed(bundle.rules["board_key"], message, entry["signature"]), f"{name}: the signature is wrong")
        previous = entry["hash"]
        kinds.setdefault(entry["kind"], []).append(entry["body"])
    rules_hash = sha256(canonical(bundle.rules).encode()).hex()
    check(kinds["open"][-1]["rules_hash"] == rules_hash, "rules.json: not the rules under which the board was opened")
    check(len(kinds.get("close", [])) == 1, "board.jsonl: was not closed once")
    return kinds


def check_ballots(bundle: Bundle, kinds: Kinds) -> str:
    """Each ballot's leaf follows from it; together they are what the board says. Returns their root."""
    rules_hash = sha256(canonical(bundle.rules).encode()).hex()
    leaves = []
    for number, ballot in enumerate(bundle.ballots, start=1):
        document = {"round": bundle.rules["round"], "rules_hash": rules_hash, "v": 1}
        document |= {"salt": ballot["salt"], "selections": ballot["selections"]}
        leaf = sha256(b"\x00" + canonical(document).encode()).hex()
        check(leaf == ballot["leaf"], f"ballots.jsonl, line {number}: its leaf is wrong")
        leaves.append(leaf)
    check(leaves == sorted(set(leaves)), "ballots.jsonl: a leaf is there twice or out of order")
    sealed = [leaf for body in kinds.get("batch", []) for leaf in body["leaves"]]
    for body in kinds.get("batch", []):
        check(merkle_root(body["leaves"]) == body["root"], "board.jsonl: the root of a batch is wrong")
    (close,) = kinds["close"]
    gone = set(close["superseded"]) | {body["leaf"] for body in kinds.get("strike", [])}
    check(len(sealed) == len(set(sealed)), "board.jsonl: a leaf was sealed twice")
    check(set(sealed) - gone == set(leaves), "ballots.jsonl: not the ballots that the board sealed")
    check(gone <= set(sealed), "board.jsonl: a leaf was replaced or struck that was never sealed")
    result: dict[str, Any] = kinds["result"][-1]
    check(result["state"] == "certified", "board.jsonl: the result is not certified")
    check(result["ballots"] == len(leaves), "board.jsonl: the result counts another number of ballots")
    check(result["root"] == merkle_root(leaves), "board.jsonl: the result stands on other ballots")
    struck = len(kinds.get("strike", []))
    check(sum(close["voted"].values()) - struck == len(leaves), "board.jsonl: electors and ballots do not balance")
    return str(result["root"])


# -- what was counted


def election_of(bundle: Bundle, pot: dict[str, Any]) -> dict[str, Any]:
    """The election of one pot, in the form the count hashed: positions in the sorted projects, equal ballots once."""
    codes = sorted(project["code"] for project in pot["projects"])
    costs = {project["code"]: project["cost"] for project in pot["projects"]}
    place = {code: position for position, code in enumerate(codes)}
    vote_type = bundle.rules["ballot"]["format"]
    groups: dict[Group, int] = {}
    for ballot in bundle.ballots:
        if (section := ballot["selections"].get(pot["key"])) is not None:
            key = grouped(section, place, vote_type)
            groups[key] = groups.get(key, 0) + 1
    return {
        "ballots": [[list(members), list(values), weight] for (members, values), weight in sorted(groups.items())],
        "budget": pot["amount"],
        "projects": [[code, costs[code], "", []] for code in codes],
        "unit": 100,
        "vote_type": vote_type,
    }


def grouped(section: list[Any], place: dict[str, int], vote_type: str) -> Group:
    if vote_type in ("cumulative", "scoring"):
        pairs = sorted((place[code], points) for code, points in section if points)
    elif vote_type == "ordinal":
        pairs = sorted((place[code], rank) for rank, code in enumerate(section, start=1))
    else:
        return tuple(sorted(place[code] for code in section)), ()
    return tuple(position for position, _ in pairs), tuple(value for _, value in pairs)


def check_counts(bundle: Bundle, kinds: Kinds) -> None:
    """The count of each pot started from these ballots under the frozen rule, and its trace proves the winners."""
    spec = importlib.util.spec_from_file_location("verify_count", bundle.folder / "verify_count.py")
    assert spec is not None
    assert spec.loader is not None
    replay = sys.modules["verify_count"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(replay)
    counted = {body["pot"]: body for body in kinds["result"][-1]["pots"]}
    check(set(counted) == {pot["key"] for pot in bundle.rules["pots"]}, "board.jsonl: not every pot has a result")
    for pot in bundle.rules["pots"]:
        key, said = pot["key"], counted[pot["key"]]
        digest = sha256(canonical(election_of(bundle, pot)).encode()).hex()
        check(digest == said["election_digest"], f"{key}: other ballots were counted")
        text = bundle.text(f"{key}.trace.jsonl").splitlines()
        heads = {line["type"]: line for line in map(json.loads, [*text[:2], text[-1]])}
        check(heads["election"]["digest"] == digest, f"{key}.trace.jsonl: is about other ballots")
        check(heads["rule"]["rule"] == bundle.rules["counting"]["rule"], f"{key}.trace.jsonl: counts by another rule")
        check(heads["result"]["selected"] == said["selected"], f"{key}: the board names other winners")
        try:
            replay.verify(text)
        except (replay.WrongError, replay.NotProvenError) as error:
            raise WrongError(f"{key}.trace.jsonl: {error}") from error
        check_csv(bundle, pot["name"], said)


def check_csv(bundle: Bundle, name: str, said: dict[str, Any]) -> None:
    rows = [row for row in csv.DictReader(io.StringIO(bundle.text("result.csv"))) if row["pot"].lstrip("'") == name]
    funded = {row["project_id"].lstrip("'") for row in rows if row["funded"] == "yes"}
    check(funded == set(said["selected"]), f"result.csv: names other winners for “{name}”")


def verify(folder: Path) -> Iterator[str]:
    """What holds, as lines of text. Raises WrongError with the item that does not."""
    bundle = Bundle(folder)
    try:
        check_files(bundle)
        kinds = check_board(bundle)
        root = check_ballots(bundle, kinds)
        check_counts(bundle, kinds)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise WrongError(f"the bundle is not in order: {error!r}") from error
    (close,) = kinds["close"]
    yield f"root {root}"
    yield f"ballots {len(bundle.ballots)}, replaced {len(close['superseded'])}, struck {len(kinds.get('strike', []))}"
    for channel, number in sorted(close["voted"].items()):
        yield f"voted by {channel} {number}"
    for body in kinds["result"][-1]["pots"]:
        yield f"{body['pot']}: {len(body['selected'])} funded by {body['rule']}, {body['cost']} minor units"
    yield "everything holds"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else ".")
    if not (folder / "manifest.json").is_file():
        print(f"{folder} holds no manifest.json")
        return 2
    try:
        for line in verify(folder):
            print(line)
    except WrongError as error:
        print(f"WRONG: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
