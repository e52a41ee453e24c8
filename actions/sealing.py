"""Secrets as the database keeps them: encrypted, so that whoever reads it alone learns none."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

_SEALED = "sealed:"
"""What an encrypted secret begins with; those of earlier versions are plain."""


class SealBroken(Exception):
    """The secret was encrypted with another key."""


class Seal:
    """Encrypts secrets with one key.

    Args:
        key: any text that nobody can guess.
    """

    def __init__(self, key: str) -> None:
        digest = hashlib.sha256(key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def close(self, secret: str) -> str:
        """The secret as it is kept."""
        return _SEALED + self._fernet.encrypt(secret.encode()).decode()

    def open(self, kept: str) -> str:
        """What was kept; a plain secret of an earlier version as it is.

        Raises:
            SealBroken: see there.
        """
        if not is_sealed(kept):
            return kept
        try:
            return self._fernet.decrypt(kept.removeprefix(_SEALED)).decode()
        except InvalidToken:
            raise SealBroken from None


def is_sealed(kept: str) -> bool:
    """Whether a secret is encrypted."""
    return kept.startswith(_SEALED)
