"""Where each URL name leads in the world of `tests/matrix/world.py`: name → arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from commissioning.actions.news import sign
from tests.matrix.world import World

APPS = ("participation", "budgets", "commissioning", "cms")
Arguments = Callable[[World], list[Any]]


def nothing(world: World) -> list[Any]:
    return []


def proposing(world: World) -> list[Any]:
    return [world.proposing.slug]


def voting(world: World) -> list[Any]:
    return [world.voting.slug]


def submitted(world: World) -> list[Any]:
    return [world.proposing.slug, world.submitted.proposal.reference]


def draft(world: World) -> list[Any]:
    return [world.proposing.slug, world.draft.proposal.reference]


def idea(world: World) -> list[Any]:
    return [world.submitted.proposal.reference]


def place(world: World) -> list[Any]:
    return [world.place.slug]


def pot(world: World) -> list[Any]:
    first = world.proposing.pots.first()
    assert first is not None
    return [world.proposing.slug, first.pk]


def published(world: World) -> list[Any]:
    return [world.published.slug]


def case(world: World) -> list[Any]:
    return [world.case.pk]


def milestone(world: World) -> list[Any]:
    return [world.milestone.pk]


def picture(world: World) -> list[Any]:
    return [world.picture.pk]


ARGUMENTS: dict[str, Arguments] = {
    "participation:place": place,
    "participation:boundaries": place,
    "participation:proposal": idea,
    "participation:report_proposal": idea,
    "participation:withdraw_proposal": idea,
    "participation:picture": picture,
    "participation:report_picture": picture,
    "participation:moderate_report": lambda world: [world.report],
    "participation:place_roles": place,
    "participation:audit": place,
    "participation:wards": place,
    "participation:become_organiser": place,
    "participation:revoke_role": lambda world: [world.role.pk],
    "participation:withdraw_invitation": lambda world: [world.invitation.pk],
    "participation:invitation": lambda world: [world.invitation and "open-sesame"],
    "participation:mailbox_message": lambda world: ["no-such-message"],
    "commissioning:case": case,
    "commissioning:follow": case,
    "commissioning:stop_news": lambda world: [sign(world.people["resident"].pk)],
    "commissioning:desk_case": case,
    "commissioning:take": case,
    "commissioning:checklist": lambda world: [world.checked.pk],
    "commissioning:estimate": lambda world: [world.checked.pk],
    "commissioning:move": lambda world: [world.case.pk, "received"],
    "commissioning:new_award": case,
    "commissioning:change_award": lambda world: [world.contract.award_id],
    "commissioning:new_contract": lambda world: [world.contract.award_id],
    "commissioning:change_contract": lambda world: [world.contract.pk],
    "commissioning:new_payment": lambda world: [world.contract.award_id],
    "commissioning:reverse_payment": lambda world: [world.payment.pk],
    "commissioning:weights": case,
    "commissioning:new_metric": case,
    "commissioning:change_metric": lambda world: [world.metric.pk],
    "commissioning:observe": lambda world: [world.metric.pk],
    "commissioning:new_milestone": case,
    "commissioning:change_milestone": milestone,
    "commissioning:report_milestone": milestone,
    "commissioning:answer_dispute": lambda world: [world.dispute.pk],
    "commissioning:check_milestone": milestone,
    "commissioning:dispute": milestone,
    "commissioning:photo": lambda world: [world.photo.pk],
    "commissioning:hide": lambda world: ["dispute", world.dispute.pk],
    "commissioning:bodies": place,
    "commissioning:members": lambda world: [world.case.body_id],
    "commissioning:leave": lambda world: [world.case.body.members.get().pk],
    "budgets:round": voting,
    "budgets:ballots_so_far": voting,
    "budgets:ideas": proposing,
    "budgets:propose": proposing,
    "budgets:edit_proposal": draft,
    "budgets:check_proposal": draft,
    "budgets:proposal_done": submitted,
    "budgets:follow_proposal": idea,
    "budgets:projects": voting,
    "budgets:project": lambda world: [world.voting.slug, world.project.code],
    "budgets:vote": voting,
    "budgets:check_vote": voting,
    "budgets:receipt": voting,
    "budgets:receipt_file": voting,
    "budgets:how_counted": voting,
    "budgets:challenge": voting,
    "budgets:count_progress": published,
    "budgets:board": published,
    "budgets:board_file": published,
    "budgets:ballots_file": published,
    "budgets:check_bundle": published,
    "budgets:bundle_zip": published,
    "budgets:bundle_file": lambda world: [world.published.slug, "rules.json"],
    "budgets:result": published,
    "budgets:replay": lambda world: [world.published.slug, "town"],
    "budgets:what_if": lambda world: [world.published.slug, "town"],
    "budgets:outcome": lambda world: [world.published.slug, "town", "csv"],
    "budgets:organise_round": proposing,
    "budgets:edit_round": proposing,
    "budgets:edit_timetable": proposing,
    "budgets:edit_ballot": proposing,
    "budgets:round_log": proposing,
    "budgets:pots": proposing,
    "budgets:add_pot": proposing,
    "budgets:edit_pot": pot,
    "budgets:remove_pot": pot,
    "budgets:review": proposing,
    "budgets:review_submission": submitted,
    "budgets:accept": submitted,
    "budgets:decline": submitted,
    "budgets:reconsider": submitted,
    "budgets:publish_round": lambda world: [world.hidden.slug],
    "budgets:confirm_ballot": proposing,
    "budgets:reopen_ballot": proposing,
    "budgets:count_round": published,
    "budgets:publish_result": published,
    "budgets:certify_result": published,
    "budgets:challenges": published,
    "budgets:answer_challenge": lambda world: [world.published.slug, world.challenge.pk],
    "budgets:electors": published,
    "budgets:signals": published,
    "budgets:strikes": published,
    "budgets:propose_strike": published,
    "budgets:errata": published,
    "budgets:decide_erratum": lambda world: [world.published.slug, world.erratum.pk],
    "cms:image": lambda world: ["no-such-picture.jpg"],
}


def our_url_names() -> Iterator[str]:
    """Every named URL of our apps, such as budgets:round."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace in APPS:
            for pattern in resolver.url_patterns:
                assert isinstance(pattern, URLPattern), "nested patterns need a walk of their own"
                yield f"{resolver.namespace}:{pattern.name}"


def address(name: str, world: World) -> str:
    return reverse(name, args=ARGUMENTS.get(name, nothing)(world))
