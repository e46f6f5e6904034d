"""Pages of products: the bill of materials as a tree."""

from uuid import UUID

from fastapi import Response

from services.catalog.products import lists
from shared.http.auth import CurrentActor
from shared.http.sessions import DbSession
from shared.ui.screens import Screen, page_router

router = page_router("/catalog")

#: A bill with more different parts than this is shown without the needs of the rest.
MOST_NEEDS = 5_000


@router.get("/products/{id}")
def show_bill(view: Screen, session: DbSession, actor: CurrentActor, id: UUID) -> Response:
    """The bill of a product, all levels, with what is needed of each part; matching tells what of it is covered."""
    product = lists.get_product(session, actor, id)
    needs = lists.needs_of(session, actor, id, MOST_NEEDS)
    bill = lists.get_bill(session, actor, id)
    listed = {line["part_code"] for line in bill["lines"]}
    return view.show(
        "products/bill",
        product=product,
        bill=bill,
        needs={need["part_code"]: need for need in needs},
        beside=[need for need in needs if need["part_code"] not in listed],
    )
