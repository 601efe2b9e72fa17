"""The shape of a round: what it is about, its timetable, and how people vote."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import combinations, pairwise
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.models import Round
from participation.models import Place

DETAILS = ("title", "question", "description")
TIMETABLE = (
    "proposing_opens_at",
    "shaping_opens_at",
    "review_opens_at",
    "voting_opens_at",
    "voting_closes_at",
    "delivery_opens_at",
)
BALLOT = (
    "ballot_format",
    "max_choices",
    "points",
    "counting_rule",
    "eligibility",
    "minimum_age",
    "may_revise",
    "challenge_days",
    "publish_at_close",
)
OFFERED_FORMATS = (
    Round.Format.APPROVAL,
    Round.Format.KNAPSACK,
    Round.Format.CUMULATIVE,
    Round.Format.SCORING,
    Round.Format.ORDINAL,
)
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100

LABELS = {
    "title": _("What is the round called?"),
    "question": _("Which question does it ask?"),
    "description": _("What is it about?"),
    "proposing_opens_at": _("Ideas open"),
    "shaping_opens_at": _("Ideas close and shaping starts"),
    "review_opens_at": _("Review starts"),
    "voting_opens_at": _("Voting opens"),
    "voting_closes_at": _("Voting closes"),
    "delivery_opens_at": _("Delivery starts"),
    "ballot_format": _("How do people choose?"),
    "max_choices": _("How many projects may one person choose or rank?"),
    "points": _("How many points?"),
    "counting_rule": _("How are the votes counted?"),
    "eligibility": _("Who may vote?"),
    "minimum_age": _("What is the youngest age to vote?"),
    "may_revise": _("People may change their vote until voting closes"),
    "challenge_days": _("For how many days after it is first shown can the result be challenged?"),
    "publish_at_close": _("Show the provisional result as soon as it is counted"),
}
_HINTS = {
    "title": _("A few words, such as “Our streets 2027”."),
    "question": _("One sentence that everyone understands, such as “£60,000 for our streets – what should it do?”"),
    "description": _("Who pays, what the money may be used for, and what it may not be used for."),
    "proposing_opens_at": _("From now on people can hand in ideas."),
    "shaping_opens_at": _("From now on neighbours work on the ideas together; no new ones come in."),
    "review_opens_at": _("You work out what each idea costs and whether it can be done."),
    "voting_opens_at": _("It opens by itself, once you have confirmed the ballot."),
    "voting_closes_at": _("It closes by itself, to the minute, and the count starts."),
    "delivery_opens_at": _("From now on the projects that won are carried out."),
    "max_choices": _("In each pot. Used only where people choose up to a number of projects, or rank them."),
    "points": _(
        "Used only where people share out points (this many in each pot) or score projects (this is the highest score)."
    ),
    "minimum_age": _("People confirm it when they vote."),
    "challenge_days": _("It can be certified only after that. 0 for a vote in a hall, where everyone is there."),
    "publish_at_close": _("It is marked as provisional until a second organiser has certified it."),
}


class MomentInput(forms.DateTimeInput):
    """The browser's own picker for day and time; without one, a text field in the same spelling."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"class": "govuk-input--width-20"})


def _moment() -> forms.DateTimeField:
    sensible = _("Enter a year from 2000 to 2100.")
    return forms.DateTimeField(
        widget=MomentInput,
        validators=[
            MinValueValidator(datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC), sensible),
            MaxValueValidator(datetime(LATEST_YEAR, 12, 31, tzinfo=UTC), sensible),
        ],
        error_messages={
            "invalid": _("Enter a day and a time, such as 2027-05-01 09:00."),
            "required": _("Enter a day and a time."),
        },
    )


def _whole_number(least: int, most: int, sentence: Any) -> forms.IntegerField:
    """`sentence` answers everything that is no such number."""
    messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
    return forms.IntegerField(min_value=least, max_value=most, error_messages=messages)


class RoundForm(forms.ModelForm[Round]):
    """What the forms below share. It saves nothing itself: hand `cleaned_data` to the action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.help_text = _HINTS.get(name, field.help_text)
        if "title" in self.fields:
            self.fields["title"].error_messages["required"] = _("Give the round a name.")
        if "ballot_format" in self.fields:
            choices = [(choice.value, choice.label) for choice in OFFERED_FORMATS]
            self.fields["ballot_format"] = forms.ChoiceField(
                label=LABELS["ballot_format"], choices=choices, widget=forms.RadioSelect
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, sentence in out_of_order({name: data.get(name) for name in TIMETABLE}).items():
            self.add_error(name, sentence)
        return data

    def _post_clean(self) -> None:
        """The instance is only read: the action writes under its lock, and the database has the last word."""


class DetailsForm(RoundForm):
    class Meta:
        model = Round
        fields = DETAILS
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}


class TimetableForm(RoundForm):
    proposing_opens_at = _moment()
    shaping_opens_at = _moment()
    review_opens_at = _moment()
    voting_opens_at = _moment()
    voting_closes_at = _moment()
    delivery_opens_at = _moment()

    class Meta:
        model = Round
        fields = TIMETABLE


class BallotForm(RoundForm):
    minimum_age = _whole_number(0, 120, _("Enter an age in years, such as 11."))
    challenge_days = _whole_number(0, 60, _("Enter a number of days from 0 to 60."))
    max_choices = _whole_number(1, 1000, _("Enter a whole number from 1 to 1,000."))
    points = _whole_number(1, 1000, _("Enter a whole number of points from 1 to 1,000."))

    class Meta:
        model = Round
        fields = BALLOT
        widgets = {"counting_rule": forms.RadioSelect, "eligibility": forms.RadioSelect}


class NewRoundForm(TimetableForm, BallotForm):
    """All of a new round on one page; `places` are those where the person may make one."""

    class Meta:
        model = Round
        fields = (*DETAILS, "place", *TIMETABLE, *BALLOT)
        widgets = DetailsForm.Meta.widgets | BallotForm.Meta.widgets

    def __init__(self, *args: Any, places: list[Place], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, instance=Round(**plan(now)), **kwargs)
        self.fields["place"] = forms.TypedChoiceField(
            label=_("For which place?"), choices=[(place.pk, name) for place, name in _named(places)], coerce=int
        )

    def answers(self) -> dict[str, Any]:
        """What `create_round` takes besides the place."""
        return {name: self.cleaned_data[name] for name in (*DETAILS, *TIMETABLE, *BALLOT)}

    def place_id(self) -> int:
        place_id: int = self.cleaned_data["place"]
        return place_id


def _named(places: list[Place]) -> list[tuple[Place, str]]:
    """Councils by name, each followed by what lies in it."""
    names = {place.pk: " › ".join(p.name for p in reversed(place.lineage())) for place in places}
    return sorted(((place, names[place.pk]) for place in places), key=lambda pair: pair[1])


def plan(now: datetime) -> dict[str, datetime]:
    """A timetable that leaves room for each step: ideas from today for four weeks, two to shape, three to review,
    three to vote, delivery two weeks after the close. Days start at nine in local time; voting closes at five."""
    today = timezone.localtime(now).date()
    weeks = zip(TIMETABLE, (0, 4, 6, 9, 12, 14), strict=True)
    hours = {"voting_closes_at": time(17)}
    return {
        name: timezone.make_aware(datetime.combine(today + timedelta(weeks=week), hours.get(name, time(9))))
        for name, week in weeks
    }


def out_of_order(moments: Mapping[str, datetime | None]) -> dict[str, str]:
    """Field → sentence for the moments that break the order, as few as can be.

    Six dates may be out of order because one of them was mistyped: the largest set that is in order is taken to be
    right, and what stands outside it is named, with the neighbour that it has to come after or before.
    """
    given = {name: moments[name] for name in TIMETABLE if moments.get(name)}
    names = list(given)
    right = next(
        kept for size in range(len(names), -1, -1) for kept in combinations(names, size) if _in_order(kept, given)
    )
    return {name: _place_between(name, right, given) for name in names if name not in right}


def _in_order(names: tuple[str, ...], moments: Mapping[str, Any]) -> bool:
    """Each step starts with or after the one before; voting is open for some time."""
    for earlier, later in pairwise(names):
        if moments[earlier] > moments[later]:
            return False
    return not {"voting_opens_at", "voting_closes_at"} <= set(names) or (
        moments["voting_opens_at"] < moments["voting_closes_at"]
    )


def _place_between(name: str, right: tuple[str, ...], moments: Mapping[str, Any]) -> str:
    order = TIMETABLE.index
    before = [other for other in right if order(other) < order(name)]
    after = [other for other in right if order(other) > order(name)]
    if before and not _in_order((before[-1], name), moments):
        return gettext("This has to come after “%(step)s”, %(when)s.") % _said(before[-1], moments)
    return gettext("This has to come before “%(step)s”, %(when)s.") % _said(after[0], moments)


def _said(name: str, moments: Mapping[str, Any]) -> dict[str, str]:
    return {"step": str(LABELS[name]), "when": date_format(timezone.localtime(moments[name]), "j F Y, H:i")}
