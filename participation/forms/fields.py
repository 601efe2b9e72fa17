"""Fields that more than one form asks for."""

from typing import Any

from django import forms


class AddressField(forms.EmailField):
    """An e-mail address as it is stored: in small letters, and no longer than its column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_python(self, value: Any) -> str:
        """Small letters before anything is measured: some capitals become two of them."""
        return str(super().to_python(value)).lower()
