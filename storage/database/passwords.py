"""Password hashes: argon2id with its library's defaults."""

from __future__ import annotations


class Argon2Passwords:
    """Hash and compare; about 0.2 s each, so off the window's thread."""

    def __init__(self, *, light: bool = False) -> None:
        self._light = light  # the demo's seven accounts share one published password

    def hashed(self, password: str) -> str:
        """A salted hash of the password."""
        from argon2 import PasswordHasher

        hasher = PasswordHasher(time_cost=1, memory_cost=8192) if self._light else PasswordHasher()
        return hasher.hash(password)

    def fits(self, stored: str, password: str) -> bool:
        """Say whether the password belongs to the hash."""
        from argon2 import PasswordHasher
        from argon2.exceptions import Argon2Error, InvalidHashError

        try:
            return PasswordHasher().verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
