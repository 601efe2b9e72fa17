"""Check a count from its trace: `python verify.py trace.jsonl` prints what holds, or the first thing that does not.

One file, standard library only, sharing no code with the program that counted. It searches for nothing: it replays
each purchase with whole numbers over one common denominator and checks that no other project was cheaper; and where
everybody's money was raised step by step, that no earlier step ended the count and that the next would overspend.
Guaranteed amounts, caps, projects that exclude each other and a part paid to the next project are replayed as well.
Exit code 0: the result follows from the ballots under the rule; 1: it does not; 2: the trace cannot be read; 3: the
trace of a count for maximum welfare leaves so much in question that neither is proven.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm
from typing import Any


class WrongError(Exception):
    """The trace does not prove the result."""


class NotProvenError(Exception):
    """Neither right nor wrong is proven within the work allowed."""


TOO_MANY = 200_000


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
        self.place = {p: i for i, p in enumerate(sorted(ids, key=self._tie_key))}
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

    def in_line(self, among: Iterable[str]) -> list[str]:
        """From the highest score; equals in the order of the tie rule."""
        rank: dict[str, Any] = {"votes": self.votes, "points": self.points}.get(self.rule["score"]) or {
            p: Fraction(self.votes[p], self.cost[p]) if self.cost[p] else self.voters + self.votes[p] for p in self.cost
        }
        return sorted(among, key=lambda p: (-rank[p], self.place[p]))

    def group(self, quota: dict[str, Any]) -> set[str]:
        """The projects of the area or category of a cap or a guarantee."""
        name, by_area = quota["name"], quota["by"] == "area"
        of = {p: [line["area"]] if by_area else line["categories"] for p, line in self.projects.items()}
        return {p for p in of if name in of[p]}

    def total(self, projects: Iterable[str]) -> int:
        return sum(self.cost[p] for p in projects)


class Limits:
    """What has been bought, and so what the caps and the projects that exclude each other still allow."""

    def __init__(self, election: Election, bought: Iterable[str] = ()) -> None:
        self.election, self.bought = election, list[str]()
        self.part: dict[str, Any] | None = None
        self.sets = [set(ids) for ids in election.rule.get("incompatible", [])]
        self.caps = [(int(quota["amount"]), election.group(quota)) for quota in election.rule.get("caps", [])]
        for p in bought:
            self.buy(p)

    def buy(self, p: str) -> None:
        check(self.allow(p), f"{p} is bought twice, passes a cap or excludes a winner")
        self.bought.append(p)
        self.caps = [(left - self.election.cost[p] if p in group else left, group) for left, group in self.caps]

    def allow(self, p: str) -> bool:
        cost = self.election.cost[p]
        return p not in self.bought and not self.excluded(p) and self.room(p, cost) == cost

    def excluded(self, p: str) -> bool:
        return any(p in ids and q in ids for ids in self.sets for q in self.bought)

    def room(self, p: str, wanted: int) -> int:
        """As much of the wanted amount as the caps allow."""
        return min([wanted, *(left for left, group in self.caps if p in group)])


class Stage:
    """One run of the counting method: the money, the projects that can be bought with it, and the lines about it."""

    def __init__(self, limits: Limits, budget: int, among: Iterable[str], lines: list[dict[str, Any]]) -> None:
        self.election, self.limits, self.budget, self.lines = limits.election, limits, budget, lines
        self.eligible = [p for p in among if limits.allow(p) and self.election.cost[p] <= budget]
        self.before = self.election.total(limits.bought)

    def spent(self, limits: Limits) -> int:
        """On what this stage bought."""
        return self.election.total(limits.bought) - self.before

    def share(self, step: int) -> Fraction:
        """What each voter holds after so many rises."""
        unit, rule = self.election.unit, self.election.rule
        start = Fraction(self.budget, self.election.voters)
        if rule["start"] == "integral":
            start = Fraction(start // unit * unit)
        return start + Fraction(step * int(rule["increment"]) * unit)

    def buy_in_line(self, among: Iterable[str], left: int, stop: bool) -> list[str]:
        """By falling score whatever still fits; with `stop`, up to the first that does not."""
        bought: list[str] = []
        for p in self.election.in_line(among):
            if not self.limits.allow(p):
                continue
            if self.election.cost[p] <= left:
                self.limits.buy(p)
                bought.append(p)
                left -= self.election.cost[p]
            elif stop:
                break
        return bought


def election_digest(document: dict[str, Any]) -> str:
    deciding = {
        "ballots": document["ballots"],
        "budget": document["budget"],
        "projects": [[p["id"], p["cost"], p["area"], sorted(p["categories"])] for p in document["projects"]],
        "unit": document["unit"],
        "vote_type": document["vote_type"],
    }
    return sha256(deciding)


def sha256(document: Any, ascii: bool = False) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii)
    return hashlib.sha256(text.encode()).hexdigest()


Key = tuple[Fraction | float, int]


class Purses:
    """What each group of equal ballots has left for one voter: money[b] / denominator."""

    def __init__(self, election: Election, share: Fraction) -> None:
        self.election, self.denominator = election, share.denominator
        self.money = [share.numerator] * len(election.ballots)
        self.by_points, self.by_cost = (election.rule["utility"] == by for by in ("points", "cost"))
        self.seen: dict[str, Key] = {}

    def value(self, b: int, p: str) -> int:
        return self.election.ballots[b][0][p] if self.by_points else 1

    def price(self, p: str) -> Fraction | None:
        """The price at which the voters of p just pay its cost, each at most what is left; None if they cannot."""
        payers = [(self.money[b], self.value(b, p), self.election.ballots[b][1]) for b in self.election.named_by[p]]
        need = self.election.cost[p] * self.denominator
        if sum(money * voters for money, _, voters in payers) < need:
            return None
        while True:
            parts = sum(value * voters for _, value, voters in payers)
            poor = [payer for payer in payers if payer[0] * parts < need * payer[1]]
            if not poor:
                return Fraction(need, parts * self.denominator)
            payers = [payer for payer in payers if payer[0] * parts >= need * payer[1]]
            need -= sum(money * voters for money, _, voters in poor)

    def key(self, p: str) -> Key:
        """The project with the least is bought next: by price for what a voter gets, then by the tie rule."""
        price, worth = self.price(p), max(self.election.cost[p], 1) if self.by_cost else 1
        return inf if price is None else price / worth, self.election.place[p]

    def after(self, p: str, than: Key) -> bool:
        """Whether p comes after that. Counts its price again only where it matters: as money goes, prices rise."""
        if p not in self.seen or self.seen[p] <= than:
            self.seen[p] = self.key(p)
        return self.seen[p] > than

    def pay(self, p: str) -> Fraction:
        price = self.price(p)
        if price is None:
            raise WrongError(f"{p}: its voters cannot pay its cost")
        common = lcm(self.denominator, price.denominator)
        factor, due = common // self.denominator, price.numerator * (common // price.denominator)
        self.denominator, self.money = common, [money * factor for money in self.money]
        for b in self.election.named_by[p]:
            self.money[b] = max(0, self.money[b] - due * self.value(b, p))
        return price


def replay(stage: Stage, bought: list[str], steps: list[int], whole: bool = True) -> tuple[Limits, list[Fraction]]:
    """Check that these are the purchases at the first of the steps, at the last and so at all between: after the same
    purchases whoever holds more at first has no less left, so prices only fall from step to step. Each purchase must
    come first even if it costs what it does at the first step and its rivals what they do at the last; and if the run
    is a `whole` one, nothing more can be paid in the end even at the last. Gives the prices at the first step.
    """
    first, limits = Purses(stage.election, stage.share(steps[0])), Limits(stage.election, stage.limits.bought)
    last = first if steps[0] == steps[-1] else Purses(stage.election, stage.share(steps[-1]))
    open_, prices = stage.eligible, list[Fraction]()
    for p in bought:
        check(p in open_, f"{p} is bought twice or may not be bought")
        key = first.key(p)
        for other in open_:
            check(other == p or last.after(other, key), f"{other} was cheaper than {p}")
        prices.append(first.pay(p))
        if last is not first:
            last.pay(p)
        limits.buy(p)
        open_ = [other for other in open_ if limits.allow(other)]
    for other in open_ if whole else ():
        check(last.after(other, (inf, -1)), f"{other} could still be paid")
    return limits, prices


def check_run(stage: Stage, name: str, whole: bool = True) -> tuple[int, Limits]:
    """Check the run of that name in the trace; (its step, what is bought then)."""
    names = [line.get("name") for line in stage.lines]
    check(name in names, f"the trace does not show the {name} run")
    head, purchases = stage.lines[names.index(name)], list[dict[str, Any]]()
    for line in stage.lines[names.index(name) + 1 :]:
        if line["type"] != "purchase":
            break
        purchases.append(line)
    check(fraction(head["share"]) == stage.share(head["step"]), f"step {head['step']}: wrong endowment")
    limits, prices = replay(stage, [line["project"] for line in purchases], [head["step"]], whole)
    for line, price in zip(purchases, prices, strict=True):
        check(fraction(line["price"]) == price, f"{line['project']}: its voters do not pay its cost at this price")
    return head["step"], limits


def check_earlier(stage: Stage, step: int) -> None:
    """That the count went on at every step before this one."""
    done = 0
    for line in stage.lines:
        if line["type"] == "steps":
            first, last = line["first"], line["last"]
            check(0 <= first <= done and first <= last, f"what was bought at step {done} is not in the trace")
            limits, _ = replay(stage, line["bought"], [first, last])
            check(goes_on(stage, limits), f"the count ended at step {first}")
            done = last + 1
    check(done >= step, f"what was bought at step {done} is not in the trace")


def goes_on(stage: Stage, limits: Limits) -> bool:
    """Whether money is raised once more after these purchases: some project is open, and not every one too dear."""
    left = stage.budget - stage.spent(limits)
    rest = [p for p in stage.eligible if limits.allow(p)]
    check(left >= 0, "a step before overspends")
    return any(stage.election.cost[p] <= left for p in rest) or (
        bool(rest) and not stage.election.rule["exhaustive_stop"]
    )


def check_shares(stage: Stage) -> None:
    if not stage.eligible:
        return
    rule = stage.election.rule
    step, limits = check_run(stage, "final")
    if rule["completion"] in ("add1", "add1u"):
        check_earlier(stage, step)
        if goes_on(stage, limits):
            beyond, more = check_run(stage, "beyond", whole=False)
            check(beyond == step + 1, "the step beyond is not the next one")
            check(stage.spent(more) > stage.budget, "the next step does not overspend")
    else:
        check(step == 0, "this rule raises nobody's money")
    left, stage.limits = stage.budget - stage.spent(limits), limits
    if rule["completion"] in ("add1u", "utilitarian"):
        stage.buy_in_line(stage.eligible, left, stop=False)


def check_phragmen(stage: Stage) -> None:
    election, left, open_ = stage.election, stage.budget, stage.eligible
    since = [Fraction(0)] * len(election.ballots)

    def first() -> tuple[Fraction, str]:
        def time(p: str) -> Fraction:
            held = sum((since[b] * election.ballots[b][1] for b in election.named_by[p]), Fraction(election.cost[p]))
            return Fraction(held, election.votes[p])

        least, _, p = min((time(p), election.place[p], p) for p in open_)
        return least, p

    for line in stage.lines:
        check(bool(open_), f"{line['project']} may not be bought")
        time, p = first()
        check(p == line["project"] and time == fraction(line["time"]), f"{line['project']} was not the next to be paid")
        check(election.cost[p] <= left, f"{p} does not fit what is left")
        left -= election.cost[p]
        stage.limits.buy(p)
        open_ = [other for other in open_ if stage.limits.allow(other)]
        for b in election.named_by[p]:
            since[b] = time
    check(not open_ or election.cost[first()[1]] > left, "the next project would still fit")


@dataclass(frozen=True)
class Item:
    """`takes`: how much it takes of each limit (by its place) of which it takes anything."""

    worth: int
    takes: dict[int, int]

    def gain(self, prices: list[int]) -> int:
        """What it is worth beyond those prices."""
        return self.worth - sum(prices[k] * much for k, much in self.takes.items())


def check_welfare(stage: Stage) -> None:
    """Worth, cost (less is better) and place in the tie order are made one number, in that weight: no two sets have the
    same, and the set bought is right if none has more.
    """
    election, (line,), places = stage.election, stage.lines, len(stage.election.cost)
    caps, sets = stage.limits.caps, stage.limits.sets
    limits, items = [stage.budget, *(left for left, _ in caps), *(1 for _ in sets)], dict[str, Item]()
    for p in stage.eligible:
        cost, unit = election.cost[p], election.cost[p] if election.rule["utility"] == "cost" else 1
        worth = unit * (election.points if election.rule["utility"] == "points" else election.votes)[p]
        takes = [cost, *(cost * (p in group) for _, group in caps), *(int(p in ids) for ids in sets)]
        key = ((worth * (stage.budget + 1) - cost) << places) + (1 << (places - 1 - election.place[p]))
        items[p] = Item(key, {k: much for k, much in enumerate(takes) if much})
    for p in line["bought"]:
        check(p in items, f"{p} may not be bought")
        stage.limits.buy(p)
    check(stage.spent(stage.limits) <= stage.budget, "the best set overspends")
    groups: dict[int, list[Item]] = {}
    for item in items.values():  # by the first limit each takes of after the budget
        groups.setdefault(min((k for k in item.takes if k), default=0), []).append(item)
    walk = Walk([groups[first] for first in sorted(groups)], limits, line["prices"])
    for inner in line["groups"]:
        walk.check_inner(inner["group"], inner["worth"], inner["prices"])
    walk.check_none_above(sum(items[p].worth for p in line["bought"]))


class Walk:
    """Goes through the items, carrying along the sets that could still be worth more than is claimed. A set is dropped if
    another that is worth more leaves no less of every limit; or because of prices of the limits, whatever they are: a set
    can become worth no more than it is, and what it leaves of the limits is, and what the items to come are beyond the
    prices of what they take.
    """

    def __init__(self, groups: list[list[Item]], limits: list[int], prices: list[int]) -> None:
        whole = all(type(price) is int and price >= 0 for price in prices)
        check(len(prices) == len(limits) and whole, "every limit has a price, a whole number and not below 0")
        self.groups, self.limits, self.prices = groups, limits, prices
        taken = [{k for item in group for k in item.takes} for group in groups]
        self.own = [mine.difference(*(other for other in taken if other is not mine)) for mine in taken]
        # What each group can be worth beyond the prices of the limits that are not its own.
        self.most = [sum(max(0, item.gain(prices)) for item in group) for group in groups]
        self.most = [
            most + sum(prices[k] * limits[k] for k in own) for most, own in zip(self.most, self.own, strict=True)
        ]

    def check_inner(self, group: int, worth: int, prices: list[int]) -> None:
        """That a group cannot be worth more than that beyond the prices, within its own limits."""
        check(type(worth) is int, "a worth is a whole number")
        own = sorted(self.own[group])
        others = [0 if k in own else price for k, price in enumerate(self.prices)]
        items = [
            Item(item.gain(others), {own.index(k): much for k, much in item.takes.items() if k in own})
            for item in self.groups[group]
        ]
        items = [item for item in items if item.worth > 0]
        Walk([items], [self.limits[k] for k in own], prices).check_none_above(worth)
        self.most[group] = worth

    def check_none_above(self, worth: int) -> None:
        sets = [(0, tuple(self.limits))]
        for place, group in enumerate(self.groups):
            later = range(place + 1, len(self.groups))
            matter = {k for i in later for item in self.groups[i] for k in item.takes if k not in self.own[i]}
            rest = sorted(group, key=lambda item: -abs(item.gain(self.prices)))
            while rest:
                item = rest.pop(0)
                more = [(value + item.worth, left_after(left, item)) for value, left in sets]
                sets += [(value, left) for value, left in more if min(left, default=0) >= 0]
                open_ = sorted(matter.union(*(other.takes for other in rest)))
                beyond = sum(max(0, other.gain(self.prices)) for other in rest) + sum(self.most[i] for i in later)
                reach = worth - beyond
                sets = [s for s in sets if s[0] + sum(self.prices[k] * s[1][k] for k in open_) > reach]
                sets = unbeaten(sets, open_)
                if len(sets) > TOO_MANY:
                    raise NotProvenError("the prices leave too many sets of projects in question")
        check(not any(value > worth for value, _ in sets), "some other set is worth more")


def left_after(left: tuple[int, ...], item: Item) -> tuple[int, ...]:
    return tuple(much - item.takes.get(k, 0) for k, much in enumerate(left))


def unbeaten(sets: list[tuple[int, tuple[int, ...]]], open_: list[int]) -> list[tuple[int, tuple[int, ...]]]:
    """Without those that leave no more of any open limit than one that is worth as much or more."""
    kept: list[tuple[int, tuple[int, ...]]] = []
    lefts: list[list[int]] = []
    for value, whole in sorted(sets, reverse=True):
        left = [whole[k] for k in open_]
        if not any(all(a >= b for a, b in zip(other, left, strict=True)) for other in reversed(lefts)):
            kept.append((value, whole))
            lefts.append(left)
    return kept


class Overspent(Purses):
    """Bounded overspending: what the voters of each project could cover of its cost, and at which price."""

    def offer(self, p: str) -> tuple[Fraction, Fraction, Fraction] | None:
        """The least (r / a, minus a, r) at which the voters of p could cover the part a of its cost, each giving
        min(money, a r) for one unit of value. It is where some voter gives exactly all, or at a = 1. None if nobody has
        money.
        """
        if self.election.cost[p] == 0:
            return Fraction(0), Fraction(-1), Fraction(0)
        whole, end = self.price(p), self.least_end(p)
        found = [] if whole is None else [(whole, Fraction(-1), whole)]
        if end:
            money, value, raised = end
            part = Fraction(raised, self.election.cost[p] * value * self.denominator)
            x = Fraction(money, value * self.denominator)
            found.append((x / part**2, -part, x / part))
        return min(found, default=None)

    def least_end(self, p: str) -> tuple[int, int, int] | None:
        """Of the points where a voter gives all: (money, value, what is raised there), over the denominator, the last
        times value too, with the least money x value / raised squared, which is in proportion to r / a.
        """
        held: dict[tuple[int, int], int] = {}
        for b in self.election.named_by[p]:
            key = self.money[b], self.value(b, p)
            held[key] = held.get(key, 0) + self.election.ballots[b][1]
        given, rest, best = 0, sum(value * voters for (_, value), voters in held.items()), (0, 0, 0)
        whole = self.election.cost[p] * self.denominator
        for money, value in sorted(held, key=lambda key: key[0] if key[1] == 1 else Fraction(*key)):
            raised = given * value + money * rest
            if money and raised <= whole * value:
                ours, least = money * value * best[2] ** 2, best[0] * best[1] * raised**2
                if not best[2] or ours < least or (ours == least and raised * best[1] > best[2] * value):
                    best = money, value, raised
            given += money * held[money, value]
            rest -= value * held[money, value]
        return best if best[2] else None

    def key(self, p: str) -> Key:
        """The project with the least is bought next: by r / a for what a voter gets, then by the tie rule."""
        offer, worth = self.offer(p), max(self.election.cost[p], 1) if self.by_cost else 1
        return inf if offer is None else offer[0] / worth, self.election.place[p]

    def spend(self, p: str, price: Fraction) -> None:
        """Every voter of p pays the price (times the points) or, if that is less, all there is."""
        named, due = self.election.named_by[p], price.numerator * self.denominator
        if not any(self.money[b] * price.denominator >= due * self.value(b, p) for b in named):
            price = Fraction(self.election.budget)  # nobody keeps anything: any price that high does the same
        common = lcm(self.denominator, price.denominator)
        factor, due = common // self.denominator, price.numerator * (common // price.denominator)
        self.denominator, self.money = common, [money * factor for money in self.money]
        for b in named:
            self.money[b] = max(0, self.money[b] - due * self.value(b, p))


def check_overspending(stage: Stage) -> list[str]:
    """Each purchase had the least r / a of all that fitted; at the end no project that fits has a voter with money."""
    election, left, bought, open_ = stage.election, stage.budget, list[str](), stage.eligible
    purses = Overspent(election, Fraction(stage.budget, max(election.voters, 1)))
    for line in stage.lines:
        p = line["project"]
        check(p in open_, f"{p} is bought twice, does not fit or may not be bought")
        offer, key = purses.offer(p), purses.key(p)
        if offer is None:
            raise WrongError(f"{p}: its voters have no money")
        for other in open_:
            check(other == p or purses.after(other, key), f"{other} came before {p}")
        price = offer[2]
        if price.denominator.bit_length() > 16384:  # the rule rounds up what is too long
            price = Fraction(-(-price.numerator * 2**256 // price.denominator), 2**256)
        check(price == fraction(line["price"]) and -offer[1] == fraction(line["part"]), f"{p}: another price or part")
        purses.spend(p, price)
        stage.limits.buy(p)
        bought.append(p)
        left -= election.cost[p]
        open_ = [other for other in open_ if stage.limits.allow(other) and election.cost[other] <= left]
    check(all(purses.offer(p) is None for p in open_), "the voters of a project that fits still have money")
    if election.rule["completion"] == "utilitarian":
        bought += stage.buy_in_line([p for p in stage.eligible if stage.limits.allow(p)], left, stop=False)
    return bought


class Together(Purses):
    """Exact shares: how many voters of each project could share its cost equally. `below`: with any less than the share."""

    def __init__(self, election: Election, share: Fraction, below: bool = False) -> None:
        super().__init__(election, share)
        self.most: dict[str, int] = dict(election.votes)
        self.below = below

    def payers(self, p: str) -> int:
        """The most voters of p who each have cost / that number; it never rises as money is spent."""
        need = self.election.cost[p] * self.denominator + (1 if self.below else 0)
        while count := self.most[p]:
            able = [b for b in self.election.named_by[p] if self.money[b] * count >= need]
            self.most[p] = sum(self.election.ballots[b][1] for b in able)
            if self.most[p] >= count:
                self.most[p] = count
                break
        return self.most[p]

    def key(self, p: str) -> Key:
        """The project with the least is bought next: by price for what a voter gets, then by the tie rule."""
        payers, worth = self.payers(p), max(self.election.cost[p], 1) if self.by_cost else 1
        return Fraction(self.election.cost[p], payers * worth) if payers else inf, self.election.place[p]

    def able(self, p: str, price: Fraction) -> list[int]:
        need = price.numerator * self.denominator
        return [b for b in self.election.named_by[p] if self.money[b] * price.denominator >= need]

    def charge(self, ballots: list[int], price: Fraction) -> None:
        common = lcm(self.denominator, price.denominator)
        factor, due = common // self.denominator, price.numerator * (common // price.denominator)
        self.denominator, self.money = common, [money * factor for money in self.money]
        for b in ballots:
            self.money[b] -= due


def check_together(
    stage: Stage, name: str, share: Fraction, until: Fraction | None = None, skip: bool = False
) -> Limits:
    """Check the run of that name; with `until`, that every purchase, payers and all, is the same at any endowment below.
    With `skip` only what is not bought must stay behind until then, all purchases being paid by the same voters.
    Only the final run must show that nothing more can be bought: the one beyond ends where it overspends.
    """
    names = [line.get("name") for line in stage.lines]
    check(name in names, f"the trace does not show the {name} run")
    start = names.index(name)
    kept = {line["project"] for line in stage.lines[start + 1 :] if line["type"] == "purchase"} if skip else set()
    check(fraction(stage.lines[start]["share"]) == share, f"the {name} run: wrong endowment")
    purses, limits, open_ = (
        Together(stage.election, share),
        Limits(stage.election, stage.limits.bought),
        stage.eligible,
    )
    above = Together(stage.election, share if until is None else until, below=until is not None)
    for line in stage.lines[start + 1 :]:
        if line["type"] != "purchase":
            break
        p, payers, key = line["project"], line["payers"], purses.key(line["project"])
        check(p in open_ and payers > 0, f"{p} may not be bought")
        same = payers == purses.payers(p) and (skip or payers == above.payers(p))
        check(same, f"{p}: another number of voters shares its cost")
        price = Fraction(stage.election.cost[p], payers)
        check(fraction(line["price"]) == price, f"{p}: its voters do not pay its cost at this price")
        for other in open_:
            rival = purses if other in kept else above
            check(other == p or rival.after(other, key), f"{other} came before {p}")
        paying = purses.able(p, price)
        purses.charge(paying, price)
        above.charge(paying, price)
        limits.buy(p)
        open_ = [other for other in open_ if limits.allow(other)]
    if name == "final":
        check(not any(above.payers(p) for p in open_), "the voters of another project could share its cost")
    return limits


def check_exact_shares(stage: Stage) -> list[str]:
    if not stage.eligible:
        return []
    election, rule, before = stage.election, stage.election.rule, len(stage.limits.bought)
    heads = {line["name"]: line for line in stage.lines if line["type"] == "run"}
    check("final" in heads, "the trace does not show the final run")
    step, rising = heads["final"]["step"], rule["completion"] in ("add1", "add1u", "add-opt", "add-opt-skip")
    share, until = stage.share(step), None
    if rule["completion"] in ("add-opt", "add-opt-skip"):
        # Found where the outcome changes, not counted in steps. That it only changes at the one beyond is checked.
        share = fraction(heads["final"]["share"])
        until = fraction(heads["beyond"]["share"]) if "beyond" in heads else None
        check(share >= stage.share(0) and (until is None or until > share), "wrong endowments")
    else:
        check(rising or step == 0, "this rule raises nobody's money")
    limits = check_together(stage, "final", share, until, rule["completion"] == "add-opt-skip")
    bought = limits.bought[before:]
    left, rest = stage.budget - election.total(bought), [p for p in stage.eligible if limits.allow(p)]
    if rising and (any(election.cost[p] <= left for p in rest) or (rest and not rule["exhaustive_stop"])):
        beyond = check_together(stage, "beyond", until or stage.share(step + 1)).bought[before:]
        check(election.total(beyond) > stage.budget, "the next step does not overspend")
    stage.limits = limits
    if rule["completion"] in ("add1u", "utilitarian"):
        bought += stage.buy_in_line(rest, left, stop=False)
    return bought


def check_greedy(stage: Stage) -> None:
    stage.buy_in_line(stage.eligible, stage.budget, stop=stage.election.rule["misfit"] == "stop")


class Coins:
    """Voters' money where each purchase takes a part of what they hold: in whole coins, so that numbers stay short. An
    equal share of any budget is whole; payments are rounded down.
    """

    def __init__(self, stage: Stage) -> None:
        self.limits, self.election, self.budget = stage.limits, stage.election, stage.budget
        self.open, self.bought = list(stage.eligible), list[str]()
        self.coin: int = self.election.voters * 10**18
        self.need = {p: cost * self.coin for p, cost in self.election.cost.items()}
        self.money = [stage.budget * 10**18] * len(self.election.ballots)
        self.per_cost = self.election.rule["score"] == "votes-per-cost"

    def above(self, p: str, coins: int) -> int:
        """How far above the cost of p, in millionths of a minor unit."""
        return coins // (self.coin // 10**6) - self.election.cost[p] * 10**6

    def rank(self, p: str, coins: int) -> tuple[int, int, int]:
        """The highest is bought first; of equals the first in the tie order."""
        place = -self.election.place[p]
        if self.per_cost and self.need[p]:
            return 0, coins * 10**12 // self.need[p], place
        return int(self.per_cost), self.above(p, coins), place

    def check_first(self, p: str, coins: dict[str, int]) -> None:
        first = max(coins, key=lambda q: self.rank(q, coins[q]), default="")
        check(p == first, f"{p} was not the next to be bought")

    def buy(self, p: str) -> None:
        self.limits.buy(p)
        self.bought.append(p)
        self.open = [q for q in self.open if self.limits.allow(q)]

    @property
    def left(self) -> int:
        return self.budget - self.election.total(self.bought)


class Points(Coins):
    """Cumulative STV: what a voter holds is split over the open projects of the ballot in proportion to their points."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.minimal = self.election.rule.get("transfers", "minimal") == "minimal"
        by_points = self.election.rule["utility"] == "points"
        self.ballots = [
            ({p: value if by_points else 1 for p, value in ballot.items()}, weight)
            for ballot, weight in self.election.ballots
        ]
        self.given_up: list[str] = []
        self.add_up()

    def add_up(self) -> None:
        """What the points of each ballot for open projects add up to; what they make each project's support, and what its
        supporters hold altogether."""
        open_ = set(self.open)
        self.totals = [sum(value for p, value in ballot.items() if p in open_) for ballot, _ in self.ballots]
        self.support, self.held = dict.fromkeys(self.open, 0), dict.fromkeys(self.open, 0)
        for b, (ballot, weight) in enumerate(self.ballots):
            for p in ballot.keys() & open_:
                self.support[p] += weight * self.part(b, p)
                self.held[p] += weight * self.money[b]

    def part(self, b: int, p: str) -> int:
        points: int = self.ballots[b][0][p]
        return -(-self.money[b] * points // self.totals[b])

    def able(self) -> list[str]:
        """What can be bought: what has the support or else, by minimal transfers, what its supporters can pay."""
        eligible = [p for p in self.open if self.support[p] >= self.need[p]]
        return eligible or [p for p in self.open if self.minimal and self.held[p] >= self.need[p]]

    def take(self, p: str, price: Fraction) -> None:
        """Each supporter pays the price times the part for p, at most all; together its cost."""
        paid, (multiple, of) = Fraction(0), price.as_integer_ratio()
        for b in self.election.named_by[p]:
            (ballot, weight), money = self.ballots[b], self.money[b]
            whole = multiple * ballot[p] >= of * self.totals[b]
            paid += weight * (money if whole else price * self.part(b, p))
            self.money[b] -= money if whole else money * ballot[p] * multiple // (self.totals[b] * of)
        check(paid == self.need[p], f"{p}: its voters do not pay its cost at this price")
        self.buy(p)
        self.add_up()

    def give_up(self, p: str) -> None:
        self.given_up.append(p)
        self.open.remove(p)
        self.add_up()

    def rest(self) -> list[str]:
        """What the points did not pay, in the order in which it may have what is left."""
        return sorted(self.open, key=lambda p: self.rank(p, self.support[p]), reverse=True) + self.given_up[::-1]


def check_cumulative(stage: Stage) -> list[str]:
    run, lines = Points(stage), list(stage.lines)
    while able := run.able() or (run.open if not run.minimal else []):
        check(bool(lines) and lines[0]["project"] in run.open, "the points are not counted to the end")
        line, p = lines[0], lines.pop(0)["project"]
        if run.support[able[0]] >= run.need[able[0]] or run.minimal:
            check(line["type"] == "purchase", f"{p} is given up while another can be bought")
            run.check_first(p, {q: run.support[q] for q in able})
            run.take(p, fraction(line["price"]))
        else:
            last = min(run.open, key=lambda q: (run.above(q, run.support[q]), -run.election.place[q]))
            check(line["type"] == "elimination" and p == last, f"{p} was not the furthest from its cost")
            run.give_up(p)
    accepted = list[str]()
    for p in run.rest() if run.election.rule["completion"] == "utilitarian" else ():
        if stage.limits.allow(p) and run.election.cost[p] <= run.left:
            run.buy(p)
            accepted.append(p)
    check(
        [("acceptance", p) for p in accepted] == [(line["type"], line["project"]) for line in lines], "wrong completion"
    )
    return run.bought


def check_expanding(stage: Stage) -> list[str]:
    """Expanding approvals. At a higher rank nobody approves less: if nothing can be paid at one rank, nothing could below."""
    run, election = Coins(stage), stage.election
    ranks = [{p: 1 + sum(v > ballot[p] for v in ballot.values()) for p in ballot} for ballot, _ in election.ballots]

    def approvers(p: str, rank: int) -> list[int]:
        return [b for b in election.named_by[p] if ranks[b][p] <= rank]

    def able(rank: int) -> dict[str, int]:
        who = {p: approvers(p, rank) for p in run.open}
        held = {p: sum(run.money[b] * election.ballots[b][1] for b in who[p]) for p in who if who[p]}
        return {p: held[p] for p in held if held[p] >= run.need[p]}

    reach = 1
    for line in stage.lines:
        p, rank = line["project"], line["rank"]
        check(rank == reach or (rank > reach and not able(rank - 1)), f"{p} was not bought at the first rank possible")
        reach, can = rank, able(rank)
        run.check_first(p, can)
        part = Fraction(run.need[p], can[p] or 1)
        check(fraction(line["part"]) == part, f"{p}: its voters do not pay its cost")
        for b in approvers(p, rank):
            run.money[b] -= run.money[b] * part.numerator // part.denominator
        run.buy(p)
    check(not able(max((max(rank.values(), default=0) for rank in ranks), default=0)), "something could still be paid")
    if election.rule["completion"] == "utilitarian":
        run.bought += stage.buy_in_line(run.open, run.left, stop=False)
    return run.bought


# Each checks its lines of one stage and leaves in stage.limits what is bought by its end.
METHODS: dict[str, Callable[[Stage], Any]] = {
    "greedy": check_greedy,
    "equal-shares": check_shares,
    "phragmen": check_phragmen,
    "max-welfare": check_welfare,
    "cumulative-stv": check_cumulative,
    "expanding-approvals": check_expanding,
    "overspending": check_overspending,
    "exact-shares": check_exact_shares,
}


def decide(election: Election, method: str, trace: list[dict[str, Any]] | None) -> Limits:
    """Count the guaranteed amounts one after the other, then everything that is left; what is bought in the end.
    `trace`: the lines between the rule and the result; None where the method needs none.
    """
    lines, limits, guarantees = trace or [], Limits(election), election.rule.get("guarantees", [])
    for quota in [*guarantees, None]:
        budget, among = election.budget - election.total(limits.bought), election.eligible
        if quota:
            group = election.group(quota)
            budget = min(budget, max(0, quota["amount"] - election.total(group.intersection(limits.bought))))
            among = [p for p in among if p in group]
        if guarantees and trace is not None:
            head = {"type": "stage", "guarantee": quota, "budget": budget}
            check(lines[:1] == [head], "the stages are not those of the rule")
            lines = lines[1:]
        ends = [i for i, line in enumerate(lines) if line["type"] == "stage"] or [len(lines)]
        stage = Stage(limits, budget, among, lines[: ends[0]])
        METHODS[method](stage)
        limits, lines = stage.limits, lines[ends[0] :]
    if election.rule.get("part_funding") == "next":
        give_the_rest(election, limits)
    return limits


def better_of(election: Election, ours: Limits) -> Limits:
    """The comparison step: ours, unless more voters have more winners under greedy."""
    theirs = decide(election, "greedy", None)
    balance = 0
    for ballot, weight in election.ballots:
        mine, other = sum(p in ballot for p in ours.bought), sum(p in ballot for p in theirs.bought)
        balance += weight * ((mine > other) - (mine < other))
    return ours if balance >= 0 else theirs


def give_the_rest(election: Election, limits: Limits) -> None:
    """What is left goes to the first project in line that can still take some of it."""
    left = election.budget - election.total(limits.bought)
    for p in election.in_line(p for p in election.eligible if p not in limits.bought and not limits.excluded(p)):
        amount = limits.room(p, min(left, election.cost[p]))
        if not amount:
            continue
        if amount == election.cost[p]:
            limits.bought.append(p)
        else:
            limits.part = {"project": p, "amount": amount}
        return


def verify(lines: Iterable[str]) -> str:
    """Raises WrongError; otherwise says what was checked."""
    parts = [json.loads(line) for line in lines if line.strip()]
    first, second, last = parts[0], parts[1], parts[-1]
    rule = second["rule"]
    election = Election(first["election"], rule)
    check(first["digest"] == election.digest, "the digest is not that of the election")
    check(
        second["digest"] == sha256({k: v for k, v in rule.items() if k != "name"}, ascii=True),
        "the digest is not the rule's",
    )
    check(rule["method"] in METHODS, f"{rule['method']} cannot be checked")
    limits = decide(election, rule["method"], parts[2:-1])
    if rule["comparison"] == "greedy":
        limits = better_of(election, limits)
    cost, selected = election.total(limits.bought), limits.bought
    check(last["selected"] == selected and last["cost"] == cost, "the result is not what the ballots and the rule give")
    check(last.get("part_funded") == limits.part, "another amount goes to the next project")
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
    except NotProvenError as open_:
        sys.stdout.write(f"NOT PROVEN: {open_}\n")
        return 3
    except (IndexError, KeyError, TypeError, ValueError, OSError) as error:
        sys.stderr.write(f"cannot be read: {error!r}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
