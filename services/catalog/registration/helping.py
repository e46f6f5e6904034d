"""Begin a registration for a browser that cannot solve a challenge: the server does it, for few from one address."""

from sqlmodel import Session

from services.catalog.identity import throttle
from services.catalog.registration import applying, proofs
from services.catalog.registration.context import Office
from services.catalog.registration.schemas import NewRegistration, Proof
from shared.db.upserts import Row

_FREE, _MOST = 3, 6
_TOO_MANY = "请在 {wait}后再试，或打开浏览器的脚本功能。"


def begin_for(session: Session, office: Office, address: str) -> tuple[Row, str]:
    """A new draft and its code, as `applying.begin` gives them. Commits. 429 for too many from one address."""
    counted = throttle.by_address(address, "registration without scripts", free=_FREE, locks=_MOST)
    throttle.count(session, [counted], office.identity.clock(), _TOO_MANY)
    told = applying.challenge(office)
    proof = Proof(challenge=told.text, nonce=proofs.solve(told.text, told.bits))
    return applying.begin(session, office, NewRegistration(proof=proof), None, address)
