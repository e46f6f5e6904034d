"""Whatever is cut off, flipped or put before a document, recognising it ends in a kind or a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.registration.recognising import BY_NAME, UnfitDocument, recognise
from tests.support import papers

WHOLE = st.sampled_from([papers.PDF.rstrip(), papers.png(), papers.jpeg()])


@given(WHOLE, st.data())
def test_what_is_cut_off_is_refused(content: bytes, data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(UnfitDocument):
        recognise(content[:kept])


@given(st.binary(min_size=1, max_size=50), WHOLE)
def test_what_stands_before_a_document_makes_it_none(before: bytes, content: bytes) -> None:
    with pytest.raises(UnfitDocument):
        recognise(before + content)


@given(WHOLE, st.binary(max_size=200), st.data())
def test_any_content_ends_in_a_kind_or_a_sentence(content: bytes, junk: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content)))
    try:
        assert recognise(content[:at] + junk + content[at + len(junk) :]) in BY_NAME.values()
    except UnfitDocument as unfit:
        assert unfit.sentence
