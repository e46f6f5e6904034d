"""Proof of work: a little computing before a stranger may begin, so that nobody begins a million times for nothing.

As Hashcash (A. Back, 2002) does it, with a challenge of ours instead of a date: find a nonce such that SHA-256 of
"challenge:nonce" begins with `bits` zero bits, which takes 2^bits tries on average and one to check. A challenge holds
its bits and its end, signed by HMAC, so that nothing is kept until it is used; used, it is spent.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from services.catalog.registration.rules import CHALLENGE_LIFE
from shared.security.secrets import derived, new_secret, same

PURPOSE = "proof of work"


class BadProof(Exception):
    """A proof that does not count: a stable code, and a sentence in Chinese."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class Challenge:
    """A challenge as it is told: its text, and what of it others need to know."""

    text: str
    bits: int
    expires_at: datetime


SENTENCES: Mapping[str, str] = {
    "proof_foreign": "工作量证明的题目不是本系统发出的，请重新取题。",
    "proof_expired": "工作量证明的题目已过期，请重新取题。",
    "proof_weak": "工作量证明的难度不足，请重新取题并计算。",
    "proof_spent": "工作量证明已使用过，请重新取题。",
    "proof_missing": "请先取题（GET /catalog/v1/registrations/challenge）并提交工作量证明。",
}


def new_challenge(key: str, bits: int, now: datetime) -> Challenge:
    """A new challenge of so many bits, signed with `key`."""
    ends = now.replace(microsecond=0) + CHALLENGE_LIFE
    stem = f"{new_secret()[:22]}.{bits}.{int(ends.timestamp())}"
    return Challenge(f"{stem}.{derived(key, stem)}", bits, ends)


def check(key: str, challenge: str, nonce: str, bits: int, now: datetime) -> Challenge:
    """The challenge that was solved; BadProof unless it is ours, lasts, and has at least `bits` that the nonce meets.

    Whether it was spent before is not known here.
    """
    stem, _, signature = challenge.rpartition(".")
    if not same(signature, derived(key, stem)):
        raise refused("proof_foreign")
    _, wanted, ends = stem.split(".")
    expires_at = datetime.fromtimestamp(int(ends), UTC)
    if expires_at <= now:
        raise refused("proof_expired")
    if int(wanted) < bits or not meets(challenge, nonce, int(wanted)):
        raise refused("proof_weak")
    return Challenge(challenge, int(wanted), expires_at)


def refused(code: str) -> BadProof:
    """The refusal with this code."""
    return BadProof(code, SENTENCES[code])


def meets(challenge: str, nonce: str, bits: int) -> bool:
    """Whether SHA-256 of "challenge:nonce" begins with so many zero bits."""
    found = hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()
    return int.from_bytes(found, "big") >> (256 - bits) == 0


def solve(challenge: str, bits: int) -> str:
    """The reference solver: the smallest whole number that is a proof. About 2^bits tries (18 bits: half a second)."""
    return next(nonce for nonce in map(str, count()) if meets(challenge, nonce, bits))
