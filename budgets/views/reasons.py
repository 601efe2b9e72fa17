"""What lies behind an outcome and each project's sentence in it: read from the stored analysis, nothing is counted."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from budgets.models import Result
from budgets.tally.explain_analysis import closeness, equal_money, left_out, more_votes, nobody_left_out

# Of the winners that a project's supporters paid for, so many are named; the others share one line.
NAMED = 5
# Of the groups that were left out, so many are told at once; the others are folded away.
SAID = 3


class Reasons:
    """Built once for a pot, then asked for it and for each of its projects."""

    def __init__(self, result: Result) -> None:
        self.analysis: dict[str, Any] = result.tally.analysis or {}
        # Of a pot without ballots there is nothing to say.
        self.whole: Mapping[str, Any] = self.analysis if result.snapshot["ballots"] else {}
        self.currency: str = result.snapshot["currency"]
        self.names = {row["code"]: row["name"] for row in result.snapshot["projects"]}
        self.quoted = {code: _("“%(name)s”") % {"name": name} for code, name in self.names.items()}
        spending = self.analysis.get("spending")
        self.winners: list[str] = spending["winners"] if spending else []
        self.spent: Mapping[str, Any] = spending["projects"] if spending else {}
        self.lacked: Mapping[str, Any] = self.analysis.get("votes_needed", {})
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
            "needed": more_votes(self.lacked[code], translation) if code in self.lacked else "",
            "spending": self._spending(code),
        }
        return details if any(value for value in details.values()) else None

    def near(self) -> str:
        """How near the outcome was, in a sentence; empty where that is not known."""
        margin = self.whole.get("margin")
        return closeness(margin["added"], translation) if margin else ""

    def groups(self) -> dict[str, Any] | None:
        """Whether groups of voters were left out: `said`, at most SAID sentences, `others`, those beyond, `equal`, what
        people with equal money could have bought, and `why_not`, why they could not. None where nothing is known of it.
        """
        fair = self.whole.get("representation")
        if not fair:
            return None
        said = self._left_out(fair["ejr_plus"]["cost"]) if "ejr_plus" in fair else []
        priced = fair["priceability"]
        equal = self._equal_money({"holds": priced["holds"]})
        if not said and not equal:
            return None
        why_not = self._equal_money(priced) if priced.get("refutation") else []
        return {"said": said[:SAID], "others": said[SAID:], "equal": equal, "why_not": why_not}

    def _equal_money(self, priced: Mapping[str, Any]) -> list[str]:
        return equal_money(priced, self.quoted, self.currency, translation)

    def _left_out(self, groups: list[dict[str, Any]]) -> list[str]:
        if not groups:
            return [nobody_left_out(translation)]
        return [left_out(group, self.quoted, self.currency, translation) for group in groups]

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
