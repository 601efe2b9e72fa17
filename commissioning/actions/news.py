"""Telling people what became of the projects: at most one mail a day and round, however much happened.

Who voted in a round is told about every answer in it, the same for all: what somebody chose is neither known nor hinted at.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from budgets.models import Elector, Round
from commissioning import rules
from commissioning.models import Case, Follow, NewsStop, Step
from participation.accounts.models import User
from participation.actions.outbox import put_in_outbox
from participation.refusals import Refused

PAUSE = timedelta(hours=20)  # between two mails about one round
# What everyone who voted hears of; proposers and followers hear of every step.
FOR_EVERYONE = rules.ANSWERS | {rules.State.AWARDED, rules.State.CLOSED, rules.State.LEARNED}
_SIGNER = Signer(salt="commissioning.news")


def sweep_news(*, now: datetime) -> int:
    """Queue the mails about what is new; how many. A round that had its mail in the last hours waits."""
    recent = Step.objects.filter(told_at__gt=now - PAUSE).values("case__round")
    new = Step.objects.filter(told_at=None).exclude(state=rules.State.SENT).exclude(case__round__in=recent)
    rounds = list(new.order_by().values_list("case__round", flat=True).distinct())
    return sum(_tell_round(round_id, now) for round_id in rounds)


@transaction.atomic
def _tell_round(round_id: int, now: datetime) -> int:
    round = Round.objects.select_for_update(of=("self",)).get(pk=round_id)
    steps = list(
        Step.objects.filter(case__round=round, told_at=None)
        .exclude(state=rules.State.SENT)
        .select_related("case__project__proposal")
        .order_by("at", "pk")
    )
    everyone = [step for step in steps if step.state in FOR_EVERYONE]
    told = 0
    for user, closer in _people(round, {step.case_id for step in steps}):
        shown = [step for step in steps if step in everyone or step.case_id in closer]
        if shown:
            put_in_outbox(
                key=f"news:{round.pk}:{steps[-1].pk}:{user.pk}",
                to=user.email,
                subject=_("What became of it: %(round)s") % {"round": round.title},
                body=_body(round, user, shown),
                now=now,
            )
            told += 1
    Step.objects.filter(pk__in=[step.pk for step in steps]).update(told_at=now)
    return told


def _people(round: Round, case_ids: set[int]) -> Iterable[tuple[User, set[int]]]:
    """Everyone to tell, each with the cases they are closer to: proposed or followed."""
    closer: dict[int, set[int]] = {}
    for user_id, case_id in Follow.objects.filter(case__in=case_ids).values_list("user_id", "case_id"):
        closer.setdefault(user_id, set()).add(case_id)
    proposed = Case.objects.filter(pk__in=case_ids).values_list("project__proposal__author", "pk")
    for author_id, case_id in proposed:
        if author_id:
            closer.setdefault(author_id, set()).add(case_id)
    voted = Elector.objects.filter(round=round, status=Elector.Status.VOTED).exclude(person=None).values("person")
    people = User.objects.filter(Q(pk__in=voted) | Q(pk__in=closer), is_active=True)
    for user in people.exclude(pk__in=NewsStop.objects.values("user")).order_by("pk").iterator():
        yield user, closer.get(user.pk, set())


def _body(round: Round, user: User, steps: list[Step]) -> str:
    lines = []
    for step in steps:
        lines += [
            f"{step.case.title}: {step.get_state_display()}",
            f"{settings.SITE_URL}{step.case.get_absolute_url()}",
        ]
        lines += [f"  {step.says}"] if step.says else []
        lines.append("")
    stop = settings.SITE_URL + reverse("commissioning:stop_news", args=[sign(user.pk)])
    head = _("There is news about projects that residents decided on in “%(round)s”.") % {"round": round.title}
    foot = _("You get this because you took part in the round or follow a project. No more of these: %(link)s") % {
        "link": stop
    }
    return "\n".join([head, "", *lines, foot])


@transaction.atomic
def follow(*, by: User, case_id: int, follows: bool) -> None:
    """Follow a case, or no longer. Doing it again changes nothing."""
    if follows:
        Follow.objects.bulk_create([Follow(case_id=case_id, user=by)], ignore_conflicts=True)
    else:
        Follow.objects.filter(case_id=case_id, user=by).delete()


def sign(user_id: int) -> str:
    """The token of a mail's stop link."""
    return _SIGNER.sign(str(user_id))


def whose(token: str) -> int:
    """The person a mail's stop link belongs to. Refuses not_there."""
    try:
        return int(_SIGNER.unsign(token))
    except (BadSignature, ValueError) as error:
        raise Refused("not_there") from error


@transaction.atomic
def stop_news(*, user_id: int, stops: bool, now: datetime) -> None:
    """No more mails about what became of projects, or again. Doing it twice changes nothing."""
    if not stops:
        NewsStop.objects.filter(user=user_id).delete()
    elif User.objects.filter(pk=user_id).exists():
        NewsStop.objects.bulk_create([NewsStop(user_id=user_id, at=now)], ignore_conflicts=True)
