"""Every column that points at a person is accounted for: shown to them or not, and erased or kept for a reason."""

from django.apps import apps
from django.db import models

from participation.accounts.models import User
from participation.personal_data import parts


def columns_about_people() -> set[str]:
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            points_at_a_person = field.is_relation and field.related_model is User
            if points_at_a_person or isinstance(field, models.EmailField | models.GenericIPAddressField):
                found.add(f"{model._meta.label}.{field.name}")
    return found


def test_each_column_that_points_at_a_person_says_what_becomes_of_it() -> None:
    said = {name: text for part in parts() for name, text in part.fields.items()}
    assert columns_about_people() == set(said)
    assert all(said.values())
