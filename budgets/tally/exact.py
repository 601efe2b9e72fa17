"""Exact fractions as text, of any length (Python itself refuses to print whole numbers beyond 4,300 digits)."""

from __future__ import annotations

from fractions import Fraction

CHUNK = 4000


def digits(number: int) -> str:
    """A whole number, not negative, in decimal."""
    if number < 10**CHUNK:
        return str(number)
    half = CHUNK
    while number >= 10 ** (2 * half):
        half *= 2
    base: int = 10**half
    high, low = divmod(number, base)
    return digits(high) + digits(low).zfill(half)


def whole(text: str) -> int:
    """Back from `digits`. Refuses (ValueError) anything but decimal digits."""
    if len(text) <= CHUNK:
        if not text.isascii() or not text.isdigit():
            raise ValueError("not a whole number")
        return int(text)
    half = len(text) // 2
    base: int = 10**half
    return whole(text[:-half]) * base + whole(text[-half:])


def ratio(number: Fraction) -> str:
    """`numerator/denominator` in lowest terms; not negative."""
    return f"{digits(number.numerator)}/{digits(number.denominator)}"


def from_ratio(text: str) -> Fraction:
    numerator, _, denominator = text.partition("/")
    return Fraction(whole(numerator), whole(denominator))
