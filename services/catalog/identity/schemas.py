"""Wire models of identity."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.catalog.identity.rules import Carrier, Kind, Level, Purpose, Stage, is_email, normal_email
from shared.security.actor import Access, Role, Scope


def _email(text: str) -> str:
    email = normal_email(text)
    if not is_email(email):
        raise ValueError("不是有效的邮箱地址。")
    return email


def _readable(text: str) -> str:
    if not (stripped := text.strip()) or "\0" in text:
        raise ValueError("不能为空，也不能含有控制字符。")
    return stripped


Email = Annotated[str, Field(max_length=254, examples=["li@firm.example"]), AfterValidator(_email)]
Name = Annotated[str, Field(max_length=100, examples=["李明"]), AfterValidator(_readable)]
#: Longer than any password: what is too long is refused before it is hashed.
Password = Annotated[str, Field(max_length=1000, examples=["a sentence is easy to keep"])]
Code = Annotated[str, Field(max_length=40, description="验证器上的 6 位数字，或一个恢复码", examples=["492039"])]
LinkToken = Annotated[str, Field(max_length=200, description="邮件中链接 # 之后的部分")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInRequest(_In):
    """Who signs in, and as what; without a role as the first that the account has."""

    email: Email
    password: Password
    code: Code | None = None
    carrier: Carrier = Field(Carrier.COOKIE, description="cookie：浏览器会话；tokens：访问令牌与刷新令牌")
    role: Role | None = None
    enterprise_id: UUID | None = None


class RoleRequest(_In):
    """As what to go on."""

    role: Role
    enterprise_id: UUID | None = None


class CodeRequest(_In):
    """A code of the second factor."""

    code: Code


class Proof(_In):
    """The password again, before something grave; accounts of an external provider have none."""

    password: Password | None = None


class FullProof(Proof):
    """Password and code again."""

    code: Code


class PasswordChange(_In):
    """The password in use, and the new one."""

    password: Password | None = None
    new_password: Password


class EmailRequest(_In):
    """An address to send a link to."""

    email: Email


class LinkRequest(_In):
    """The secret of a one-time link."""

    token: LinkToken


class Completion(LinkRequest):
    """What the bearer of a link chooses: a password, and a name for a new account."""

    name: Name | None = None
    password: Password | None = None


class InvitationRequest(_In):
    """Whom to invite, into what."""

    email: Email
    kind: Kind
    enterprise_id: UUID | None = None
    cluster_ids: Annotated[list[UUID], Field(max_length=100)] = []
    level: Level = Level.MEMBER

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """An enterprise and clusters are named where the kind needs them, and nowhere else."""
        if (self.kind is Kind.ENTERPRISE) != (self.enterprise_id is not None):
            raise ValueError("邀请企业成员须指明 enterprise_id，其他身份不能有。")
        if (self.kind is Kind.CLUSTER_ORGANISATION) != bool(self.cluster_ids):
            raise ValueError("邀请集群促进组织须指明 cluster_ids，其他身份不能有。")
        if self.level is Level.OWNER and self.kind is not Kind.ENTERPRISE:
            raise ValueError("只有企业有负责人（owner）。")
        return self


class LevelChange(_In):
    """What a member may do from now on."""

    level: Level


class Reason(_In):
    """Why an account is suspended or reinstated."""

    reason: Annotated[str, Field(max_length=500), AfterValidator(_readable)]


class ClientRequest(_In):
    """A program that is to act for an enterprise."""

    name: Name
    enterprise_id: UUID
    role: Role
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]


class AccountBrief(BaseModel):
    """An account as its bearer sees it."""

    id: UUID
    email: str
    name: str
    totp: bool
    has_password: bool


class HatOut(BaseModel):
    """Something that the account may act as."""

    role: Role
    enterprise_id: UUID | None = None
    enterprise_name: str | None = None
    cluster_ids: list[UUID] = []
    level: Level


class SessionOut(BaseModel):
    """A sign-in: whose, as what, what it lacks, and what the page must say beside the cookie (`csrf`)."""

    id: UUID
    account: AccountBrief
    stage: Stage
    acting_as: HatOut
    access: Access
    roles: list[HatOut]
    csrf: str | None
    idle_until: datetime
    ends_at: datetime


class TokensOut(BaseModel):
    """Tokens as RFC 6749, 5.1 answers them."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    refresh_token: str | None = None
    scope: str | None = None


class SignInRow(BaseModel):
    """One of the account's sign-ins."""

    id: UUID
    carrier: Carrier
    role: Role
    enterprise_id: UUID | None
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    current: bool


class Enrolment(BaseModel):
    """What an authenticator is set up with."""

    secret: str
    uri: str


class RecoveryCodes(BaseModel):
    """Codes for when the authenticator is lost; they are told this once."""

    recovery_codes: list[str]


class LinkOut(BaseModel):
    """What a one-time link is for, and what its bearer still has to say."""

    purpose: Purpose
    email: str
    kind: Kind | None
    enterprise_name: str | None
    needs_name: bool
    needs_password: bool
    expires_at: datetime


class InvitationOut(BaseModel):
    """An invitation that waits for its answer."""

    id: UUID
    email: str
    kind: Kind
    enterprise_id: UUID | None
    cluster_ids: list[UUID]
    level: Level
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


class MemberOut(BaseModel):
    """What somebody may act as."""

    id: UUID
    version: int
    account_id: UUID
    email: str
    name: str
    status: str
    kind: Kind
    enterprise_id: UUID | None
    cluster_id: UUID | None
    level: Level


class AccountOut(BaseModel):
    """An account as reviewers see it."""

    id: UUID
    version: int
    email: str
    name: str
    status: str
    totp_confirmed: bool
    created_at: datetime


class ClientOut(BaseModel):
    """A machine client."""

    id: UUID
    version: int
    client_id: str
    name: str
    enterprise_id: UUID
    role: Role
    scopes: list[Scope]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None


class NewClient(ClientOut):
    """A new machine client, or one with a new secret, which is told this once."""

    client_secret: str
