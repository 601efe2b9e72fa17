"""What people change about themselves here; addresses, passwords and second factors are allauth's."""

from django.db import transaction

from participation.accounts.models import User


@transaction.atomic
def change_name(*, by: User, name: str) -> None:
    """The name that others see beside what the person writes."""
    user = User.objects.select_for_update().get(pk=by.pk)
    user.name = " ".join(name.split())
    user.save(update_fields=["name"])
    by.name = user.name
