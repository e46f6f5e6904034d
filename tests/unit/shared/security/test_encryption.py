"""Secrets that are read again: only with their key, only as what they belong to, through every change of keys."""

from pathlib import Path

import pytest

from shared.security.encryption import Encryption, NotReadable


@pytest.fixture
def encryption(tmp_path: Path) -> Encryption:
    made = Encryption(tmp_path / "secrets.json")
    made.create()
    return made


def test_what_was_encrypted_is_read_again_and_never_looks_the_same(encryption: Encryption) -> None:
    first, second = encryption.encrypt("JBSWY3DP", "account 1"), encryption.encrypt("JBSWY3DP", "account 1")
    assert first != second
    assert "JBSWY3DP" not in first
    assert encryption.decrypt(first, "account 1") == "JBSWY3DP"


def test_nobody_gets_the_secret_of_somebody_else(encryption: Encryption) -> None:
    kept = encryption.encrypt("JBSWY3DP", "account 1")
    with pytest.raises(NotReadable, match="of something else"):
        encryption.decrypt(kept, "account 2")
    with pytest.raises(NotReadable):
        encryption.decrypt(kept[:-8] + "AAAAAAA=", "account 1")


def test_what_was_written_before_there_was_a_key_is_as_it_is(encryption: Encryption) -> None:
    assert encryption.decrypt("JBSWY3DP", "account 1") == "JBSWY3DP"
    assert not encryption.is_newest("JBSWY3DP")


def test_an_older_key_decrypts_until_it_is_forgotten(encryption: Encryption) -> None:
    kept = encryption.encrypt("JBSWY3DP", "account 1")
    assert encryption.is_newest(kept)
    encryption.rotate()
    assert not encryption.is_newest(kept)
    assert encryption.decrypt(kept, "account 1") == "JBSWY3DP"
    renewed = encryption.encrypt(encryption.decrypt(kept, "account 1"), "account 1")
    encryption.forget_older()
    assert encryption.decrypt(renewed, "account 1") == "JBSWY3DP"
    with pytest.raises(NotReadable, match="no key"):
        encryption.decrypt(kept, "account 1")


def test_a_key_that_is_there_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "secrets.json"
    Encryption(file).create()
    before = file.read_text("utf-8")
    Encryption(file).create()
    assert file.read_text("utf-8") == before
    assert file.stat().st_mode & 0o077 == 0
