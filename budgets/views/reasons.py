"""The details behind one project's sentence on the result page: read from the stored analysis, nothing is counted."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from budgets.models import Result
from budgets.tally.explain import more_votes

# Of the winners that a project's supporters paid for, so many are named; the others share one line.
NAMED = 5


class Reasons:
    """Built once for a pot, then asked for each of its projects."""

    def __init__(self, result: Result) -> None:
        self.analysis: dict[str, Any] = result.tally.analysis or {}
        self.names = {row["code"]: row["name"] for row in result.snapshot["projects"]}
        spending = self.analysis.get("spending")
        self.winners: list[str] = spending["winners"] if spending else []
        self.spent: Mapping[str, Any] = spending["projects"] if spending else {}
        self.lacked = set(self.analysis.get("votes_needed", {}))
        self.behind = self._behind()

    def _behind(self) -> dict[str, int]:
        """Money behind each project, in minor units: for a winner when it was bought, for another at the end."""
        rounds = self.analysis.get("rounds")
        if not rounds:
            return {}
        behind = dict(zip(rounds["projects"], rounds["money"][-1], strict=True))
        for bought, money in zip(rounds["bought"], rounds["money"], strict=True):
            if bought is not None:
                behind[bought] = money[rounds["projects"].index(bought)]
        return behind

    def of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """For components/why_details.html, or None where there is nothing more to say than the sentence."""
        code = row["code"]
        details = {
            "behind": self.behind.get(code),
            "needed": self._needed(code),
            "spending": self._spending(code),
        }
        return details if any(value for value in details.values()) else None

    def _needed(self, code: str) -> str:
        if code not in self.lacked:
            return ""
        needed = self.analysis["votes_needed"][code]
        if needed["votes"] is not None:
            return more_votes(needed["votes"], translation)
        if needed["how"] == "never":
            return more_votes(None, translation)
        if needed["how"] == "not-found":
            return _("We tried, and found no number of further votes for it alone that would have funded it.")
        return ""

    def _spending(self, code: str) -> dict[str, Any] | None:
        """What the supporters had, where it went, and what they have left."""
        entry = self.spent.get(code)
        if entry is None or not entry["started"]:
            return None
        paid = [(amount, winner) for amount, winner in zip(entry["spent"], self.winners, strict=True) if amount]
        paid.sort(key=lambda pair: (-pair[0], self.winners.index(pair[1])))
        rows = [
            {"name": self.names[winner], "amount": amount, "own": winner == code} for amount, winner in paid[:NAMED]
        ]
        rest = paid[NAMED:]
        return {
            "started": entry["started"],
            "rows": rows,
            "rest": sum(amount for amount, _winner in rest),
            "rest_count": len(rest),
            "left": entry["left"],
        }
