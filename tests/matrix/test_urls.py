"""Role × URL. A new URL without a row here fails; so does a row whose answer changes for anyone.

The eight answers of a row stand in the order of `tests.matrix.world.ROLES`:
anonymous, resident, foreign resident, organiser, organiser of another place, moderator, commissioner, superuser.
"login" is a redirect to the sign-in page, "away" one to another page.
"""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from tests.matrix.addresses import address, our_url_names
from tests.matrix.world import ROLES, World

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Answer = int | str
Row = tuple[Answer, ...]

EVERYONE: Row = (200,) * 8
NOT_THERE: Row = (404,) * 8
POST_ONLY: Row = (405,) * 8
AWAY: Row = ("away",) * 8
SIGNED_IN: Row = ("login", *(200,) * 7)
SIGNED_IN_AWAY: Row = ("login", *("away",) * 7)
ORGANISER: Row = ("login", 403, 403, 200, 403, 403, 403, 403)
ANY_ORGANISER: Row = ("login", 403, 403, 200, 200, 403, 403, 403)
ROLE_MANAGER: Row = ("login", 403, 403, 200, 403, 403, 403, 200)
ADMINISTRATOR: Row = ("login", 403, 403, 403, 403, 403, 403, 200)
AUTHOR: Row = ("login", 200, 404, 404, 404, 404, 404, 404)
COMMISSIONER: Row = ("login", 404, 404, 404, 404, 404, 200, 404)  # of the body that has the case
RESIDENT: Row = ("login", 200, 403, 403, 403, 403, 403, 403)

GET: dict[str, Row] = {
    "participation:account": SIGNED_IN,
    "participation:name": SIGNED_IN,
    "participation:postcode": SIGNED_IN,
    "participation:ward": SIGNED_IN_AWAY,  # a postcode first
    "participation:own_data": SIGNED_IN,
    "participation:erase": SIGNED_IN,
    "participation:erased": EVERYONE,
    "participation:erase_person": ADMINISTRATOR,
    "participation:retention": EVERYONE,
    "participation:place": EVERYONE,
    "participation:boundaries": EVERYONE,
    "participation:proposals": EVERYONE,
    "participation:my_proposals": AWAY,  # to the account page, which asks who it is
    "participation:proposal": EVERYONE,
    "participation:report_proposal": EVERYONE,  # nobody has to sign in to report
    "participation:withdraw_proposal": POST_ONLY,
    "participation:picture": EVERYONE,
    "participation:report_picture": EVERYONE,
    "participation:moderate": ("login", 403, 403, 403, 403, 200, 403, 403),
    "participation:moderate_report": ("login", 404, 404, 404, 404, 200, 404, 404),
    "participation:roles": ("login", 403, 403, 200, 200, 403, 403, 200),
    "participation:new_place": ADMINISTRATOR,
    "participation:place_roles": ROLE_MANAGER,
    "participation:audit": ROLE_MANAGER,
    "participation:wards": ROLE_MANAGER,
    "participation:become_organiser": ("login", *(405,) * 7),
    "participation:revoke_role": ROLE_MANAGER,
    "participation:withdraw_invitation": ("login", *(405,) * 7),
    "participation:invitation": EVERYONE,
    "participation:setup": AWAY,  # this site has its administrator
    "participation:setup_steps": ADMINISTRATOR,
    "budgets:follow_proposal": AWAY,  # to the round the idea is in
    "participation:mailbox": NOT_THERE,  # only in the demo and for developers
    "participation:mailbox_message": NOT_THERE,
    "participation:healthz": EVERYONE,
    "commissioning:commitments": EVERYONE,
    "commissioning:case": EVERYONE,
    "commissioning:follow": POST_ONLY,
    "commissioning:stop_news": EVERYONE,  # the link in a mail says whose it is
    "commissioning:desk": ("login", 403, 403, 403, 403, 403, 200, 403),
    "commissioning:desk_case": COMMISSIONER,
    "commissioning:take": POST_ONLY,
    "commissioning:move": COMMISSIONER,
    "commissioning:checklist": COMMISSIONER,
    "commissioning:estimate": COMMISSIONER,
    "commissioning:new_award": COMMISSIONER,
    "commissioning:change_award": COMMISSIONER,
    "commissioning:new_contract": COMMISSIONER,
    "commissioning:change_contract": COMMISSIONER,
    "commissioning:new_payment": COMMISSIONER,
    "commissioning:reverse_payment": COMMISSIONER,
    "commissioning:weights": COMMISSIONER,
    "commissioning:new_metric": COMMISSIONER,
    "commissioning:change_metric": COMMISSIONER,
    "commissioning:observe": COMMISSIONER,
    "commissioning:new_milestone": COMMISSIONER,
    "commissioning:change_milestone": COMMISSIONER,
    "commissioning:report_milestone": COMMISSIONER,
    "commissioning:answer_dispute": COMMISSIONER,
    "commissioning:check_milestone": RESIDENT,
    "commissioning:dispute": ("login", 200, 403, 200, 403, 403, 403, 403),
    "commissioning:photo": EVERYONE,
    "commissioning:hide": ("login", 403, 403, 200, 403, 200, 403, 403),
    "commissioning:bodies": ROLE_MANAGER,
    "commissioning:members": ROLE_MANAGER,
    "commissioning:leave": POST_ONLY,
    "budgets:rounds": EVERYONE,
    "budgets:round": EVERYONE,
    "budgets:ballots_so_far": EVERYONE,
    "budgets:ideas": EVERYONE,
    "budgets:propose": SIGNED_IN,  # says who may
    "budgets:edit_proposal": AUTHOR,
    "budgets:check_proposal": AUTHOR,
    "budgets:proposal_done": AUTHOR,
    "budgets:projects": EVERYONE,
    "budgets:project": EVERYONE,
    "budgets:vote": RESIDENT,
    "budgets:check_vote": AWAY,  # nothing to check without choices
    "budgets:receipt": SIGNED_IN_AWAY,  # no vote, no receipt
    "budgets:receipt_file": SIGNED_IN_AWAY,
    "budgets:how_counted": EVERYONE,
    "budgets:challenge": SIGNED_IN,
    "budgets:count_progress": EVERYONE,
    "budgets:board": EVERYONE,
    "budgets:board_file": EVERYONE,
    "budgets:ballots_file": NOT_THERE,  # until the result is certified
    "budgets:check_bundle": EVERYONE,
    "budgets:bundle_zip": NOT_THERE,  # until the result is certified
    "budgets:bundle_file": NOT_THERE,
    "budgets:result": EVERYONE,
    "budgets:replay": EVERYONE,
    "budgets:what_if": EVERYONE,
    "budgets:outcome": EVERYONE,  # a published result belongs to everyone
    "budgets:commission": SIGNED_IN,  # lists the places one commissions for
    "budgets:organise": ANY_ORGANISER,
    "budgets:new_round": ANY_ORGANISER,
    "budgets:organise_round": ORGANISER,
    "budgets:edit_round": ORGANISER,
    "budgets:edit_timetable": ORGANISER,
    "budgets:edit_ballot": ORGANISER,
    "budgets:round_log": ORGANISER,
    "budgets:pots": ORGANISER,
    "budgets:add_pot": ORGANISER,
    "budgets:edit_pot": ORGANISER,
    "budgets:remove_pot": ORGANISER,
    "budgets:review": ORGANISER,
    "budgets:review_submission": ORGANISER,
    "budgets:accept": POST_ONLY,
    "budgets:decline": POST_ONLY,
    "budgets:reconsider": POST_ONLY,
    "budgets:publish_round": (
        "login",
        404,
        404,
        200,
        404,
        404,
        404,
        404,
    ),  # not announced: it does not exist for others
    "budgets:confirm_ballot": ORGANISER,
    "budgets:reopen_ballot": ORGANISER,
    "budgets:count_round": ORGANISER,
    "budgets:publish_result": ORGANISER,
    "budgets:certify_result": ORGANISER,
    "budgets:challenges": ORGANISER,
    "budgets:answer_challenge": ORGANISER,
    "budgets:electors": ORGANISER,
    "budgets:signals": ORGANISER,
    "budgets:strikes": ORGANISER,
    "budgets:propose_strike": ORGANISER,
    "budgets:errata": ORGANISER,
    "budgets:decide_erratum": POST_ONLY,
    "cms:theme_css": EVERYONE,
    "cms:image": NOT_THERE,
    "cms:styleguide": EVERYONE,
}

# Who may POST at all, for what only takes POST. Everyone else has to be refused.
POST: dict[str, set[str]] = {
    "participation:withdraw_proposal": {"resident"},
    "participation:become_organiser": {"organiser", "superuser"},  # an organiser is told that they are one
    "participation:withdraw_invitation": {"organiser", "superuser"},
    "commissioning:follow": set(ROLES) - {"anonymous"},
    "commissioning:take": {"commissioner"},
    "commissioning:leave": {"organiser", "superuser"},
    "budgets:accept": {"organiser"},
    "budgets:decline": {"organiser"},
    "budgets:reconsider": {"organiser"},
    "budgets:decide_erratum": {"organiser"},
}


def answer(response: HttpResponse) -> Answer:
    if response.status_code not in {301, 302}:
        return response.status_code
    return "login" if response["Location"].startswith("/accounts/login/") else "away"


def test_every_url_has_its_row() -> None:
    assert sorted(our_url_names()) == sorted(GET)


@pytest.mark.parametrize("name", GET)
def test_who_sees_what(name: str) -> None:
    world = World()
    url = address(name, world)
    found = tuple(answer(world.client(role).get(url)) for role in ROLES)
    assert dict(zip(ROLES, found, strict=True)) == dict(zip(ROLES, GET[name], strict=True))


@pytest.mark.parametrize("name", [name for name, row in GET.items() if {"login", 403, 404, 405} & set(row)])
def test_who_may_not_see_it_may_not_send_to_it_either(name: str) -> None:
    """An empty form from anyone who may not: refused, never processed."""
    world = World()
    url = address(name, world)
    for role, seen in zip(ROLES, GET[name], strict=True):
        if role in POST.get(name, set()) or seen in {200, "away"}:
            continue
        assert answer(world.client(role).post(url)) in {"login", 403, 404, 405}, role
