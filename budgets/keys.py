"""The keys of a ballot box: files beside the database and never in it, so that a copy of the database tells nothing.

Each confirmed ballot has two, found by its board's public key: `<public key>.urn`, 32 random bytes under which electors'
handles are computed, destroyed when the result is certified; and `<public key>.board`, the Ed25519 key that signs the
board's checkpoints. Several web processes share the folder (`settings.KEY_DIR`); a backup leaves it out.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from budgets.proofs import BUNDLE, SIGNED
from participation.refusals import Refused

LENGTH = 32  # bytes of either key


class KeyGoneError(Refused):
    """The key has been destroyed, or this machine cannot reach it: answered with 503 and never with a crash."""

    def __init__(self) -> None:
        super().__init__("keys_unreachable")


def make_keys() -> str:
    """Make both keys of a new box and return its public key (hexadecimal)."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex()
    _write(_file(public, "board"), private.private_bytes_raw())
    _write(_file(public, "urn"), secrets.token_bytes(32))
    return public


def urn_key(public: str) -> bytes:
    """Refuses with KeyGoneError."""
    return _read(public, "urn")


def signal_key(public: str) -> bytes:
    """The key under which signals are kept (`models/signals.py`): derived from the urn's (HKDF, RFC 5869), so that it is
    destroyed with it and cannot be told from it. Refuses with KeyGoneError."""
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"good-local signals")
    return derived.derive(urn_key(public))


def sign(public: str, entry_hash: str) -> str:
    """The signature (hexadecimal) of one entry of the board. Refuses with KeyGoneError."""
    private = Ed25519PrivateKey.from_private_bytes(_read(public, "board"))
    return private.sign(SIGNED + bytes.fromhex(entry_hash)).hex()


def sign_bundle(public: str, manifest_digest: bytes) -> str:
    """The signature (hexadecimal) of a bundle's manifest. Refuses with KeyGoneError."""
    private = Ed25519PrivateKey.from_private_bytes(_read(public, "board"))
    return private.sign(BUNDLE + manifest_digest).hex()


def destroy_urn_key(public: str) -> None:
    """Overwrite and remove it. Doing it again changes nothing."""
    path = _file(public, "urn")
    if path.exists():
        _write(path, bytes(32))
        path.unlink()


def destroy_all_keys(public: str) -> None:
    """The same for every key of a box that was never used."""
    for path in _file(public, "urn").parent.glob(f"{public}.*"):
        _write(path, bytes(path.stat().st_size))
        path.unlink()


def has_urn_key(public: str) -> bool:
    return _file(public, "urn").exists()


def _file(public: str, kind: str) -> Path:
    if len(public) != 64 or set(public) - set("0123456789abcdef"):
        raise ValueError("a public key is 64 hexadecimal digits")
    return Path(settings.KEY_DIR) / f"{public}.{kind}"


def _read(public: str, kind: str) -> bytes:
    """All 32 bytes of it: a ballot under half a key could not be found again."""
    try:
        key = _file(public, kind).read_bytes()
    except OSError as error:
        raise KeyGoneError from error
    if len(key) != LENGTH:
        raise KeyGoneError
    return key


def _write(path: Path, content: bytes) -> None:
    """On the disk when this returns: a ballot must never lie under a key that a power cut can take away."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
