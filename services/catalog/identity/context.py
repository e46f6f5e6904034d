"""What the use cases of identity work with besides the database: the clock, the key, the post, the provider."""

from dataclasses import dataclass
from pathlib import Path

from services.catalog.identity.oidc import Provider
from services.catalog.identity.passwords import Passwords
from shared.clock import Clock
from shared.http.problems import Problem
from shared.mail.sending import Mailer
from shared.security.encryption import Encryption
from shared.security.keys import SigningKey


@dataclass(frozen=True)
class Identity:
    """The means of identity in one process. A process without a signing key verifies tokens and signs nobody in."""

    clock: Clock
    signing_key: SigningKey | None
    jwks_file: Path
    passwords: Passwords
    mailer: Mailer
    public_url: str
    provider: Provider | None = None
    encryption: Encryption | None = None

    @property
    def key(self) -> SigningKey:
        """The signing key; 503 in a process that has none."""
        if self.signing_key is None:
            detail = "本服务没有配置签名密钥（CATALOG_SIGNING_KEY_FILE），不能登录或签发令牌。"
            raise Problem(503, "no-signing-key", "不能登录", detail)
        return self.signing_key

    @property
    def secrets(self) -> Encryption:
        """What encrypts authenticators' secrets; 503 in a process that has no key for it."""
        if self.encryption is None:
            detail = "本服务没有配置加密密钥（CATALOG_SECRETS_KEY_FILE），不能绑定或使用验证器。"
            raise Problem(503, "no-secrets-key", "不能使用验证器", detail)
        return self.encryption
