"""What an applicant typed in the wizard becomes the fields that the API takes."""

import pytest
from starlette.datastructures import FormData

from services.catalog.registration.typed import fields_of
from shared.http.problems import Problem
from shared.ui.forms import Typed

NOTHING: dict[str, list[object]] = {"capabilities": [], "certificates": []}


def test_an_emptied_field_is_emptied_and_others_stay() -> None:
    given = fields_of("contact", Typed(FormData({"contact_name": "王示例", "contact_phone": ""})), NOTHING)
    assert given.model_dump(exclude_unset=True) == {
        "contact_name": "王示例",
        "contact_phone": None,
        "contact_email": None,
    }


def test_rows_without_a_word_are_left_out_and_what_the_form_does_not_ask_stays() -> None:
    before = {"capabilities": [{"code": "OLD", "name": "旧", "parameters": []}], "certificates": []}
    form = {
        "makes": "阀门",
        "proposed_class": "3443",
        "class_code": "3391",
        "cap-0-code": "OLD",
        "cap-0-name": "球阀",
        "cap-1-name": "",
        "cap-2-name": "铸件",
        "cap-2-spare_capacity": "1200",
        "cap-2-capacity_unit": "件",
    }
    given = fields_of("makes", Typed(FormData(form)), before)
    assert given.class_code == "3443"
    assert [(each.code, each.name) for each in given.capabilities] == [("OLD", "球阀"), ("C-2", "铸件")]


def test_a_wrong_cell_is_named_by_its_place() -> None:
    form = {"cap-0-name": "铸件", "cap-0-lead_time_days": "很快"}
    with pytest.raises(Problem) as refused:
        fields_of("makes", Typed(FormData(form)), NOTHING)
    assert [error.pointer for error in refused.value.errors] == ["/capabilities/0/lead_time_days"]
