"""Check a count from its trace: `python verify.py trace.jsonl` prints what holds, or the first thing that does not.

One file, standard library only, sharing no code with the program that counted. It searches for nothing: it replays
each purchase with whole numbers over one common denominator and checks that no other project was cheaper, and that
raising everybody's money once more would overspend. (That no earlier rise would have ended the count is not in a trace.)
Exit code 0: the result follows from the ballots under the rule; 1: it does not; 2: the trace cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Any


class WrongError(Exception):
    """The trace does not prove the result."""


def check(true: bool, message: str) -> None:
    if not true:
        raise WrongError(message)


def fraction(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator))


class Election:
    """The ballots as {project: value} with how many cast each, and what the rule makes of the projects."""

    def __init__(self, document: dict[str, Any], rule: dict[str, Any]) -> None:
        self.rule, self.budget, self.unit = rule, int(document["budget"]), int(document["unit"])
        self.projects = {p["id"]: p for p in document["projects"]}
        self.cost: dict[str, int] = {p: self.projects[p]["cost"] for p in self.projects}
        self.digest = election_digest(document)
        ids, points = list(self.projects), self._points(document)
        self.ballots = [
            ({ids[m]: points(v) for m, v in zip(members, values or [1] * len(members), strict=True)}, weight)
            for members, values, weight in document["ballots"]
        ]
        self.voters = sum(weight for _, weight in self.ballots)
        self.named_by: dict[str, list[int]] = {p: [] for p in ids}
        for b, (ballot, _) in enumerate(self.ballots):
            for p in ballot:
                self.named_by[p].append(b)
        self.votes = {p: sum(self.ballots[b][1] for b in self.named_by[p]) for p in ids}
        self.points = {p: sum(self.ballots[b][1] * self.ballots[b][0][p] for b in self.named_by[p]) for p in ids}
        self.order = sorted(ids, key=self._tie_key)
        self.eligible = [p for p in ids if self._eligible(p)]

    @staticmethod
    def _points(document: dict[str, Any]) -> Any:
        if document["vote_type"] != "ordinal":
            return lambda value: value
        most = max((value for _, values, _ in document["ballots"] for value in values), default=0)
        return lambda rank: most + 1 - rank

    def _tie_key(self, p: str) -> tuple[Any, ...]:
        lot = hashlib.sha256((self.rule["lot_seed"] + p).encode()).digest()
        parts = {"lowest-cost": self.cost[p], "most-votes": -self.votes[p], "id": p, "lot": lot}
        return tuple(parts[name] for name in self.rule["ties"])

    def _eligible(self, p: str) -> bool:
        score, share = self.points[p] if self.rule["score"] == "points" else self.votes[p], self.rule["cost_share"]
        enough = not share or self.votes[p] * share * self.budget >= self.cost[p] * self.voters
        return self.votes[p] > 0 and self.cost[p] <= self.budget and score >= self.rule["threshold"] and enough

    def greedy(self, among: Iterable[str], left: int, stop: bool) -> list[str]:
        rank: dict[str, Any] = {"votes": self.votes, "points": self.points}.get(self.rule["score"]) or {
            p: Fraction(self.votes[p], self.cost[p]) if self.cost[p] else self.voters + self.votes[p] for p in self.cost
        }
        bought: list[str] = []
        place = {p: i for i, p in enumerate(self.order)}
        for p in sorted(among, key=lambda p: (-rank[p], place[p])):
            if self.cost[p] <= left:
                bought.append(p)
                left -= self.cost[p]
            elif stop:
                break
        return bought

    def share(self, step: int) -> Fraction:
        start = Fraction(self.budget, self.voters)
        if self.rule["start"] == "integral":
            start = Fraction(start // self.unit * self.unit)
        return start + Fraction(step * int(self.rule["increment"]) * self.unit)


def election_digest(document: dict[str, Any]) -> str:
    deciding = {
        "ballots": document["ballots"],
        "budget": document["budget"],
        "projects": [[p["id"], p["cost"], p["area"], sorted(p["categories"])] for p in document["projects"]],
        "unit": document["unit"],
        "vote_type": document["vote_type"],
    }
    return sha256(deciding)


def sha256(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Purses:
    """What each group of equal ballots has left for one voter: money[b] / denominator."""

    def __init__(self, election: Election, share: Fraction) -> None:
        self.election, self.denominator = election, share.denominator
        self.money = [share.numerator] * len(election.ballots)
        self.by_points = election.rule["utility"] == "points"

    def value(self, b: int, p: str) -> int:
        return self.election.ballots[b][0][p] if self.by_points else 1

    def raised(self, p: str, price: Fraction) -> Fraction:
        """What the voters of p bring together if each pays the price (times the points), or all that is left."""
        full = price.numerator * self.denominator
        total = sum(
            self.election.ballots[b][1] * min(self.money[b] * price.denominator, full * self.value(b, p))
            for b in self.election.named_by[p]
        )
        return Fraction(total, price.denominator * self.denominator)

    def left(self, p: str) -> Fraction:
        total = sum(self.money[b] * self.election.ballots[b][1] for b in self.election.named_by[p])
        return Fraction(total, self.denominator)

    def pay(self, p: str, price: Fraction) -> None:
        common = lcm(self.denominator, price.denominator)
        factor, due = common // self.denominator, price.numerator * (common // price.denominator)
        self.denominator, self.money = common, [money * factor for money in self.money]
        for b in self.election.named_by[p]:
            self.money[b] = max(0, self.money[b] - due * self.value(b, p))


def replay(election: Election, run: dict[str, Any], bought: list[dict[str, Any]]) -> tuple[list[str], Purses]:
    """Check each purchase: its voters pay its cost exactly, and no other project was cheaper for what it gives."""
    check(fraction(run["share"]) == election.share(run["step"]), f"step {run['step']}: wrong endowment")
    purses, done, open_ = Purses(election, election.share(run["step"])), list[str](), dict.fromkeys(election.eligible)
    place = {p: i for i, p in enumerate(election.order)}

    def worth(p: str) -> int:
        return max(election.cost[p], 1) if election.rule["utility"] == "cost" else 1

    for line in bought:
        p, price = line["project"], fraction(line["price"])
        check(p in open_, f"{p} is bought twice or may not be bought")
        check(purses.raised(p, price) == election.cost[p], f"{p}: its voters do not pay its cost at this price")
        del open_[p]
        for other in open_:
            cheapest = price * worth(other) / worth(p)
            raised, cost = purses.raised(other, cheapest), election.cost[other]
            ahead = place[p] < place[other]
            dearer = raised < cost or (raised == cost and ahead and _needs(purses, other, cheapest))
            check(dearer, f"{other} was cheaper than {p}")
        purses.pay(p, price)
        done.append(p)
    return done, purses


def _needs(purses: Purses, p: str, price: Fraction) -> bool:
    """Whether the voters of p raise less at any lower price: somebody can pay this one whole."""
    return any(
        purses.money[b] * price.denominator >= price.numerator * purses.denominator * purses.value(b, p)
        for b in purses.election.named_by[p]
    )


def check_shares(election: Election, runs: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> list[str]:
    rule, (run, bought) = election.rule, runs["final"]
    done, purses = replay(election, run, bought)
    spent = sum(election.cost[p] for p in done)
    rest = [p for p in election.eligible if p not in done]
    for p in rest:
        check(purses.left(p) < election.cost[p], f"{p} could still be paid")
    if rule["completion"] in ("add1", "add1u"):
        fits = any(election.cost[p] <= election.budget - spent for p in rest)
        if rest and (fits or not rule["exhaustive_stop"]):
            check("beyond" in runs, "the trace does not show why money was not raised further")
            beyond, more = runs["beyond"]
            check(beyond["step"] == run["step"] + 1, "the step beyond is not the next one")
            over = sum(election.cost[p] for p in replay(election, beyond, more)[0])
            check(over > election.budget, "the next step does not overspend")
    else:
        check(run["step"] == 0, "this rule raises nobody's money")
    if rule["completion"] in ("add1u", "utilitarian"):
        done += election.greedy(rest, election.budget - spent, stop=False)
    return done


def check_phragmen(election: Election, bought: list[dict[str, Any]]) -> list[str]:
    since, left = [Fraction(0)] * len(election.ballots), election.budget
    done, open_ = list[str](), list(election.eligible)

    def first() -> tuple[Fraction, str]:
        def time(p: str) -> Fraction:
            held = sum((since[b] * election.ballots[b][1] for b in election.named_by[p]), Fraction(election.cost[p]))
            return Fraction(held, election.votes[p])

        least, _, p = min((time(p), i, p) for i, p in enumerate(election.order) if p in open_)
        return least, p

    for line in bought:
        time, p = first()
        check(p == line["project"] and time == fraction(line["time"]), f"{line['project']} was not the next to be paid")
        check(election.cost[p] <= left, f"{p} does not fit what is left")
        left -= election.cost[p]
        open_.remove(p)
        done.append(p)
        for b in election.named_by[p]:
            since[b] = time
    check(not open_ or election.cost[first()[1]] > left, "the next project would still fit")
    return done


def better_of(election: Election, ours: list[str]) -> list[str]:
    """The comparison step: ours, unless more voters have more winners under greedy."""
    theirs = election.greedy(election.eligible, election.budget, stop=election.rule["misfit"] == "stop")
    balance = 0
    for ballot, weight in election.ballots:
        mine, other = sum(p in ballot for p in ours), sum(p in ballot for p in theirs)
        balance += weight * ((mine > other) - (mine < other))
    return ours if balance >= 0 else theirs


def verify(lines: Iterable[str]) -> str:
    """Raises WrongError; otherwise says what was checked."""
    parts = [json.loads(line) for line in lines if line.strip()]
    first, second, last = parts[0], parts[1], parts[-1]
    rule = second["rule"]
    election = Election(first["election"], rule)
    check(first["digest"] == election.digest, "the digest is not that of the election")
    check(second["digest"] == sha256({k: v for k, v in rule.items() if k != "name"}), "the digest is not the rule's")
    runs: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {"": ({}, [])}
    name = ""
    for part in parts[2:-1]:
        if part["type"] == "run":
            name = part["name"]
            runs[name] = (part, [])
        else:
            runs[name][1].append(part)
    check(rule["method"] != "max-welfare", "that a total is the greatest cannot be checked without a search")
    if rule["method"] == "equal-shares" and election.eligible:
        selected = check_shares(election, runs)
    elif rule["method"] == "phragmen":
        selected = check_phragmen(election, runs[""][1])
    else:
        selected = election.greedy(election.eligible, election.budget, stop=rule["misfit"] == "stop")
    if rule["comparison"] == "greedy":
        selected = better_of(election, selected)
    cost = sum(election.cost[p] for p in selected)
    check(last["selected"] == selected and last["cost"] == cost, "the result is not what the ballots and the rule give")
    check(cost <= election.budget, "the result overspends")
    return f"holds: {election.voters} ballots, {len(selected)} projects, {cost} of {election.budget}; {election.digest}"


def main() -> int:
    sys.set_int_max_str_digits(0)  # exact prices may have thousands of digits
    try:
        with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123
            sys.stdout.write(verify(file) + "\n")
    except WrongError as wrong:
        sys.stdout.write(f"DOES NOT HOLD: {wrong}\n")
        return 1
    except (IndexError, KeyError, TypeError, ValueError, OSError) as error:
        sys.stderr.write(f"cannot be read: {error!r}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
