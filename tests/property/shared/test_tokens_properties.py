"""The tokens of many texts at once are those of each text by itself."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.text.evidence import evidence
from shared.text.tokens import tokens_of
from shared.text.words import words

TEXTS = st.lists(
    st.one_of(
        st.text("铝合金轴承減速机電ＡＢ45#- ，\n\u3400\u9fff", max_size=12),
        st.text(max_size=8),
        st.sampled_from(["", "ECU 总成", "不锈钢 304", "𠮷野", "\ud800坏"]),
    ),
    max_size=6,
)


@given(TEXTS)
def test_they_are_counted_as_text_by_text(texts: list[str]) -> None:
    found = tokens_of(texts)
    assert list(found.vocabulary) == sorted({token for text in texts for token in evidence(text)})
    for number, text in enumerate(texts):
        own = slice(int(found.starts[number]), int(found.starts[number + 1]))
        told = [found.vocabulary[token] for token in found.token[own]]
        assert told == sorted(told)
        assert dict(zip(told, found.times[own].tolist(), strict=True)) == Counter(evidence(text))
        assert found.words[number] == words(text)
