"""From an idea to where it stands in its round."""

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Submission
from tests.factories import ProjectFactory, ProposalFactory, SubmissionFactory

pytestmark = pytest.mark.django_db


def follow(client: Client, reference: str) -> tuple[int, str]:
    answer = client.get(reverse("budgets:follow_proposal", args=[reference]))
    return answer.status_code, answer.get("Location", "")


def test_each_state_leads_to_its_page(client: Client) -> None:
    waiting = SubmissionFactory(state=Submission.State.SUBMITTED)
    ideas = reverse("budgets:ideas", args=[waiting.round.slug])
    assert follow(client, waiting.proposal.reference) == (302, ideas)
    project = ProjectFactory()
    accepted = SubmissionFactory(round=project.round, state=Submission.State.ACCEPTED, reason="It can be done.")
    project.submission = accepted
    project.save()
    assert follow(client, accepted.proposal.reference) == (302, project.get_absolute_url())


def test_a_draft_leads_its_author_on_and_nobody_else(client: Client) -> None:
    draft = SubmissionFactory(proposal=ProposalFactory(draft=True), state=Submission.State.DRAFT)
    assert follow(client, draft.proposal.reference)[0] == 404
    client.force_login(draft.proposal.author)
    edit = reverse("budgets:edit_proposal", args=[draft.round.slug, draft.proposal.reference])
    assert follow(client, draft.proposal.reference) == (302, edit)
    assert follow(client, "P-NOTHING") == (404, "")
