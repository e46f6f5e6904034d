"""Which certificates count, and until when: known well enough, held for the place, not suspended for too long."""

from datetime import date, timedelta

from services.matching.engine.judgement.sayings import say_cities
from services.matching.engine.locality import current_region
from services.matching.engine.policy import Policy, Trust
from services.matching.engine.snapshot import Certificate, Supplier

SUSPENDED_YET_VALID = {"IATF 16949": 110}
"""Days for which a suspended certificate is still valid, by its scheme's own rules; one of any other scheme is not."""

_TRUST = (Trust.SELF_DECLARED, Trust.DOCUMENT_SEEN, Trust.VERIFIED)
_SAID = {Trust.SELF_DECLARED: "自行申报", Trust.DOCUMENT_SEEN: "已见证书文件", Trust.VERIFIED: "已核验"}


def last_day(certificate: Certificate) -> date:
    """The last day on which it is valid: its own, or an earlier one by which a suspension must have been lifted."""
    if certificate.suspended_on is None:
        return certificate.valid_until
    grace = timedelta(days=SUSPENDED_YET_VALID.get(certificate.scheme, 0) - 1)
    return min(certificate.valid_until, certificate.suspended_on + grace)


def passed_over(certificate: Certificate, supplier: Supplier, policy: Policy) -> str:
    """Why a certificate does not count, to be said after its name; empty: it counts."""
    if _TRUST.index(Trust(certificate.trust)) < _TRUST.index(policy.certificate_trust):
        return f"仅{_SAID[Trust(certificate.trust)]}"
    if certificate.sites and not any(_same_place(site, supplier.region) for site in certificate.sites):
        return f"仅覆盖{say_cities(certificate.sites)}的场所"
    return ""


def _same_place(site: str, region: str | None) -> bool:
    """Whether the firm may sit at the site: one of the two regions lies in the other, or is it."""
    if region is None:
        return False
    here, there = _stem(region), _stem(site)
    return here.startswith(there) or there.startswith(here)


def _stem(code: str) -> str:
    """The digits that a region shares with all that lies in it: 370214 itself, 3702 of its city, 37 of the province."""
    stem = current_region(code) or code
    while stem.endswith("00"):
        stem = stem[:-2]
    return stem
