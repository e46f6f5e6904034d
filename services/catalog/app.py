"""The catalog's web application; with the command line the only place that knows every feature."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.catalog.audit.api import router as audit
from services.catalog.audit.pages import router as audit_pages
from services.catalog.capabilities.api import router as capabilities
from services.catalog.capabilities.pages import router as capability_pages
from services.catalog.clusters.api import router as clusters
from services.catalog.clusters.codes_api import router as codes
from services.catalog.enterprises.api import router as enterprises
from services.catalog.exports import VOCABULARY
from services.catalog.feed.api import router as feed
from services.catalog.feed.metrics import gauges as feed_gauges
from services.catalog.history.api import router as history
from services.catalog.identity.api import router as sessions
from services.catalog.identity.context import Identity
from services.catalog.identity.oauth_api import router as oauth
from services.catalog.identity.oidc import Provider
from services.catalog.identity.pages import router as identity_pages
from services.catalog.identity.passwords import Passwords
from services.catalog.identity.people_api import router as people
from services.catalog.imports.api import router as imports
from services.catalog.imports.pages import router as import_pages
from services.catalog.imports.stepwise.steps_api import router as import_steps
from services.catalog.personal_data.api import router as personal_data
from services.catalog.products.api import router as products
from services.catalog.products.pages import router as product_pages
from services.catalog.registration.api import router as applications
from services.catalog.registration.context import Office
from services.catalog.registration.desk_pages import router as desk_pages
from services.catalog.registration.doors import CODE_HEADER
from services.catalog.registration.merging_api import router as mergers
from services.catalog.registration.pages import router as registration_pages
from services.catalog.registration.proofs import PURPOSE
from services.catalog.registration.review_api import router as registrations
from services.catalog.registration.store import Store
from services.catalog.search.api import router as search
from services.catalog.settings import CatalogSettings
from services.catalog.writing.api import router as writing
from shared.audit.pages import deeds_of
from shared.clock import utc_now
from shared.http.application import service_application
from shared.http.exports import exports
from shared.http.sharing import Shared
from shared.mail.sending import mailer_of
from shared.security.encryption import Encryption
from shared.security.keys import SigningKey
from shared.security.secrets import new_secret
from shared.ui.installing import install_pages

ROUTERS = (
    applications,
    registrations,
    mergers,
    enterprises,
    clusters,
    products,
    capabilities,
    import_steps,
    imports,
    codes,
    feed,
    history,
    writing,
    search,
    audit,
)
#: Rows about people and their secrets are no lists to take away as spreadsheets.
PEOPLE = (sessions, people, oauth, personal_data)
PAGES = (
    identity_pages,
    import_pages,
    product_pages,
    capability_pages,
    registration_pages,
    desk_pages,
    audit_pages,
)
DESCRIPTION = """谁能做什么、谁需要什么：企业、证书、集群、主导产品、物料清单、配套需求、采购与供给能力。

- 每个请求带令牌：`Authorization: Bearer …`；看得到哪些行，由令牌的角色决定，看不到的行一律答 404。
- 列表用 `after` 和 `limit` 翻页，`next` 为空即最后一页。金额与数量以字符串传送，不丢失小数。
- 列表的地址后加 `.xlsx` 或 `.csv`，即导出同样条件下的全部行。
- 出错时答 RFC 9457 问题详情（`application/problem+json`）：`type` 稳定不变，`title` 为中文，`errors` 指明字段。
"""


def create_app(settings: CatalogSettings, identity: Identity | None = None) -> FastAPI:
    """The application for these settings; its database is closed when it shuts down."""
    means = identity or identity_of(settings)
    app = service_application(
        "catalog",
        "携手 · 目录服务",
        DESCRIPTION,
        (exports(ROUTERS, VOCABULARY), *ROUTERS, *PEOPLE, *PAGES),
        database_url=settings.database_url,
        keys=settings.jwks_file,
        clock=means.clock,
        metrics=(feed_gauges,),
        shared=shared_of(settings),
    )
    app.state.identity, app.state.deeds = means, deeds_of((*ROUTERS, *PEOPLE))
    app.state.registration = office_of(settings, means)
    install_pages(app, "catalog", Path(__file__).parent)
    return app


def identity_of(settings: CatalogSettings) -> Identity:
    """The means of identity that the settings name."""
    public_url, provider = settings.public_url.rstrip("/"), None
    if settings.oidc_issuer:
        callback = f"{public_url}/catalog/v1/session/oidc/callback"
        secret = settings.oidc_client_secret.get_secret_value()
        provider = Provider(settings.oidc_issuer, settings.oidc_client_id, secret, callback, utc_now)
    return Identity(
        clock=utc_now,
        signing_key=SigningKey(settings.signing_key_file) if settings.signing_key_file else None,
        jwks_file=settings.jwks_file,
        passwords=Passwords(),
        mailer=mailer_of(settings.smtp_url.get_secret_value() if settings.smtp_url else None, settings.mail_from),
        public_url=public_url,
        provider=provider,
        encryption=Encryption(settings.secrets_key_file) if settings.secrets_key_file else None,
    )


def office_of(settings: CatalogSettings, identity: Identity) -> Office:
    """The means of registration that the settings name; without a signing key a secret of this process alone."""
    key = identity.signing_key
    return Office(
        identity,
        Store(settings.documents_folder),
        secret=partial(key.derived, PURPOSE) if key else partial(str, new_secret()),
        bits=settings.proof_bits,
        draft_life=timedelta(days=settings.draft_days),
    )


def shared_of(settings: CatalogSettings) -> Shared | None:
    """What pages of others may ask: the applicant's side of registration, if any origin is named."""
    if not settings.registration_origins:
        return None
    sent = ("Content-Type", "If-Match", CODE_HEADER)
    return Shared("/catalog/v1/registrations", settings.registration_origins, sent)
