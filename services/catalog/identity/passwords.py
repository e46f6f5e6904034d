"""Hashes of passwords: argon2id, a few at a time."""

from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from services.catalog.identity.password_rules import normal_password

#: RFC 9106, 4: the second recommended option, for 64 MiB of memory and three passes.
STRONG = Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
#: Of no account: what a password for an unknown one is checked against. Made with the parameters above.
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$xdyGLVi6+6YM18f/Vl+Kkg$GEctbrsBXqokYVD9ByyMYofFf2gTfuGjXK1QXKS5cbw"
#: So many hashes at a time: forty threads of 64 MiB each would be a way to exhaust the memory.
_AT_A_TIME = 4


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self, hasher: Argon2Hasher = STRONG) -> None:
        self._hash = PasswordHash((hasher,))
        self._turns = BoundedSemaphore(_AT_A_TIME)

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        with self._turns:
            return self._hash.hash(normal_password(password))

    def check(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Whether it is the password of a hash, and the hash to keep instead where parameters have changed.

        Without a hash (no such account, or one without a password) it takes as long, and is never right.
        """
        with self._turns:
            right, renewed = self._hash.verify_and_update(normal_password(password), kept or _NOBODYS)
        return (right, renewed) if kept else (False, None)
