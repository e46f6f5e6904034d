"""Proofs of work: what the reference solver finds counts, whatever was tampered with does not."""

from datetime import UTC, datetime, timedelta

import pytest

from services.catalog.registration.proofs import SENTENCES, BadProof, check, meets, new_challenge, solve
from services.catalog.registration.rules import CHALLENGE_LIFE

NOW = datetime(2026, 3, 31, 2, 30, tzinfo=UTC)


def refusal(challenge: str, nonce: str, bits: int = 6, key: str = "key", after: timedelta = timedelta(0)) -> str:
    with pytest.raises(BadProof) as bad:
        check(key, challenge, nonce, bits, NOW + after)
    assert bad.value.sentence == SENTENCES[bad.value.code]
    return bad.value.code


def test_a_solution_counts_until_the_challenge_is_over() -> None:
    told = new_challenge("key", 6, NOW)
    nonce = solve(told.text, 6)
    assert meets(told.text, nonce, 6)
    assert check("key", told.text, nonce, 6, NOW) == told
    assert told.expires_at == NOW + CHALLENGE_LIFE
    assert refusal(told.text, nonce, after=CHALLENGE_LIFE) == "proof_expired"


def test_a_challenge_is_ours_and_as_it_was() -> None:
    told = new_challenge("key", 6, NOW)
    nonce = solve(told.text, 6)
    assert refusal(told.text, nonce, key="other") == "proof_foreign"
    salt, _, ends, signature = told.text.split(".")
    easier = f"{salt}.1.{ends}.{signature}"
    assert refusal(easier, solve(easier, 1), bits=1) == "proof_foreign"
    longer = f"{salt}.6.{int(ends) + 9999}.{signature}"
    assert refusal(longer, solve(longer, 6)) == "proof_foreign"
    for text in ("", ".", "a.b.c.d", "7"):
        assert refusal(text, "0") == "proof_foreign"


def test_too_little_work_does_not_count() -> None:
    told = new_challenge("key", 6, NOW)
    unlucky = next(nonce for nonce in map(str, range(10_000)) if not meets(told.text, nonce, 6))
    assert refusal(told.text, unlucky) == "proof_weak"
    assert refusal(told.text, solve(told.text, 6), bits=7) == "proof_weak"


def test_challenges_differ() -> None:
    assert new_challenge("key", 6, NOW).text != new_challenge("key", 6, NOW).text
