"""Everything that can be said about an outcome beyond the outcome, under stable keys.

`analyse(election, rule, tally)` gives a JSON-able dict. Sums are whole minor units, rounded down; where `exact` is asked
for, a key "exact" beside them holds the same figures as fractions "num/den". A key is absent where the thing is not
defined for the rule. Project ids are the keys and values wherever a project is meant.

    {
      "format": 1,
      "rule": name, "rule_digest": hex, "election_digest": hex,

      "voters": {                      # always
        "all": n, "with_winner": n, "share_with_winner": "num/den", "winners_per_voter": "num/den",
        "by_winners": [voters with 0 winners, with 1, …],
        "areas": {area: {"projects": n, "cost": minor}},
      },

      "votes_needed": {                # for every project not funded; see what_if.Needed
        id: {"votes": k or null, "at_least": k, "how": "smallest" | "found" | "never" | "not-found" | "not-searched"},
      },

      "margin": {                      # fewest ballots with which other projects win: lower <= margin <= upper; see margin.py
        "added" | "removed" | "changed": {"lower": n, "upper": n or null, "how": "exact" | "bounds" | "never"},
      },

      "representation": {
        "ejr_plus": {                  # approvals only: groups that deserve more; none if the axiom holds
          "cost" | "cardinality": [{"project": id, "voters": t, "entitled": minor, "exact": "num/den", "most": value}, …],
        },
        "priceability": {              # see price_system.py
          "holds": true | false | null, "how": "purchases" | "run" | "program" | "refuted" | "not-decided",
          "share": "num/den",          # what each voter would hold, where found
          "refutation": {"least": "num/den", "winners": [id, …], "most": "num/den", "project": id, "voters": n},
        },
      },

      "rounds": {                      # Equal Shares (without guaranteed sums): before each purchase, and at the end
        "bought": [id, …, null],
        "projects": [id, …],           # the columns of the tables
        "money": [[minor, …], …],      # rounds x projects: what the project's voters have left between them
        "effective": [[votes, …], …],  # rounds x projects: effective votes (to 0.1), null: bought, out, or cannot be paid
        "exact": {"money": …, "effective": …},
      },

      "spending": {                    # Equal Shares (without guaranteed sums)
        "winners": [id, …],            # in purchase order, the columns; not those of a completion by score
        "projects": {id: {"started": minor, "spent": [minor, …], "left": minor, "exact": {…}}},
        "everyone": {the same for all voters: each column is the cost of the winner},
      },

      "compared": [ … ],               # with each of `others`, where there are any: see comparison.compare
    }
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from budgets.tally import effective, price_system, representation, spending
from budgets.tally.comparison import compare
from budgets.tally.count import Tally
from budgets.tally.election import Election
from budgets.tally.exact import ratio
from budgets.tally.incidence import Incidence
from budgets.tally.margin import Case, margins
from budgets.tally.replay import Replay
from budgets.tally.rules import Rule
from budgets.tally.trial import Effort
from budgets.tally.what_if import EFFORT, needed_by_losers

FORMAT = 1


def analyse(
    election: Election,
    rule: Rule,
    tally: Tally,
    exact: bool = False,
    effort: int = EFFORT,
    others: Sequence[Tally] = (),
) -> dict[str, Any]:
    """Pure: the same arguments give the same dict. `tally` must be the count of `election` under `rule`. `effort` (see
    trial.Effort) bounds the search for the votes needed. `others`: counts of the same election by other rules."""
    if (tally.rule_digest, tally.election_digest) != (rule.digest, election.digest):
        raise ValueError("the tally is not of this election under this rule")
    found: dict[str, Any] = {
        "format": FORMAT,
        "rule": rule.name,
        "rule_digest": rule.digest,
        "election_digest": election.digest,
        "voters": voters(tally),
    }
    spare, steps = Effort(effort // 6), tally.log.get("steps", 0)
    losers = [row["id"] for row in tally.projects if not row["selected"]]
    needed = needed_by_losers(election, rule, losers, effort - effort // 6, steps)
    found["votes_needed"] = {project: needed[project].as_json() for project in sorted(needed)}
    selected = frozenset(p for p, row in enumerate(tally.projects) if row["selected"])
    bounds = margins(Case(election, rule, selected, needed, steps), spare)
    found["margin"] = {name: margin.as_json() for name, margin in bounds.items()}
    replay = Replay.of(election, rule, tally)
    found["representation"] = representation_of(election, rule, selected, replay)
    if replay:
        spent = spending.spending(replay)
        found["rounds"] = effective.as_json(effective.rounds(replay), spent, election.ids, exact)
        found["spending"] = spending.as_json(spent, election.ids, exact)
    if others:
        found["compared"] = [compare(election, tally, other) for other in others]
    return found


def representation_of(
    election: Election, rule: Rule, selected: frozenset[int], replay: Replay | None
) -> dict[str, Any]:
    priced = price_system.priceable(election, rule, selected, replay)
    found = {"priceability": price_system.as_json(priced, election.ids)}
    groups = representation.as_json(Incidence.of(election), selected)
    return {**found, "ejr_plus": groups} if groups else found


def voters(tally: Tally) -> dict[str, Any]:
    statistics = tally.statistics
    served = Fraction(statistics["voters_with_winner"], max(statistics["voters"], 1))
    return {
        "all": statistics["voters"],
        "with_winner": statistics["voters_with_winner"],
        "share_with_winner": ratio(served),
        "winners_per_voter": statistics["winners_per_voter"],
        "by_winners": statistics["voters_by_winners"],
        "areas": statistics["areas"],
    }
