"""Bodies that commission, and their members."""

import factory
from factory.django import DjangoModelFactory

from commissioning.models import Body, Member, Organisation
from participation.accounts.models import User
from tests.factories.people import staff_of
from tests.factories.places import PlaceFactory


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    scheme = Organisation.Scheme.COMPANY
    number = factory.Sequence(lambda n: f"{n:08d}")
    name = factory.Sequence(lambda n: f"Larkmoor Makers {n} Ltd")


class BodyFactory(DjangoModelFactory[Body]):
    class Meta:
        model = Body

    organisation = factory.SubFactory(
        OrganisationFactory,
        scheme=Organisation.Scheme.COUNCIL_ENGLAND,
        number=factory.Sequence(lambda n: f"L{n}"),
        name=factory.Sequence(lambda n: f"Larkmoor Council {n}"),
    )
    place = factory.SubFactory(PlaceFactory)


def member_of(body: Body, desk: str = "procurement", **fields: object) -> User:
    """A commissioner of the body's place who answers for it."""
    user = staff_of(body.place, "commissioner", **fields)
    Member.objects.create(body=body, user=user, desk=desk)
    return user
