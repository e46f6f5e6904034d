"""Sample registrations: each in the state that it is to show, fictitious for everybody to see, brought in once."""

from services.catalog.registration.rules import State
from services.catalog.registration.samples import SAMPLES, register_samples
from tests.support.identity_desk import Desk


def test_samples_wait_in_their_states_and_come_once(desk: Desk) -> None:
    database, means = desk.app.state.database, desk.app.state.registration
    assert register_samples(database, means) == len(SAMPLES)
    names = {each.name for each in SAMPLES}
    cards = desk.operator.get("/registrations", params={"limit": 500}).json()["items"]
    found = {row["name"]: row for row in cards if row["name"] in names}
    assert {row["name"]: row["state"] for row in found.values()} == {
        each.name: each.until.value for each in SAMPLES if each.until is not State.DRAFT
    }
    assert all("（虚构）" in name and row["credit_code"][2:8] == "000000" for name, row in found.items())
    returned = next(row for row in found.values() if row["state"] == State.RETURNED)
    detail = desk.operator.get(f"/registrations/{returned['id']}").json()
    assert detail["documents"] and detail["steps"][-1]["fields"][0]["reason"] == "请说明垫片的规格和所用的材料。"
    assert register_samples(database, means) == 0
