"""Use case of signing in by the external provider: whom it names is an account's bearer, or nobody."""

from sqlmodel import Session

from services.catalog.identity.context import Identity
from services.catalog.identity.models import Account, ExternalIdentity
from services.catalog.identity.oidc import Provider, Stranger
from services.catalog.identity.rules import normal_email
from services.catalog.identity.schemas import SignInRequest
from services.catalog.identity.sign_ins import Present, Where, admit, find_account
from shared.http.problems import Problem, forbidden


def provider_of(identity: Identity) -> Provider:
    """The provider; 404 where none is set."""
    if identity.provider is None:
        raise Problem(404, "not-found", "没有配置统一身份认证", "请用账号和密码登录。")
    return identity.provider


def sign_in_stranger(session: Session, identity: Identity, stranger: Stranger, where: Where) -> Present:
    """Sign in whom the provider names. Commits.

    At first it is known by the address that the provider has verified, from then on by what the provider calls it.
    403 where no account has that address: accounts come by invitation alone.
    """
    known = session.get(ExternalIdentity, (stranger.issuer, stranger.subject))
    account = session.get_one(Account, known.account_id) if known else _by_email(session, stranger)
    if known is None:
        link = ExternalIdentity(issuer=stranger.issuer, subject=stranger.subject, account_id=account.id)
        session.add(link)
    asked = SignInRequest(email=account.email, password="")
    return admit(session, identity, account, asked, where, strong=stranger.strong)


def _by_email(session: Session, stranger: Stranger) -> Account:
    if stranger.email is None:
        raise forbidden("认证服务没有提供已验证的邮箱，不能确定是哪个账号。")
    email = normal_email(stranger.email)
    account = find_account(session, email)
    if account is None:
        raise forbidden(f"没有邮箱为 {email} 的账号，请先请管理员邀请您。")
    return account
