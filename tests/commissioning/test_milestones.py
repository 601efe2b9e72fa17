"""Milestones: planned and reported by the body, looked at by residents, disputed and answered, hidden with a reason."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from commissioning.actions.cases import move_case
from commissioning.actions.milestones import (
    Upload,
    answer_dispute,
    check_milestone,
    hide,
    open_dispute,
    plan_milestone,
    report_milestone,
)
from commissioning.models import Case, Dispute, Milestone, MilestoneCheck, MilestoneReport, Photo
from commissioning.rules import State
from participation.accounts.models import User
from participation.actions.erasure import erase_account
from participation.models import AuditEvent
from participation.personal_data import Ideas
from tests.factories import NOW, UserFactory, resident_of, staff_of
from tests.factories.bodies import BodyFactory, member_of
from tests.factories.cases import CaseFactory, milestone_of
from tests.refusals import refuses

SignIn = Callable[..., Client]
pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def case() -> Case:
    return CaseFactory(state=State.DELIVERING)  # type: ignore[return-value]


@pytest.fixture
def cora(case: Case) -> User:
    return member_of(case.body)


@pytest.fixture
def milestone(case: Case, cora: User) -> Milestone:
    return milestone_of(case, cora)


@pytest.fixture
def rosa(case: Case) -> User:
    return resident_of(case.body.place)


def picture() -> bytes:
    """A JPEG that says where it was taken."""
    image, out = Image.new("RGB", (40, 30), "seagreen"), BytesIO()
    exif = image.getexif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "taken at home"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_delivery_begins_with_a_milestone() -> None:
    case = CaseFactory(state=State.AWARDED)
    cora = member_of(case.body)
    with refuses("milestone_first"):
        move_case(by=cora, case_id=case.pk, to=State.DELIVERING, now=NOW)
    milestone_of(case, cora)
    assert move_case(by=cora, case_id=case.pk, to=State.DELIVERING, now=NOW).state == State.DELIVERING


def test_another_day_is_a_further_row_with_a_reason(
    case: Case, cora: User, milestone: Milestone, client: Client
) -> None:
    later = {"kind": "delivery", "title": milestone.title, "due_on": TODAY + timedelta(days=40)}
    with refuses("reason_needed"):
        plan_milestone(by=cora, case_id=case.pk, now=NOW, replaces_id=milestone.pk, **later)
    plan_milestone(by=cora, case_id=case.pk, now=NOW, replaces_id=milestone.pk, change="The oak is late.", **later)
    report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="partiallyMet", note="Five stand.")
    page = client.get(case.get_absolute_url()).content.decode()
    for text in ("The oak is late.", "Changed once", "Five stand.", "Partly done"):
        assert text in page
    assert "days late" not in page


def test_met_means_a_day(milestone: Milestone, cora: User) -> None:
    with refuses("met_on_a_day"):
        report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="met")
    with refuses("met_on_a_day"):
        report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="notMet", met_on=TODAY)
    with refuses("day_ahead"):
        report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="met", met_on=TODAY + timedelta(days=2))
    report = report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="met", met_on=TODAY)
    for wrong in ({"met_on": None}, {"status": "notMet"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MilestoneReport.objects.filter(pk=report.pk).update(**wrong)
    assert AuditEvent.objects.filter(action="milestone.reported").count() == 1


def test_a_late_one_is_marked(case: Case, cora: User, client: Client) -> None:
    late = milestone_of(case, cora, due_on=TODAY - timedelta(days=9))
    assert "9 days late" in client.get(case.get_absolute_url()).content.decode()
    report_milestone(by=cora, milestone_id=late.pk, now=NOW, status="met", met_on=TODAY - timedelta(days=5))
    assert "4 days late" in client.get(case.get_absolute_url()).content.decode()


def test_a_photo_says_nothing_of_where_it_was_taken(milestone: Milestone, cora: User, client: Client) -> None:
    upload = Upload(BytesIO(picture()), "Five benches")
    report = report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="scheduled", upload=upload)
    assert report.photo is not None
    answer = client.get(report.photo.get_absolute_url())
    assert answer["Content-Type"] == "image/jpeg"
    assert not Image.open(BytesIO(answer.content)).getexif()
    with refuses("picture_unreadable"):
        broken = Upload(BytesIO(b"no picture"), "Nothing")
        report_milestone(by=cora, milestone_id=milestone.pk, now=NOW, status="scheduled", upload=broken)


def test_residents_of_the_place_say_what_they_saw_once_each(
    case: Case, milestone: Milestone, rosa: User, client: Client
) -> None:
    check_milestone(by=rosa, milestone_id=milestone.pk, now=NOW, seen=False, text="Only holes.")
    check_milestone(by=rosa, milestone_id=milestone.pk, now=NOW, seen=True, text="They stand now.")
    check_milestone(by=resident_of(case.body.place), milestone_id=milestone.pk, now=NOW, seen=True, named=True)
    assert MilestoneCheck.objects.count() == 2
    with refuses("not_resident"):
        check_milestone(by=UserFactory(), milestone_id=milestone.pk, now=NOW, seen=True)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "2 residents have seen it." in page
    assert "They stand now." in page
    assert "Only holes." not in page
    assert rosa.public_name not in page
    assert MilestoneCheck.objects.get(named=True).by.public_name in page


def test_what_a_person_saw_goes_with_their_account(milestone: Milestone, rosa: User) -> None:
    upload = Upload(BytesIO(picture()), "A bench")
    check_milestone(by=rosa, milestone_id=milestone.pk, now=NOW, seen=True, upload=upload)
    open_dispute(by=rosa, milestone_id=milestone.pk, text="Only two of them.", now=NOW)
    erase_account(by=rosa, ideas=Ideas.KEEP, now=NOW)
    assert not MilestoneCheck.objects.exists()
    assert not Photo.objects.exists()
    assert Dispute.objects.get().by is None


def test_a_dispute_is_answered_once_for_everyone(
    case: Case, milestone: Milestone, cora: User, rosa: User, client: Client
) -> None:
    dispute = open_dispute(by=rosa, milestone_id=milestone.pk, text="Two are missing.", now=NOW)
    with refuses("dispute_open"):
        open_dispute(by=rosa, milestone_id=milestone.pk, text="Again.", now=NOW)
    open_dispute(by=staff_of(case.body.place, "organiser"), milestone_id=milestone.pk, text="I agree.", now=NOW)
    with refuses("not_resident"):
        open_dispute(by=UserFactory(), milestone_id=milestone.pk, text="From afar.", now=NOW)
    with refuses("not_allowed"):
        answer_dispute(by=rosa, dispute_id=dispute.pk, answer="My own.", now=NOW)
    answer_dispute(by=cora, dispute_id=dispute.pk, answer="They come on Monday.", now=NOW)
    with refuses("wrong_state"):
        answer_dispute(by=cora, dispute_id=dispute.pk, answer="Or on Tuesday.", now=NOW)
    page = client.get(case.get_absolute_url()).content.decode()
    for text in ("Two are missing.", "They come on Monday.", "has not answered yet"):
        assert text in page


def test_what_does_not_belong_there_is_hidden_with_a_reason(
    case: Case, milestone: Milestone, rosa: User, cora: User, client: Client
) -> None:
    moderator = staff_of(case.body.place, "moderator")
    upload = Upload(BytesIO(picture()), "A child")
    check = check_milestone(by=rosa, milestone_id=milestone.pk, now=NOW, seen=True, text="Rude words.", upload=upload)
    assert check.photo
    for person in (rosa, cora):
        with refuses("not_allowed"):
            hide(by=person, kind="photo", pk=check.photo.pk, reason="No.", now=NOW)
    hide(by=moderator, kind="photo", pk=check.photo.pk, reason="It shows a child.", now=NOW)
    hide(by=moderator, kind="check", pk=check.pk, reason="It insults somebody.", now=NOW)
    with refuses("wrong_state"):
        hide(by=moderator, kind="check", pk=check.pk, reason="Twice.", now=NOW)
    with refuses("hidden_already"):
        check_milestone(by=rosa, milestone_id=milestone.pk, now=NOW, seen=True, text="Rude again.")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "It shows a child." in page
    assert "It insults somebody." in page
    assert "Rude words." not in page
    assert client.get(check.photo.get_absolute_url()).status_code == 404


def test_nobody_hides_what_is_their_own(case: Case, milestone: Milestone) -> None:
    olive = staff_of(case.body.place, "organiser")
    dispute = open_dispute(by=olive, milestone_id=milestone.pk, text="Two are missing.", now=NOW)
    with refuses("own_item"):
        hide(by=olive, kind="dispute", pk=dispute.pk, reason="A slip.", now=NOW)


def test_through_the_pages(case: Case, cora: User, rosa: User, sign_in: SignIn) -> None:
    desk, mine = sign_in(cora), f"/commission/cases/{case.pk}/"
    typed = {"title": "The benches stand", "kind": "delivery", "due_on": TODAY.isoformat(), "description": ""}
    assert desk.post(f"{mine}milestones/new/", {**typed, "title": ""}).status_code == 422
    assert desk.post(f"{mine}milestones/new/", typed)["Location"] == f"{mine}#milestones"
    milestone = Milestone.objects.get()
    said = {"status": "met", "met_on": "", "note": "All ten."}
    late = desk.post(f"/commission/milestones/{milestone.pk}/report/", said)
    assert set(late.context["form"].errors) == {"met_on"}
    assert "All ten." in late.content.decode()
    photo = {"photo": SimpleUploadedFile("b.jpg", picture()), "photo_alt": ""}
    wordless = desk.post(f"/commission/milestones/{milestone.pk}/report/", {**said, "met_on": TODAY, **photo})
    assert set(wordless.context["form"].errors) == {"photo_alt"}
    photo = {"photo": SimpleUploadedFile("b.jpg", picture()), "photo_alt": "Ten benches"}
    assert (
        desk.post(f"/commission/milestones/{milestone.pk}/report/", {**said, "met_on": TODAY, **photo}).status_code
        == 302
    )
    resident = sign_in(rosa)
    seen = {"seen": "no", "text": "I count eight."}
    assert resident.post(f"/milestones/{milestone.pk}/check/", seen)["Location"] == f"/cases/{case.pk}/#milestones"
    assert resident.post(f"/milestones/{milestone.pk}/dispute/", {"text": "Two are missing."}).status_code == 302
    dispute = Dispute.objects.get()
    assert f"/commission/disputes/{dispute.pk}/" in desk.get(mine).content.decode()
    assert desk.post(f"/commission/disputes/{dispute.pk}/", {"answer": "On Monday."}).status_code == 302
    public = resident.get(case.get_absolute_url()).content.decode()
    for text in ('alt="Ten benches"', "I count eight.", "On Monday."):
        assert text in public
    assert "/milestones/hide/" not in public
    moderator = sign_in(staff_of(case.body.place, "moderator"))
    address = f"/milestones/hide/dispute/{dispute.pk}/"
    assert address in moderator.get(case.get_absolute_url()).content.decode()
    assert moderator.post(address, {"reason": "Not so."}).status_code == 302
    assert Dispute.objects.get().hidden_reason == "Not so."


def test_at_another_body_s_desk_it_does_not_exist(
    case: Case, milestone: Milestone, rosa: User, sign_in: SignIn
) -> None:
    dispute = open_dispute(by=rosa, milestone_id=milestone.pk, text="Two are missing.", now=NOW)
    client = sign_in(member_of(BodyFactory(place=case.body.place)))
    for page in (f"cases/{case.pk}/milestones/new/", f"milestones/{milestone.pk}/", f"milestones/{milestone.pk}/report/",
                 f"disputes/{dispute.pk}/"):  # fmt: skip
        assert client.post(f"/commission/{page}").status_code == 404
