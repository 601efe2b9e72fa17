"""What an organiser reads on a round's page: what happens next, and the list of what is to be done."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from budgets.forms.rounds import DETAILS
from budgets.models import Round
from budgets.models.challenges import challenged_until
from budgets.models.rounds import Phase
from budgets.tally.explain import money
from budgets.views.desk import Desk
from budgets.views.organise_common import Text, address, moment


class Task(TypedDict, total=False):
    """For components/task_list.html. `kind`: done, todo, wait or bad."""

    title: Text
    url: str | None
    hint: Text
    status: Text
    kind: str


class Now(TypedDict, total=False):
    """For components/now_banner.html."""

    title: Text
    text: Text
    icon: str
    closes: datetime
    action_url: str
    action_label: Text


# ── What happens next ────────────────────────────────────────────────────────
def happening(desk: Desk) -> Now:
    """One sentence about now and the one main action."""
    if desk.round.is_imported:
        return Now(
            title=_("This round comes from an election file"), text=_("Its rules and ballots are as in the file.")
        )
    if desk.published:
        return _after_publishing(desk)
    return _NOW[desk.phase](desk)


def _announced(desk: Desk) -> Now:
    said = Now(title=_("The round is being set up"), closes=desk.round.proposing_opens_at, icon="hammer")
    if desk.round.published_at is None:
        return _with_publishing(desk, said)
    said["text"] = _(
        "Everyone can see it. People can hand in ideas from the day below; nothing has to be done for that."
    )
    return said


def _proposing(desk: Desk) -> Now:
    said = Now(title=_("People can hand in ideas"), closes=desk.round.shaping_opens_at, icon="lightbulb")
    if desk.round.published_at is None:
        said["title"] = _("People could hand in ideas, but nobody sees the round yet")
        return _with_publishing(desk, said)
    said["text"] = _("You may review ideas as they come in, or wait until all are there.")
    return _with_review(desk, said)


def _shaping(desk: Desk) -> Now:
    text = _("No new ones come in. Neighbours work on them together.")
    return _with_review(
        desk, Now(title=_("The ideas are being shaped"), text=text, closes=desk.round.review_opens_at, icon="users")
    )


def _review(desk: Desk) -> Now:
    round = desk.round
    if round.rules_frozen_at:
        text: Text = _("The ballot is confirmed. Voting opens by itself on %(day)s.") % {
            "day": moment(round.voting_opens_at)
        }
        return Now(title=_("Everything is ready for the vote"), text=text, icon="circle-check")
    if desk.now >= round.voting_closes_at:
        text = _("The ballot was not confirmed in time, so nobody could vote. Choose new dates, then confirm it.")
        return Now(title=_("The voting time is over"), text=text, icon="triangle-alert") | _link(
            desk, "edit_timetable", _("Change the timetable")
        )
    if desk.now >= round.voting_opens_at:
        said = Now(title=_("Voting waits for you"), icon="triangle-alert", closes=round.voting_closes_at)
        said["text"] = _("The day has come, but the ballot is not confirmed. Voting opens the moment you confirm it.")
    else:
        said = Now(title=_("Review the ideas, then confirm the ballot"), icon="scale", closes=round.voting_opens_at)
        said["text"] = _("Decide about each idea. Then confirm the ballot: voting opens by itself on its day.")
    if desk.submissions["submitted"]:
        return _with_review(desk, said)
    if desk.blocking:
        return said | Now(action_url="#problems", action_label=_("See what to put right"))
    return said | _link(desk, "confirm_ballot", _("Confirm the ballot"))


def _voting(desk: Desk) -> Now:
    text = _("It closes by itself, to the minute, and the count starts. Nobody sees a result before.")
    return Now(title=_("People are voting"), text=text, closes=desk.round.voting_closes_at, icon="vote")


def _counting(desk: Desk) -> Now:
    if desk.failed:
        text = _("No vote is lost: the ballots lie as they were cast. Read the error below, then count again.")
        return Now(title=_("The count did not work"), text=text, icon="triangle-alert") | _link(
            desk, "count_round", _("Count again")
        )
    if desk.round.counted_at is None:
        text = _("The count starts by itself within a minute of the close. A large round takes some minutes.")
        return Now(title=_("The votes are being counted"), text=text, icon="refresh-cw")
    text = _("Look at it, then publish it. It is shown as provisional until a second organiser has certified it.")
    return Now(title=_("The votes are counted"), text=text, icon="trophy") | _link(
        desk, "publish_result", _("Publish the result")
    )


def _after_publishing(desk: Desk) -> Now:
    if desk.certified:
        said = Now(title=_("The result is certified"), icon="trophy")
        said["text"] = _("Commissioners can take the outcome away and start. Nothing is left to do here.")
        return said | _link(desk, "errata", _("Add a correction"))
    if desk.round.recount_due or desk.outdated:
        said = Now(title=_("Ballots were struck out"), icon="refresh-cw")
        said["text"] = _("The votes are counted again by themselves, and the new result replaces the provisional one.")
        return said
    said = Now(title=_("The result is provisional"), icon="scale")
    until = challenged_until(desk.round)
    if desk.now < until:
        said["text"] = _("It can be challenged now. After that, somebody else than its publisher certifies it.")
        return said | Now(closes=until)
    if desk.may_certify:
        said["text"] = _("Check it, then certify it: from then on it stands, and commissioners can start.")
        return said | _link(desk, "certify_result", _("Certify the result"))
    said["text"] = _("You published it, so another organiser of the place has to certify it.")
    return said


_NOW: dict[Phase, Callable[[Desk], Now]] = {
    Phase.ANNOUNCED: _announced,
    Phase.PROPOSING: _proposing,
    Phase.SHAPING: _shaping,
    Phase.REVIEW: _review,
    Phase.VOTING: _voting,
    Phase.COUNTING: _counting,
}


def _link(desk: Desk, page: str, label: Text) -> Now:
    return Now(action_url=address(desk.round, page), action_label=label)


def _with_publishing(desk: Desk, said: Now) -> Now:
    said["text"] = _("Only organisers see it so far. Show it to everyone when its words and dates are right.")
    return said | _link(desk, "publish_round", _("Show it to everyone"))


def _with_review(desk: Desk, said: Now) -> Now:
    number = desk.submissions["submitted"]
    if not number:
        return said
    label = ngettext("Review %(number)s idea", "Review %(number)s ideas", number) % {"number": number}
    return said | Now(action_url=f"{address(desk.round, 'review')}?state=submitted", action_label=label)


# ── What is to be done ───────────────────────────────────────────────────────
def preparing(desk: Desk) -> list[Task]:
    return [_details(desk), _timetable(desk), _pots(desk), _ballot(desk), _publish(desk)]


def deciding(desk: Desk) -> list[Task]:
    return [_reviewing(desk), _confirm(desk)]


def finishing(desk: Desk) -> list[Task]:
    tasks = [
        _vote(desk),
        _count(desk),
        _result(desk),
        _challenges(desk),
        _strikes(desk),
        _certify(desk),
        _outcome(desk),
    ]
    return [task for task in tasks if task]


def _task(desk: Desk, page: str | None, title: Text, hint: Text, status: Text, kind: str) -> Task:
    url = address(desk.round, page) if page else None
    return Task(title=title, url=url, hint=hint, status=status, kind=kind)


def _details(desk: Desk) -> Task:
    whole = all(getattr(desk.round, name) for name in DETAILS)
    hint = desk.round.question or _("Title, question, what it is about")
    status, kind = (_("Done"), "done") if whole else (_("Not finished"), "todo")
    return _task(desk, "edit_round", _("What it is about"), hint, status, kind)


def _timetable(desk: Desk) -> Task:
    days = {"opens": moment(desk.round.voting_opens_at), "closes": moment(desk.round.voting_closes_at)}
    status, kind = (_("Put right"), "bad") if desk.wrong("timetable") else (_("Done"), "done")
    return _task(desk, "edit_timetable", _("Timetable"), _("Voting: %(opens)s to %(closes)s") % days, status, kind)


def _pots(desk: Desk) -> Task:
    pots = list(desk.round.pots.all())
    funders = {funder.name for pot in pots for funder in pot.funders.all()}
    hint: Text = _("The money to share out, and who pays it in")
    if pots:
        hint = _("%(pots)s holding %(sum)s from %(funders)s") % {
            "pots": ngettext("%(n)s pot", "%(n)s pots", len(pots)) % {"n": len(pots)},
            "sum": money(desk.total, desk.round.currency),
            "funders": ngettext("%(n)s funder", "%(n)s funders", len(funders)) % {"n": len(funders)},
        }
    wrong = pots and any(pot.amount == 0 for pot in pots)
    status, kind = (_("To do"), "todo") if not pots else (_("Put right"), "bad") if wrong else (_("Done"), "done")
    return _task(desk, "pots", _("Pots and funders"), hint, status, kind)


def _ballot(desk: Desk) -> Task:
    round = desk.round
    hint = ". ".join(
        str(part)
        for part in (
            round.get_ballot_format_display(),
            round.get_counting_rule_display(),
            round.get_eligibility_display(),
        )
    )
    return _task(desk, "edit_ballot", _("Ballot and rules"), hint, _("Done"), "done")


def _publish(desk: Desk) -> Task:
    title = _("Show the round to everyone")
    if desk.round.published_at:
        day = _("Since %(day)s") % {"day": moment(desk.round.published_at)}
        return _task(desk, None, title, day, _("Done"), "done")
    return _task(desk, "publish_round", title, _("Only organisers see it so far."), _("To do"), "todo")


def _reviewing(desk: Desk) -> Task:
    states = desk.submissions
    waiting = states["submitted"]
    hint = _("%(accepted)s on the ballot, %(declined)s not possible") % {
        "accepted": states["accepted"],
        "declined": states["declined"],
    }
    if waiting:
        status: Text = ngettext("%(n)s waits", "%(n)s wait", waiting) % {"n": waiting}
        return _task(desk, "review", _("Review ideas"), hint, status, "todo")
    if not states["accepted"] and not states["declined"]:
        return _task(
            desk, "review", _("Review ideas"), _("None has been handed in yet."), _("Nothing to do yet"), "wait"
        )
    return _task(desk, "review", _("Review ideas"), hint, _("Done"), "done")


def _confirm(desk: Desk) -> Task:
    round, title = desk.round, _("Confirm the ballot")
    if round.rules_frozen_at:
        page = "reopen_ballot" if desk.now < round.voting_opens_at and not round.is_imported else None
        hint = _("The rules stand since %(day)s.") % {"day": moment(round.rules_frozen_at)}
        return _task(
            desk,
            page,
            _("The ballot is confirmed") if not page else _("Reopen the ballot"),
            hint,
            _("Confirmed"),
            "done",
        )
    if desk.blocking:
        number = len(desk.blocking)
        status = ngettext("%(n)s thing to put right", "%(n)s things to put right", number) % {"n": number}
        return _task(desk, None, title, _("It freezes projects, money and rules for the vote."), status, "wait")
    return _task(
        desk, "confirm_ballot", title, _("It freezes projects, money and rules for the vote."), _("To do"), "todo"
    )


def _vote(desk: Desk) -> Task:
    title = _("Voting")
    if desk.phase == Phase.VOTING:
        number = desk.ballots
        status = ngettext("%(n)s ballot so far", "%(n)s ballots so far", number) % {"n": number}
        return _task(
            desk, None, title, _("Open until %(day)s") % {"day": moment(desk.round.voting_closes_at)}, status, "todo"
        )
    if desk.phase in {Phase.COUNTING, Phase.RESULT, Phase.DELIVERY}:
        return _task(desk, None, title, _("Closed."), _("Done"), "done")
    return _task(desk, None, title, _("Opens and closes by the timetable."), _("Not yet"), "wait")


def _count(desk: Desk) -> Task:
    title = _("Count")
    due = desk.round.recount_due
    if (desk.round.counted_at or desk.published) and not due:
        return _task(desk, None, title, "", _("Done"), "done")
    if desk.failed:
        return _task(desk, "count_round", title, desk.failed[0][1], _("Did not work"), "bad")
    if desk.phase == Phase.COUNTING or due:
        hint = _("It starts by itself. If it does not, start it here.")
        return _task(desk, "count_round", title, hint, _("Being counted"), "wait")
    return _task(desk, None, title, _("Starts by itself when voting has closed."), _("Not yet"), "wait")


def _result(desk: Desk) -> Task:
    title = _("Publish the result")
    if desk.outdated:
        struck = _("Ballots were struck out. It is replaced by itself; if it is not, do it here.")
        return _task(desk, "publish_result", title, struck, _("To do"), "todo")
    if desk.published:
        return _task(desk, None, title, "", _("Done"), "done")
    if desk.round.counted_at:
        return _task(desk, "publish_result", title, _("As provisional, until it is certified."), _("To do"), "todo")
    by_itself = _("It is shown as provisional as soon as it is counted.")
    hint: Text = by_itself if desk.round.publish_at_close else _("You look at it first, then publish it.")
    return _task(desk, None, title, hint, _("Not yet"), "wait")


def _challenges(desk: Desk) -> Task | None:
    round = desk.round
    if not round.rules_frozen_at or round.is_imported or desk.now < round.voting_opens_at:
        return None
    hint: Text = _("Each has to be answered.")
    if round.challengeable_until:
        hint = _("Until %(day)s. Each has to be answered.") % {"day": moment(round.challengeable_until)}
    status: Text = _("None waits")
    if desk.unanswered:
        status = ngettext("%(n)s waits", "%(n)s wait", desk.unanswered) % {"n": desk.unanswered}
    return _task(desk, "challenges", _("Challenges"), hint, status, "todo" if desk.unanswered else "done")


def _strikes(desk: Desk) -> Task | None:
    round = desk.round
    if not round.rules_frozen_at or round.is_imported or desk.now < round.voting_closes_at:
        return None
    title, hint = _("Who voted, and strikes"), _("What stands out, and ballots that may not count.")
    if desk.proposed:
        status = ngettext("%(n)s to decide", "%(n)s to decide", desk.proposed) % {"n": desk.proposed}
        return _task(desk, "strikes", title, hint, status, "todo")
    return _task(desk, "electors", title, hint, _("None proposed"), "done")


def _certify(desk: Desk) -> Task:
    title = _("Certify the result")
    if desk.certified:
        return _task(desk, None, title, "", _("Done"), "done")
    if not desk.published:
        return _task(desk, None, title, _("By another organiser than the one who published it."), _("Not yet"), "wait")
    if desk.now < challenged_until(desk.round):
        hint = _("When the time for challenges has ended, by another organiser than the one who published it.")
        return _task(desk, None, title, hint, _("Not yet"), "wait")
    if desk.may_certify:
        return _task(desk, "certify_result", title, _("From then on it stands."), _("To do"), "todo")
    hint = _("You published it or vouched for it, so another organiser has to.")
    return _task(desk, None, title, hint, _("For someone else"), "wait")


def _outcome(desk: Desk) -> Task:
    task = _task(
        desk, None, _("Take the outcome away"), _("For commissioners: CSV, JSON and .pb files."), _("Not yet"), "wait"
    )
    if desk.certified:
        task |= Task(url=reverse("budgets:commission"), status=_("Ready"), kind="done")
    return task


# ── The list of rounds ───────────────────────────────────────────────────────
def waiting_for(round: Round, now: datetime) -> list[tuple[str, Text]]:
    """(address, what to do) of everything in a round that waits for an organiser. The round comes `with_work`."""
    found: list[tuple[str, Text]] = []
    waiting: int = round.waiting  # type: ignore[attr-defined]  # annotated
    if waiting:
        label = ngettext("%(n)s idea to review", "%(n)s ideas to review", waiting) % {"n": waiting}
        found.append((f"{address(round, 'review')}?state=submitted", label))
    steps = (
        ("to_confirm", "organise_round", _("Confirm the ballot")),
        ("count_failed", "count_round", _("The count did not work: count again")),
        ("to_publish", "publish_result", _("Publish the result")),
        ("to_answer", "challenges", _("Answer a challenge")),
        ("to_strike", "strikes", _("Decide about a proposed strike")),
        ("to_certify", "certify_result", _("Certify the result")),
    )
    too_early = {"to_certify"} if now < challenged_until(round) else set()
    return found + [
        (address(round, page), label) for flag, page, label in steps if getattr(round, flag) and flag not in too_early
    ]
