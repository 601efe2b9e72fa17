"""People, where they live, and the roles they hold."""

import hashlib
from typing import Any

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from factory.django import DjangoModelFactory

from participation.accounts.models import User
from participation.models import Place, Residence, Role
from participation.models.roles import RoleKind
from tests.factories.places import PlaceFactory, WardFactory
from tests.factories.time import NOW


class UserFactory(DjangoModelFactory[User]):
    """A person with a confirmed e-mail address and no password: they sign in by a code."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    date_joined = NOW

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(**kwargs)

    @factory.post_generation
    def verified(self: User, create: bool, extracted: bool | None, **kwargs: Any) -> None:  # type: ignore[misc]
        if create:
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=extracted is not False)


def give_second_factor(user: User) -> str:
    """Set up an authenticator app for this person, once, and return its secret (base 32) the first time."""
    if Authenticator.objects.filter(user=user).exists():
        return ""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


class ResidenceFactory(DjangoModelFactory[Residence]):
    class Meta:
        model = Residence

    user = factory.SubFactory(UserFactory)
    area = factory.SubFactory(WardFactory)
    postcode_token = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    confirmed_at = NOW


class RoleFactory(DjangoModelFactory[Role]):
    class Meta:
        model = Role

    user = factory.SubFactory(UserFactory)
    place = factory.SubFactory(PlaceFactory)
    kind = RoleKind.ORGANISER
    granted_at = NOW


def resident_of(area: Place, **fields: Any) -> User:
    """A person who lives in this area."""
    return ResidenceFactory(area=area, user=UserFactory(**fields)).user


def staff_of(place: Place, kind: str, **fields: Any) -> User:
    """A person who holds this role in the place and has a second factor."""
    user = UserFactory(**fields)
    RoleFactory(user=user, place=place, kind=kind)
    give_second_factor(user)
    return user
