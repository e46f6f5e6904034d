"""What memberships let an account act as; addresses; passwords; how long back-off lasts."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.catalog.enterprises.rules import Standing, Status
from services.catalog.identity.password_rules import objection
from services.catalog.identity.rules import (
    Held,
    IncompleteActor,
    Kind,
    Level,
    check_standing,
    hats_of,
    is_email,
    normal_email,
)
from services.catalog.identity.throttle import by_account, by_address
from shared.security.actor import Access, Role

FIRM, OTHER, CLUSTER, SECOND = (UUID(int=number) for number in range(1, 5))
BOTH = Standing("甲（虚构）", True, True, Status.VERIFIED)
SUSPENDED = Standing("乙（虚构）", False, True, Status.SUSPENDED)


def held(kind: Kind, firm: UUID | None = None, cluster: UUID | None = None, level: Level = Level.MEMBER) -> Held:
    return Held(kind, firm, cluster, level)


def test_an_enterprise_gives_the_roles_that_it_has() -> None:
    hats = hats_of([held(Kind.ENTERPRISE, FIRM)], {FIRM: BOTH})
    assert [hat.role for hat in hats] == [Role.CHAIN_LEADER, Role.SUPPLIER]


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.RETIRED])
def test_a_suspended_or_retired_enterprise_gives_none(status: Status) -> None:
    standing = Standing("乙（虚构）", True, True, status)
    assert hats_of([held(Kind.ENTERPRISE, FIRM)], {FIRM: standing}) == []


def test_clusters_are_one_role_and_others_are_as_they_are() -> None:
    memberships = [
        held(Kind.CLUSTER_ORGANISATION, cluster=CLUSTER),
        held(Kind.CLUSTER_ORGANISATION, cluster=SECOND),
        held(Kind.AUDITOR),
    ]
    auditor, organisation = hats_of(memberships, {})
    assert (auditor.role, organisation.cluster_ids) == (Role.AUDITOR, {CLUSTER, SECOND})


@pytest.mark.parametrize(
    ("level", "access"), [(Level.OWNER, Access.FULL), (Level.MEMBER, Access.FULL), (Level.READ_ONLY, Access.READ)]
)
def test_who_only_reads_is_told_so_in_the_token(level: Level, access: Access) -> None:
    (hat, _) = hats_of([held(Kind.ENTERPRISE, FIRM, level=level)], {FIRM: BOTH})
    actor = hat.worn_by(OTHER, SECOND)
    assert (actor.access, actor.subject, actor.enterprise_id) == (access, f"account:{OTHER}", FIRM)


@pytest.mark.parametrize(
    ("standing", "role", "said"),
    [
        (SUSPENDED, Role.SUPPLIER, "企业“乙（虚构）”已暂停或注销，不能为它领取令牌。"),
        (
            Standing("丙（虚构）", False, True, Status.VERIFIED),
            Role.CHAIN_LEADER,
            "企业“丙（虚构）”不是链主企业，不能为它领取角色 chain_leader 的令牌。",
        ),
    ],
)
def test_no_token_for_what_an_enterprise_is_not(standing: Standing, role: Role, said: str) -> None:
    with pytest.raises(IncompleteActor) as refused:
        check_standing(role, standing)
    assert str(refused.value) == said


@pytest.mark.parametrize("text", ["li@firm.example", "a+b.c@x-y.cn", "Ｌi@Firm.Example ", "root@localhost"])
def test_addresses(text: str) -> None:
    assert is_email(normal_email(text))


@pytest.mark.parametrize(
    "text", ["", "li", "@firm", "li@", "li@-firm.cn", "li@firm..cn", "a b@c.cn", "李@c.cn", "a@b\n"]
)
def test_what_is_no_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "明月几时有把酒问青天不知", "x9!kQ2#vLp0@", "a" * 64 + "quiet herons" * 5],
)
def test_good_passwords(password: str) -> None:
    assert objection(password, ["zhang.wei@firm.example", "张伟"]) is None


@pytest.mark.parametrize(
    "password",
    [
        "1qaz2wsx3edc",
        "WOAINI1314520",
        "zxcvbnmasdfg",
        "123412341234",
        "abcdefghijklmnop",
        "张伟的密码是这个没错吧",
        "ZHANG.WEI has a dog",
    ],
)
def test_passwords_that_are_guessed_soon(password: str) -> None:
    assert objection(password.ljust(12, "!"), ["zhang.wei@firm.example", "张伟"]) is not None


def test_back_off_doubles_and_then_locks() -> None:
    waits = [by_account("a@b.cn").wait(failures).total_seconds() for failures in range(1, 11)]
    assert waits == [0, 0, 0, 0, 0, 2, 4, 8, 16, 900]
    assert by_address("192.0.2.1").wait(60) == timedelta(minutes=15)


def test_who_shares_an_address() -> None:
    assert by_address("2001:db8::1").key == by_address("2001:db8::ffff").key != by_address("2001:db8:0:1::1").key
    assert by_address("192.0.2.1").key != by_address("192.0.2.2").key
    assert by_account("a@b.cn").key != by_account("c@b.cn").key
    assert "a@b.cn" not in by_account("a@b.cn").key
