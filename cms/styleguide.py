"""What /styleguide shows: every component in its states, for a town that does not exist."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from budgets.views.example import example

# Cost in pence, votes, name, ward; in the order in which the money was given.
PROJECTS = [
    (1_250_000, 412, "Benches and shade for the market square", "Harbour"),
    (980_000, 377, "A safe crossing at Mill Lane school", "Millside"),
    (450_000, 340, "Fruit trees along the canal path", "Millside"),
    (1_800_000, 316, "Repair café with tools to borrow", "Old Town"),
    (860_000, 298, "Lights for the evening running route", "Fellgate"),
    (600_000, 251, "Sunday lunches at the community hall", "Old Town"),
    (2_400_000, 245, "A roof for the skate park", "Fellgate"),
    (520_000, 188, "Welsh and Polish story hours at the library", "Harbour"),
]
POT = 6_000_000
WARDS = [
    ("Harbour", "M20 210 L140 150 L230 190 L240 300 L120 350 L30 300Z", 412, 3),
    ("Millside", "M140 150 L200 50 L330 40 L350 150 L230 190Z", 717, 4),
    ("Old Town", "M230 190 L350 150 L430 200 L400 300 L240 300Z", 567, 3),
    ("Fellgate", "M330 40 L480 60 L560 170 L430 200 L350 150Z", 298, 1),
    ("Marsh End", "M240 300 L400 300 L430 200 L560 170 L570 330 L380 370 L120 350Z", 96, 0),
]


class SampleForm(forms.Form):
    """One field of each kind; used only by the styleguide, sent nowhere."""

    title = forms.CharField(
        label=_("What is your idea called?"),
        help_text=_("A few words, such as “Benches for the market square”."),
        max_length=120,
    )
    what = forms.CharField(label=_("What should happen?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    email = forms.EmailField(label=_("Your e-mail address"))
    ward = forms.ChoiceField(
        label=_("Where is it?"), choices=[("", _("Choose a ward")), *((name, name) for name, *_rest in WARDS)]
    )
    age = forms.ChoiceField(
        label=_("How old are you?"), widget=forms.RadioSelect, choices=[("a", _("11 to 17")), ("b", _("18 or over"))]
    )
    helps = forms.MultipleChoiceField(
        label=_("Who does it help?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("c", _("Children")), ("o", _("Older people")), ("e", _("Everyone"))],
        help_text=_("Choose all that fit."),
    )
    when = forms.DateField(
        label=_("When could it start?"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    number = forms.IntegerField(label=_("How many people would use it?"), required=False, min_value=0)
    picture = forms.FileField(label=_("A picture"), required=False, help_text=_("JPEG, PNG or WebP, up to 10 MB."))
    agree = forms.BooleanField(label=_("I live in Larkmoor"))


def samples() -> dict[str, Any]:
    refused = SampleForm({"second-title": ""}, prefix="second")
    refused.is_valid()
    return {
        "colours": ["ink", "paper", "card", "brand", "brand-soft", "marigold", "brick", "line"],
        "tags": [
            (_("Open for votes"), "now"),
            (_("Funded"), "good"),
            (_("Not possible"), "bad"),
            (_("Waiting for review"), "wait"),
            (_("Closed"), "plain"),
        ],
        "pot": POT,
        "funders": [
            {"name": "Larkmoor Council", "amount": 4_000_000},
            {"name": "Larkmoor Health Trust", "amount": 1_500_000},
            {"name": "Friends of the Canal", "amount": 500_000},
        ],
        "steps": _steps(),
        "first_steps": _steps(now=0),
        "projects": [_project(*row) for row in PROJECTS],
        "rows": _rows(),
        "scale": 8_500_000,
        "areas": [
            {"name": name, "url": "#map", "path": path, "display": f"{votes} votes", "level": level}
            for name, path, votes, level in WARDS
        ],
        "legend": [
            {"level": 0, "label": "under 100"},
            {"level": 1, "label": "100 to 299"},
            {"level": 3, "label": "300 to 599"},
            {"level": 4, "label": "600 or more"},
        ],
        "points": [{"x": 250, "y": 110, "title": "A safe crossing at Mill Lane school", "url": "#map"}],
        "chart": [
            {"label": title, "value": votes, "mark": n < 5} for n, (_cost, votes, title, _ward) in enumerate(PROJECTS)
        ],
        "ward_orders": [("az", _("A to Z")), ("cost", _("Cheapest first"))],
        "ward_choices": [(name, name) for name, *_rest in WARDS],
        "places": [1, 2, 3],
        "receipt_code": "7f3a91c20be4d85e" * 4,
        "receipt_pots": [
            {"name": "Streets and squares", "lines": [_project(*row) for row in PROJECTS[:3]]},
            {"name": "Old Town ward", "lines": [_project(*PROJECTS[3]) | {"says": _("3 points")}]},
            {"name": "Millside ward", "lines": []},
        ],
        "box_says": {
            "title": _("The count can be challenged"),
            "text": _("The outcome is out, but it is not final. Who thinks that something is wrong can say so now."),
            "drawing": "certify",
        },
        "box_steps": [
            {"label": label, "state": "done" if n < 3 else "now" if n == 3 else "next", "when": ""}
            for n, label in enumerate(
                [_("Rules fixed"), _("Box open"), _("Closed and counted"), _("Can be challenged"), _("Certified")]
            )
        ],
        "box_sheet": _sheet(voted=1_412),
        "box_sheet_wrong": _sheet(voted=1_411),
        "example_shares": example("equal-shares", "GBP"),
        "example_votes": example("greedy", "GBP"),
        "tasks": [
            {"title": _("What should happen"), "url": "#lists", "status": _("Done"), "kind": "done"},
            {
                "title": _("Where it is"),
                "url": "#lists",
                "status": _("To do"),
                "kind": "todo",
                "hint": _("A point on the map or a ward"),
            },
            {"title": _("A picture"), "url": "#lists", "status": _("Not possible: too large"), "kind": "bad"},
            {"title": _("Check and send"), "url": None, "status": _("Cannot start yet"), "kind": "wait"},
        ],
        "answers": [
            {"key": _("Name"), "value": "Benches and shade for the market square", "url": "#lists"},
            {
                "key": _("What should happen"),
                "value": "Six benches with backs.\n\nFour trees in tubs, watered by the market traders.",
                "url": "#lists",
            },
            {"key": _("What it may cost"), "value": "", "url": "#lists"},
        ],
        "files": [
            {"url": "#lists", "label": _("The outcome"), "format": "CSV"},
            {"url": "#lists", "label": _("All ballots, without names"), "format": "Pabulib"},
        ],
        "count_steps": [
            {
                "title": "Benches and shade for the market square",
                "text": "412 people paid £30.34 each from their share.",
                "spent": 1_250_000,
                "total": POT,
            },
            {
                "title": "A safe crossing at Mill Lane school",
                "text": "377 people paid £25.99 each.",
                "spent": 2_230_000,
                "total": POT,
            },
        ],
        "segments": _film(now=3),
        "payers": {"full": 268, "part": 48, "broke": 24, "all": 340, "price": 1_524, "points": False},
        "rise": {
            "path": "M0 180 H420 V140 H760 V105 H1000 V75",
            "area": "M0 180 H420 V140 H760 V105 H1000 V75 V300 H0 Z",
            "pot": 60,
            "first": 4_983,
            "last": 6_283,
            "total": POT,
            "rows": [
                {"share": 4_983, "winners": 3, "cost": 2_680_000},
                {"share": 5_583, "winners": 4, "cost": 3_540_000},
                {"share": 6_283, "winners": 6, "cost": 5_340_000},
            ],
        },
        "pairs": [
            {"label": label, "a": a, "b": b, "a_text": str(a), "b_text": str(b)}
            for label, a, b in [(_("none"), 210, 390), ("1", 560, 410), ("2", 302, 268), ("3", 132, 136)]
        ],
        "details": {
            "behind": 1_462_000,
            "needed": _("41 more votes for it alone would have funded it."),
            "spending": {
                "started": 2_140_000,
                "rows": [
                    {"name": "Benches and shade for the market square", "amount": 402_000, "own": False},
                    {"name": "A safe crossing at Mill Lane school", "amount": 187_000, "own": False},
                ],
                "rest": 89_000,
                "rest_count": 3,
                "left": 1_462_000,
            },
        },
        "counting": {
            "pots": [
                {"name": "Streets and squares", "state": "done", "text": _("Counted.")},
                {"name": "Millside ward", "state": "running", "text": _("Counting has begun.")},
                {"name": "Harbour ward", "state": "waiting", "text": _("The ballots are being gathered.")},
            ],
            "done": 1,
        },
        "page": Paginator(range(95), 20).page(2),
        "when": datetime(2030, 3, 17, 18, 0, tzinfo=UTC),
        "sections": [("#lists", _("Overview")), ("/styleguide/", _("Ideas")), ("#result", _("Result"))],
        "crumbs": [("#", _("Rounds"))],
        "form": SampleForm(),
        "refused": refused,
    }


def _sheet(voted: int) -> dict[str, Any]:
    """A balance of 1,412 ballots; it holds if as many have voted."""
    return {
        "voters": [{"label": _("People who voted on this site"), "number": voted}],
        "voted": voted, "closed": 1_412, "sealed": 1_530, "replaced": 118, "struck": 24, "counted": 1_388,
        "holds": voted == 1_412,
    }  # fmt: skip


def _steps(now: int = 3) -> list[dict[str, Any]]:
    labels = [_("Ideas"), _("Shaping"), _("Review"), _("Voting"), _("Counting"), _("Result"), _("Delivery")]
    dates = ["6 Jan", "3 Feb", "17 Feb", "3 Mar", "17 Mar", "", "1 May"]
    return [
        {"label": label, "state": "done" if n < now else "now" if n == now else "next", "when": date}
        for n, (label, date) in enumerate(zip(labels, dates, strict=True))
    ]


def _film(now: int) -> list[dict[str, Any]]:
    """The pot as a strip of film, at the step `now`."""
    pieces, given = [], 0
    for number, (cost, _votes, title, _ward) in enumerate(PROJECTS[:4], start=1):
        state = "done" if number < now else "now" if number == now else "next"
        x, width = 1000 * given // POT, 1000 * cost // POT
        pieces.append({"number": number, "title": title, "x": x, "width": width, "state": state})
        given += cost
    return pieces


def _project(cost: int, votes: int, title: str, ward: str) -> dict[str, Any]:
    return {"cost": cost, "votes": votes, "title": title, "ward": ward}


def _rows() -> list[dict[str, Any]]:
    """The outcome as the pound line draws it: `start` is what was already given when a project's turn came."""
    rows, given = [], 0
    for cost, votes, title, ward in PROJECTS:
        funded = given + cost <= POT
        why = (
            _("Funded: it had the most votes of all that still fitted.")
            if funded
            else _("Not funded: when its turn came, too little was left in the pot.")
        )
        rows.append({**_project(cost, votes, title, ward), "start": given, "funded": funded, "why": why})
        given += cost if funded else 0
    return sorted(rows, key=lambda row: not row["funded"])
