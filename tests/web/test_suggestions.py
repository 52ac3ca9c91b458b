"""What the filters suggest: every name that holds what was typed, with how much there is of it."""

from __future__ import annotations

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
from kb.web.ask.suggestions import suggested


@pytest.fixture
def library(kb: KnowledgeBase) -> KnowledgeBase:
    for n, (show, published, speaker) in enumerate(
        (
            ("Zoë’s <b>Hour</b>", "2021-03-01", "Márta Kiss"),
            ("Garden Hour", "2021-05-04", "Ann Field"),
            ("Garden Hour", "2019", "Ann Field"),
            ("Garden Hour", "", "Unheard"),
        )
    ):
        kb.add(Episode(f"e{n}", show, f"Title {n}", published=published or None),
               Transcript((Segment(0, 2, "Parsnips want deep soil.", speaker),)), Source(f"x:{n}", f"{n:064}"))  # fmt: skip
    return kb


def test_each_value_is_suggested_with_its_count(library: KnowledgeBase) -> None:
    assert suggested(library, "show") == (("Garden Hour", "3 episodes"), ("Zoë’s <b>Hour</b>", "1 episode"))
    assert suggested(library, "speaker")[0] == ("Ann Field", "2 episodes")
    assert suggested(library, "year") == (("2021", "2 episodes"), ("2019", "1 episode"))
    assert suggested(library, "collection") == ()
    library.collections.begin("Empty")
    assert suggested(library, "collection") == ()
    quote = library.ask("What do parsnips want?").quotes[0]
    library.collections.save("Harbour story", quote.id)
    assert suggested(library, "collection") == (("Harbour story", "1 episode"),)


@pytest.mark.parametrize("typed", ["marta", "KISS", "ki mar", "Márta Kiss"])
def test_parts_of_names_are_found_whatever_case_and_accents(library: KnowledgeBase, typed: str) -> None:
    assert suggested(library, "speaker", typed) == (("Márta Kiss", "1 episode"),)


def test_a_name_that_nobody_has_suggests_nothing(library: KnowledgeBase) -> None:
    assert suggested(library, "speaker", "marta field") == ()
