"""Every duty of the list, in its order, with the words that people read. `_` marks the words for translation."""

from dataclasses import dataclass
from enum import StrEnum

from commissioning.checklist import deciding as when
from commissioning.checklist.figures import Band
from commissioning.rules import Route


def _(words: str) -> str:
    return words


class Stage(StrEnum):
    BEFORE = "before"  # the award
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Duty:
    """`sure=False`: even where it applies, the details have to be checked."""

    key: str
    routes: frozenset[Route]
    decide: when.Decide
    text: str
    why: str
    source: str
    stage: Stage = Stage.BEFORE
    sure: bool = True


AFTER = Stage.AFTER
_BUY = frozenset({Route.CONTRACT})
_CHANGE = frozenset({Route.VARIATION})
_GRANT = frozenset({Route.GRANT})
_ASSET = frozenset({Route.ASSET})
_OWN = frozenset({Route.IN_HOUSE})
_ALL = frozenset(Route)

_PROCEDURE = (
    Duty(
        "law-to-find", _BUY | _CHANGE, when.unknown_law,
        _("Find out which procurement law and which threshold apply, and write them down."),
        _("This list knows the thresholds of England and Northern Ireland from 24 February 2025, and those of Wales "
          "until the end of 2025. For other places and days check with your procurement team."),
        _("Scotland: Public Contracts (Scotland) Regulations 2015, Procurement Reform (Scotland) Act 2014. Wales: "
          "Procurement Act 2023, Schedule 1, the column for contracts regulated by the Welsh Ministers"),
    ),
    Duty(
        "procedure-above", _BUY, when.in_band(Band.ABOVE),
        _("Choose a competitive procedure, or a direct award that the Act allows, and write down why."),
        _("From the threshold on this is a public contract, and all the rules of the Act apply."),
        _("Procurement Act 2023, sections 3, 19 to 21 and 41; Schedule 1"),
    ),
    Duty(
        "procedure-below", _BUY, when.below,
        _("Ask for quotations or tenders as your own rules say, without a first round that sifts suppliers by suitability."),
        _("Below the threshold lighter rules apply. For works of a higher value check whether a first round is allowed."),
        _("Procurement Act 2023, sections 84 and 85"),
    ),
    Duty(
        "health-care", _BUY | _CHANGE, when.health_care,
        _("Check whether this is a health care service."),
        _("Those are bought under other rules than this list."),
        _("Health Care Services (Provider Selection Regime) Regulations 2023"),
    ),
    Duty(
        "small-firms", _BUY, when.always,
        _("Consider what keeps small firms, charities and social enterprises out, and whether it can be removed."),
        _("Smaller lots, more time and shorter forms are the usual answers. In Wales and Northern Ireland check the details."),
        _("Procurement Act 2023, section 12(4); below the threshold section 86"),
    ),
    Duty(
        "policy-statement", _BUY, when.in_band(Band.ABOVE),
        _("Have regard to the procurement policy statement in force."),
        _("It says what public buying should serve. In Wales it is that of the Welsh Ministers."),
        _("Procurement Act 2023, sections 13 and 14"),
    ),
    Duty(
        "local-reservation", _BUY, when.reservation,
        _("Consider reserving the competition for suppliers of your area or of the UK, with or without a reservation for "
          "small firms, charities and social enterprises."),
        _("Best-value authorities and parish councils in England may do so since 4 February 2026, below the threshold. "
          "It takes a competition, and a notice that says what is reserved and for which area."),
        _("Local Government (Exclusion of Non-commercial Considerations) (England) Order 2026"),
    ),
    Duty(
        "social-value", _BUY, when.social_value,
        _("Before the procurement begins: consider how what is bought could improve the area’s well-being, and whether to "
          "consult about it."),
        _("The duty is for services at the threshold or above. Below it you may do so all the same. Outside England "
          "check which duty stands in its place."),
        _("Public Services (Social Value) Act 2012, section 1"),
    ),
    Duty(
        "social-value-model", _BUY, when.perhaps,
        _("Say which outcomes of the Social Value Model the project serves, if this helps to compare."),
        _("It binds central government, not councils: use it as a common language only."),
        _("Procurement Policy Note 002"),
    ),
)  # fmt: skip

_NOTICES = (
    Duty(
        "uk1", _BUY, when.above_and_over("pipeline", when.POSSIBLE),
        _("Pipeline notice (UK1), if you expect to pay more than £100 million under contracts this financial year."),
        _("It lists the contracts of more than £2 million that you plan."),
        _("Procurement Act 2023, section 93"),
    ),
    Duty(
        "uk2", _BUY, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Preliminary market engagement notice (UK2), if you talk with suppliers before the tender."),
        _("Without one the tender notice has to say why there is none."),
        _("Procurement Act 2023, section 17"),
    ),
    Duty(
        "uk3", _BUY, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Planned procurement notice (UK3), if it helps suppliers to prepare."),
        _("It is voluntary. Check when it shortens the time for tenders."),
        _("Procurement Act 2023, section 15"),
    ),
    Duty(
        "uk4", _BUY, when.in_band(Band.ABOVE),
        _("Tender notice (UK4). Not needed for a direct award: then say so here."),
        _("A competitive procedure begins with it."),
        _("Procurement Act 2023, section 21"),
    ),
    Duty(
        "uk4-below", _BUY, when.notice_below(when.POSSIBLE),
        _("Below-threshold tender notice (UK4), before you advertise for tenders."),
        _("Not for a direct award, and not where only chosen suppliers are asked. Outside England check the rule."),
        _("Procurement Act 2023, section 87"),
    ),
    Duty(
        "uk5", _BUY, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Transparency notice (UK5), before a direct award."),
        _("It says who is to get the contract without a competition, and why."),
        _("Procurement Act 2023, section 44"),
    ),
    Duty(
        "indicators", _BUY, when.indicators,
        _("Set at least three key performance indicators."),
        _("For public contracts of more than £5 million. For a light-touch contract check whether it is meant."),
        _("Procurement Act 2023, section 52"),
    ),
    Duty(
        "uk6", _BUY, when.in_band(Band.ABOVE),
        _("Contract award notice (UK6), before the contract is signed; then wait for the standstill, where there is one."),
        _("Eight working days, in which others can object."),
        _("Procurement Act 2023, sections 50 and 51"), AFTER,
    ),
    Duty(
        "uk7", _BUY, when.in_band(Band.ABOVE),
        _("Contract details notice (UK7), within 30 days of the contract; 120 days for a light-touch contract."),
        _("It says what was agreed, with whom and for how much."),
        _("Procurement Act 2023, section 53"), AFTER,
    ),
    Duty(
        "uk7-below", _BUY, when.notice_below(when.NEEDED),
        _("Contract details notice (UK7), as soon as you reasonably can."),
        _("Below the threshold too, from this value on. Outside England check the rule."),
        _("Procurement Act 2023, section 87(3)"), AFTER,
    ),
    Duty(
        "uk8", _BUY, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Check whether payments of more than £30,000 under the contract need a payment notice (UK8)."),
        _("The duty has begun in steps: check whether it has begun for you."),
        _("Procurement Act 2023, section 70"), AFTER, sure=False,
    ),
    Duty(
        "uk9", _BUY, when.indicators,
        _("Contract performance notice (UK9): rate the indicators at least once a year."),
        _("Good, approaching target, requires improvement, inadequate or other. One is needed for a serious breach of "
          "any public contract as well."),
        _("Procurement Act 2023, section 71"), AFTER,
    ),
    Duty(
        "uk10", _BUY | _CHANGE, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Contract change notice (UK10), before the contract is changed."),
        _("Small changes need none: check the limits of the section, and whether a light-touch contract is meant."),
        _("Procurement Act 2023, section 75"), AFTER, sure=False,
    ),
    Duty(
        "uk11", _BUY, when.in_band(Band.ABOVE),
        _("Contract termination notice (UK11), within 30 days of the end of the contract."),
        _("Also when it ends as planned."),
        _("Procurement Act 2023, section 80"), AFTER,
    ),
    Duty(
        "uk12", _BUY, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Procurement termination notice (UK12), if you end the procurement without a contract."),
        _("Suppliers learn that there is nothing to come."),
        _("Procurement Act 2023, section 55"),
    ),
)  # fmt: skip

_CHANGES = (
    Duty(
        "change-allowed", _CHANGE, when.always,
        _("Write down why the contract may be changed without a new competition."),
        _("A change is allowed if it is not substantial, if the contract provides for it, or for a reason that the Act "
          "lists. Check the limits for small changes."),
        _("Procurement Act 2023, section 74 and Schedule 8"),
    ),
    Duty(
        "change-crosses", _CHANGE, when.in_band(Band.ABOVE, when.POSSIBLE),
        _("Check whether the change lifts the contract over the threshold."),
        _("A contract that was below it can come under the full rules by being changed."),
        _("Procurement Act 2023, section 74"), sure=False,
    ),
    Duty(
        "change-old-law", _CHANGE, when.to_check,
        _("Check whether the contract was begun before 24 February 2025."),
        _("Then it is changed under the law of its own time."),
        _("Public Contracts Regulations 2015, regulation 72"),
    ),
)  # fmt: skip

_GRANTS = (
    Duty(
        "grant-not-contract", _GRANT, when.always,
        _("Make sure that this is a grant: you support what the receiver does, and buy nothing for yourselves."),
        _("What is bought is a contract, whatever it is called. It has another list and another VAT."),
        _("Procurement Act 2023, section 3: contracts for pecuniary interest"),
    ),
    Duty(
        "power", _GRANT, when.always,
        _("Write down the power under which you pay it."),
        _("For most councils in England it is the general power of competence. Other bodies check their own."),
        _("Localism Act 2011, section 1"),
    ),
    Duty(
        "subsidy", _GRANT | _ASSET, when.always,
        _("Assess whether it is a subsidy: does the receiver sell goods or services, and does this favour it?"),
        _("Most help for residents is none. What is one needs the principles, a scheme, or the way of small amounts."),
        _("Subsidy Control Act 2022, sections 2 and 12"),
    ),
    Duty(
        "subsidy-principles", _GRANT | _ASSET, when.over("minimal-assistance", when.POSSIBLE),
        _("If it is a subsidy: it is too large to be given as minimal financial assistance."),
        _("That way is open up to £315,000 for one receiver in this and the two financial years before, together with "
          "what it had from others: ask the receiver in writing."),
        _("Subsidy Control Act 2022, section 36"),
    ),
    Duty(
        "subsidy-database", _GRANT | _ASSET, when.over("subsidy-database", when.POSSIBLE),
        _("If it is a subsidy: enter it in the subsidy database."),
        _("For more than £100,000. Check the time limit."),
        _("Subsidy Control Act 2022, sections 32 to 34"), AFTER, sure=False,
    ),
    Duty(
        "receiver", _GRANT | _ASSET, when.always,
        _("Check the receiver: number in its register, governing document, accounts, who can sign."),
        _("A number is checked against its public register, zeros in front included."),
        _("Good practice; the body’s financial regulations"),
    ),
    Duty(
        "agreement", _GRANT | _ASSET, when.always,
        _("Agree in writing what is to be done, by when, what is measured, and what happens if it is not done."),
        _("Residents are shown what was agreed beside what came of it."),
        _("Good practice; the body’s financial regulations"),
    ),
)  # fmt: skip

_ASSETS = (
    Duty(
        "best-price", _ASSET, when.in_england(when.NEEDED),
        _("Have the land or building valued, and say whether you ask for less than the best price."),
        _("Land is sold for the best price that can reasonably be had, unless a consent allows less. Short leases are "
          "apart. Outside England check the rule."),
        _("Local Government Act 1972, section 123"),
    ),
    Duty(
        "undervalue", _ASSET, when.over("undervalue", when.POSSIBLE),
        _("Ask for the Secretary of State’s consent if the price is more than £2 million below the value."),
        _("Up to that a general consent is there for what improves the area’s well-being."),
        _("General Disposal Consent (England) 2003"),
    ),
    Duty(
        "open-space", _ASSET, when.in_england(when.POSSIBLE),
        _("If it is open space: advertise it in a local newspaper for two weeks running, and consider objections."),
        _("The loss of open space needs to be announced first."),
        _("Local Government Act 1972, section 123(2A)"),
    ),
)  # fmt: skip

_IN_HOUSE = (
    Duty(
        "budget", _OWN, when.always,
        _("Show that the budget and the people for it are there."),
        _("Work done by oneself displaces other work: residents see which."),
        _("The body’s financial regulations"),
    ),
    Duty(
        "bought-parts", _OWN, when.perhaps,
        _("If parts are bought: each is a contract with its own rules."),
        _("Work given to a company of your own is a contract as well: check whether it is exempt."),
        _("Procurement Act 2023, Schedule 2"), sure=False,
    ),
)  # fmt: skip

_EVERYONE = (
    Duty(
        "conflicts", _ALL, when.always,
        _("Everyone who has a say in it declares their interests, and what is done about them is written down."),
        _("For a public contract a conflicts assessment has to be ready before the first notice. For everything else the "
          "rules of conduct of the body apply."),
        _("Procurement Act 2023, sections 81 to 83; the body’s rules of conduct"),
    ),
    Duty(
        "equality", _ALL, when.always,
        _("Consider who could be affected differently, before it is decided."),
        _("Public bodies have to have due regard to equality. In Northern Ireland another Act says so."),
        _("Equality Act 2010, section 149; Northern Ireland Act 1998, section 75"),
    ),
    Duty(
        "standing-orders", _ALL, when.own_rules,
        _("Follow your own rules on contracts and money: how many quotations, who decides, who signs."),
        _("They often ask for more than the law. Enter the value from which they do so, to see it beside the value here."),
        _("Standing orders and financial regulations of the body"),
    ),
    Duty(
        "publish-contract", _BUY | _CHANGE, when.published("publish-contract"),
        _("Enter it in your public register of contracts."),
        _("Councils in England publish contracts of more than £5,000. Other bodies check their own rule."),
        _("Local Government Transparency Code 2015, part 2"), AFTER,
    ),
    Duty(
        "publish-grants", _GRANT, when.in_england(when.NEEDED),
        _("Publish it in your list of grants to voluntary, community and social enterprise organisations."),
        _("Councils in England publish all of them each year. Others check their own rule."),
        _("Local Government Transparency Code 2015, part 2"), AFTER,
    ),
    Duty(
        "open-grants", _GRANT, when.perhaps,
        _("Publish it as open data of the 360Giving standard."),
        _("Voluntary. It lets others see who funds what, and where."),
        _("360Giving Data Standard"), AFTER,
    ),
    Duty(
        "publish-assets", _ASSET, when.in_england(when.NEEDED),
        _("Take it off your public list of land and buildings."),
        _("Councils in England publish what they own each year. Others check their own rule."),
        _("Local Government Transparency Code 2015, part 2"), AFTER,
    ),
    Duty(
        "publish-spend", _BUY | _CHANGE | _GRANT | _OWN, when.published("publish-spend"),
        _("Payments appear in your published list of spending."),
        _("Councils in England publish each payment of more than £500, every quarter. Others check their own rule."),
        _("Local Government Transparency Code 2015, part 2"), AFTER,
    ),
)  # fmt: skip

DUTIES: tuple[Duty, ...] = (*_PROCEDURE, *_NOTICES, *_CHANGES, *_GRANTS, *_ASSETS, *_IN_HOUSE, *_EVERYONE)
