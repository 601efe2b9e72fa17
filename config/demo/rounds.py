"""Larkmoor's rounds: one in each phase, at any time the demo is seeded."""

from dataclasses import dataclass

from config.demo import ideas, ideas_certified, ideas_decided, ideas_open
from config.demo.ideas import Idea

# Days before (negative) and after now: ideas open, shaping, review, voting opens, voting closes, delivery.
Days = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class DemoPot:
    name: str
    ward: str  # "" is the whole town
    funders: tuple[tuple[str, int], ...]  # pounds


@dataclass(frozen=True, slots=True)
class DemoRound:
    title: str
    question: str
    description: str
    days: Days
    pots: tuple[DemoPot, ...]
    ideas: tuple[Idea, ...] = ()
    format: str = "approval"
    max_choices: int = 3
    points: int = 10
    rule: str = "equal-shares"
    by_postcode: bool = True
    publish_at_close: bool = True
    voters: int = 0  # of a vote that is over
    # The ballots came in one after the other, some were changed and some are struck out: everything a board can hold.
    disputed: bool = False
    slug: str = ""  # an address that documents and tests name; otherwise it is made of the title
    upto: str = "proposed"  # how far it has come: proposed, reviewed, confirmed, counted, published, certified


COUNCIL, TRUST, COLLEGE, HOMES = (
    "Larkmoor Council", "Larkmoor NHS Trust", "Larkmoor College", "Larkmoor Housing Association",
)  # fmt: skip


def whole(*funders: tuple[str, int], name: str = "Whole town pot") -> tuple[DemoPot, ...]:
    return (DemoPot(name, "", funders),)


FEATURED = "Streets for everyone"
ROUNDS = [
    DemoRound(
        FEATURED,
        "£60,000 for our streets – what should it do?",
        "Two pots: one for the whole town, one that only the people of Castle ward decide about. "
        "Choose projects as long as the money lasts.",
        (-75, -48, -34, -6, 8, 40),
        (
            DemoPot("Whole town pot", "", ((COUNCIL, 28000), (HOMES, 14000), (TRUST, 6000))),
            DemoPot("Castle ward pot", "Castle", ((COUNCIL, 9000), (HOMES, 3000))),
        ),
        tuple(ideas.STREETS),
        format="knapsack",
        upto="confirmed",
    ),
    DemoRound(
        "Feeling well in Larkmoor",
        "What would help you and your neighbours to stay well?",
        "The health service and the college put in the money. Share out ten points among the projects.",
        (-60, -40, -28, -3, 11, 45),
        whole((TRUST, 18000), (COLLEGE, 6000), (COUNCIL, 4000), name="Health pot"),
        tuple(ideas.HEALTH),
        format="cumulative",
        by_postcode=False,
        upto="confirmed",
    ),
    DemoRound(
        "Room for green",
        "Where should Larkmoor become greener?",
        "Small ideas count: a barrel, a hedge, a bed of flowers. Nothing has to be worked out yet.",
        (-10, 18, 32, 60, 74, 100),
        whole((COUNCIL, 15000), (COLLEGE, 5000), name="Green pot"),
        tuple(ideas_open.GREEN),
    ),
    DemoRound(
        "Places to meet",
        "Where could we meet without having to buy anything?",
        "The ideas are in. Until the review starts, neighbours talk about them and work on them.",
        (-40, -5, 9, 30, 44, 70),
        whole((COUNCIL, 24000), (HOMES, 8000), name="Meeting pot"),
        tuple(ideas_open.MEETING),
    ),
    DemoRound(
        "Young Larkmoor",
        "What should £30,000 do for people under twenty?",
        "Everyone from eleven years of age may vote. The ideas are being checked now.",
        (-50, -25, -12, 12, 26, 50),
        whole((COUNCIL, 20000), (COLLEGE, 10000), name="Youth pot"),
        tuple(ideas_open.YOUNG),
        max_choices=2,
        upto="reviewed",
    ),
    DemoRound(
        "Safe ways to school",
        "How should children get to school next year?",
        "Starts when the new term does. The money is there already.",
        (20, 48, 62, 90, 104, 130),
        whole((COUNCIL, 35000), name="School ways pot"),
    ),
    DemoRound(
        "Warm through the winter",
        "What keeps Larkmoor warm?",
        "Voting has closed. An organiser looks at the count before it is shown.",
        (-90, -62, -50, -16, -2, 20),
        whole((COUNCIL, 12000), (HOMES, 12000), (TRUST, 6000), name="Winter pot"),
        tuple(ideas_decided.WINTER),
        publish_at_close=False,
        voters=187,
        upto="counted",
    ),
    DemoRound(
        "Getting about",
        "What would make it easier to get about without a car?",
        "The result stands, but a second organiser has not certified it yet.",
        (-110, -80, -66, -30, -9, 15),
        whole((COUNCIL, 30000), (COLLEGE, 4000), name="Mobility pot"),
        tuple(ideas_decided.MOBILITY),
        format="ordinal",
        voters=231,
        upto="published",
    ),
    DemoRound(
        "Play for all",
        "Where should children play?",
        "Counted by Equal Shares and certified.",
        (-150, -120, -105, -60, -40, 10),
        whole((COUNCIL, 34000), (HOMES, 10000), name="Play pot"),
        tuple(ideas_decided.PLAY),
        voters=342,
        upto="certified",
    ),
    DemoRound(
        "Every corner counts",
        "Which small things would make a big difference?",
        "The ballot box of this round can be checked to the last line. Some people changed their vote, three ballots were "
        "struck out after somebody objected, and every line of the board says so.",
        (-130, -100, -88, -38, -24, 12),
        (
            DemoPot("Whole town pot", "", ((COUNCIL, 14000), (TRUST, 6000))),
            DemoPot("Saltmarsh pot", "Saltmarsh", ((COUNCIL, 5000), (HOMES, 3000))),
        ),
        tuple(ideas_certified.CORNERS),
        voters=320,
        disputed=True,
        slug="demo-certified",
        upto="certified",
    ),
    DemoRound(
        "Larkmoor by the water",
        "What should become of the old harbour?",
        "The projects that won are being built.",
        (-330, -300, -280, -240, -220, -160),
        whole((COUNCIL, 25000), (TRUST, 5000), name="Harbour pot"),
        tuple(ideas_decided.HARBOUR),
        format="knapsack",
        rule="greedy",
        voters=268,
        upto="certified",
    ),
]
