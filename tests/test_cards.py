"""Answers as HTML, with hostile text in every field that comes from outside."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answers.context import Context
from kb.phrasing import unknown_words
from kb.types import Answer, Episode, Person, Quote, Remark, Searched, Spoken
from kb.web.ask.cards import answer_html, quote_html, welcome_html
from kb.web.server.templating import escape
from tests.strategies import storable_text

HOSTILE = [
    "<script>alert(1)</script>", "</mark></blockquote><script>", "${alert(1)}", "{{alert(1)}}", "`${1}`", '" onclick="alert(1)',
    "' onclick='alert(1)", "<img src=x onerror=alert(1)>", "&lt;b&gt; &amp; &#60;", "\u202eevil", "שלום <b>", "javascript:alert(1)",
    "]]>", "<!--", "--><i>", "</p>", "$", "a\nb", "“”",
]  # fmt: skip
VOID = {"br", "img", "hr", "input", "meta", "link"}


class Page(HTMLParser):
    """What a browser makes of the markup: elements in order, and the text of each element of a class."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[tuple[str, str, int]] = []
        self.texts: dict[str, list[str]] = {}
        self.oddities: list[str] = []
        self.feed(str(markup))  # Markup would escape what is added to it
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or tag, len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        opened, name, start = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"
        for key in {name, *name.split()}:
            self.texts.setdefault(key, []).append(self.text[start:])

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.oddities.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment

    def attribute(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def assert_harmless(page: Page, markup: str) -> None:
    allowed = set(
        "section h2 h3 article span blockquote mark p strong cite time div button a details summary b".split()
    )
    assert {tag for tag, _ in page.elements} <= allowed
    assert page.oddities == []
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcdoc") for name in attributes)
        assert (attributes.get("href") or "/quote/").startswith(("/quote/", "/episode/", "/cite/", "/speaker/"))
    # Gradio evaluates ${...} and {{...}} of a template as JavaScript.
    assert not {"$", "{", "`"} & set(markup)


def made(hostile: dict[str, Any], highlights: tuple[tuple[int, int], ...] = ()) -> Quote:
    episode = Episode(
        id=hostile["id"],
        show=hostile["show"],
        title=hostile["title"],
        published=hostile["published"],
        audio="/music/a.mp3",
        audio_note=hostile["note"],
        people=(Person(hostile["speaker"], hostile["role"]),),
    )
    text = hostile["text"]
    return Quote(f"{episode.id}@1:0-9", episode, 1, text, 0, 9, hostile["speaker"], 61.0, 62.5, highlights=highlights)


FIELDS = ("id", "show", "title", "published", "note", "speaker", "role", "text", "before", "after")
_hostile = st.sampled_from(HOSTILE) | storable_text.filter(bool)
hostile_fields = st.fixed_dictionaries(dict.fromkeys(FIELDS, _hostile))


def context_of(fields: dict[str, Any]) -> Context:
    return Context((Spoken(fields["speaker"], fields["before"]),), (Spoken(None, fields["after"]),))


def check_card(fields: dict[str, Any]) -> None:
    quote = made(fields)
    markup = quote_html(quote, context_of(fields), 1)
    page = Page(markup)
    assert_harmless(page, markup)
    assert page.texts["vb-quote"] == [f"“{fields['text']}”"]
    assert page.texts["vb-speaker"] == [fields["speaker"]]
    assert page.texts["vb-role"] == [fields["role"]]
    assert page.texts["cite"] == [fields["show"]]
    assert page.texts["vb-title"] == [fields["title"]]
    assert page.attribute("datetime") == [fields["published"]]
    assert page.texts["vb-note"] == ["Transcript of unknown origin: listen before you quote.", fields["note"]]
    assert page.attribute("data-title") == [fields["title"]]
    assert page.attribute("data-note") == [fields["note"]]
    assert page.attribute("data-start") == ["61.000"]
    (copied,) = page.attribute("data-copy")
    assert copied is not None
    assert copied.startswith(f"“{fields['text']}” ({fields['speaker']}, {fields['show']}, “{fields['title']}”, ")
    assert page.texts["vb-said"] == [
        f"{fields['speaker']} {fields['before']}",
        f"{fields['speaker']} {fields['text']}",
        f"Unknown speaker {fields['after']}",
    ]


def test_quotes_are_grouped_by_who_says_them_and_where_and_keep_their_numbers() -> None:
    said = [("Ann", "a"), (None, "b"), ("Ann", "b"), ("Bo", "a")]
    plain = made(dict.fromkeys(FIELDS, "x"))
    quotes = tuple(
        replace(
            plain, id=f"{place}@1:{n}-9", speaker=name, episode=replace(plain.episode, id=place, title=f"<{place}>")
        )
        for n, (name, place) in enumerate(said)
    )
    answer, contexts = Answer("?", quotes, True, Searched(2, 2)), {quote.id: Context() for quote in quotes}
    for by, names, order in (
        ("", None, ["1", "2", "3", "4"]),
        ("speaker", ["Ann", "Unknown speaker", "Bo"], ["1", "3", "2", "4"]),
        ("episode", ["<a>", "<b>"], ["1", "4", "2", "3"]),
    ):
        page = Page(answer_html(answer, contexts, group=by))
        assert (page.texts.get("vb-group"), page.texts["vb-number"]) == (names, order)


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", FIELDS)
def test_one_hostile_field(field: str, hostile: str) -> None:
    check_card({name: hostile if name == field else "2019-07-08x" for name in FIELDS})


@given(hostile_fields)
def test_hostile_fields(fields: dict[str, Any]) -> None:
    check_card(fields)


@given(st.text(st.characters(codec="utf-8")) | storable_text)
def test_escaped_text_reads_as_it_was_in_text_and_in_attributes(text: str) -> None:
    page = Page(f'<p class="{escape(text)}">{escape(text)}</p>')
    assert page.elements == [("p", {"class": text})]
    assert page.text == text


@given(_hostile, st.data())
def test_highlights_mark_exactly_the_given_words(text: str, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    highlights = tuple(zip(borders[::2], borders[1::2], strict=False))
    fields = dict.fromkeys(FIELDS, "x") | {"text": text}
    page = Page(quote_html(made(fields, highlights), Context((), ())))
    marked = [text[start:end] for start, end in highlights]
    assert page.texts.get("mark", [])[:-1] == marked  # the last one is the whole quote in its context
    assert page.texts["vb-quote"] == [f"“{text}”"]


@given(hostile_fields, st.lists(_hostile, max_size=3))
def test_an_abstention_shows_the_unknown_words_and_the_nearest_quotes(fields: dict[str, Any], words: list[str]) -> None:
    quote = made(fields)
    answer = Answer(fields["text"], (), False, Searched(1, 2, tuple(words)), (quote,))
    markup = answer_html(answer, {quote.id: context_of(fields)})
    page = Page(markup)
    assert_harmless(page, markup)
    assert "Searched 1 episode." in page.text
    assert unknown_words(answer.searched) in page.text
    assert page.texts["vb-quote"] == [f"“{fields['text']}”"]


@given(hostile_fields)
def test_an_answer_numbers_its_quotes(fields: dict[str, Any]) -> None:
    quotes = tuple(replace(made(fields), id=f"e@1:{n}-9") for n in range(2))
    markup = answer_html(
        Answer("?", quotes, True, Searched(3, 1_234)), {quote.id: context_of(fields) for quote in quotes}
    )
    page = Page(markup)
    assert_harmless(page, markup)
    assert page.texts["vb-count"] == ["2 quotes, 3 episodes searched"]
    assert page.texts["vb-number"] == ["1", "2"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_right_to_left_text_does_not_turn_its_neighbours_round(hostile: str) -> None:
    """Whatever comes from outside stands in an element of its own direction."""
    markup = quote_html(made(dict.fromkeys(FIELDS, hostile)), Context((), ()))
    for tag, attributes in Page(markup).elements:
        if tag in ("blockquote", "strong", "cite") or attributes.get("class") in (
            "vb-role",
            "vb-title",
            "vb-said",
            "vb-note",
        ):
            assert attributes.get("dir") == "auto"


def test_what_is_not_known_is_said() -> None:
    episode = Episode("e", "Show", "Title")
    page = Page(
        quote_html(Quote("e@1:0-3", episode, 1, "So.", 0, 3, None, None, None, origin="machine"), Context((), ()))
    )
    assert page.texts["vb-speaker"] == ["Unknown speaker"]
    assert page.texts["vb-silent"] == ["No audio for this episode"]
    assert page.texts["vb-note"] == ["Machine transcript: compare it with the recording before you quote."]
    assert "time" not in page.texts
    assert "vb-time" not in page.texts


def test_a_date_is_written_out() -> None:
    fields = dict.fromkeys(FIELDS, "x") | {"published": "2019-07-08"}
    page = Page(quote_html(made(fields), Context((), ())))
    assert page.texts["time"] == ["8 July 2019"]
    assert page.attribute("datetime") == ["2019-07-08"]


def test_the_link_holds_the_address() -> None:
    fields = dict.fromkeys(FIELDS, "x") | {"id": 'a"b<c>&%?#ü', "speaker": "a/b?"}
    page = Page(quote_html(made(fields), Context((), ())))
    assert page.attribute("href") == [
        "/speaker/a%2Fb%3F",
        "/cite/a%22b%3Cc%3E%26%25%3F%23%C3%BC%401%3A0-9",
        "/episode/a%22b%3Cc%3E%26%25%3F%23%C3%BC?quote=a%22b%3Cc%3E%26%25%3F%23%C3%BC%401%3A0-9",
        "/quote/a%22b%3Cc%3E%26%25%3F%23%C3%BC%401%3A0-9",
    ]
    assert page.attribute("data-audio") == ["/audio/a%22b%3Cc%3E%26%25%3F%23%C3%BC"]


@pytest.mark.parametrize(
    ("episodes", "said"), [(0, "There is nothing to search yet"), (1, "1 episode."), (2_000, "2,000 episodes.")]
)
def test_the_welcome_says_how_much_there_is(episodes: int, said: str) -> None:
    assert said in Page(welcome_html(episodes)).text


def test_doubtful_words_and_differences_are_told() -> None:
    quote = replace(
        made(dict.fromkeys(FIELDS, "x")),
        text="They said dragnet.",
        origin="machine",
        highlights=((10, 17),),
        doubtful=((10, 18, 0.31),),
        remarks=(Remark("differs", 1.0, 2.0, "dragnet.", "<i>drag net</i>"),),
    )
    markup = quote_html(quote, Context((), ()))
    page = Page(markup)
    assert page.texts["vb-quote"] == ["“They said dragnet.”"]
    assert markup.count("The recogniser gave this word 31%") == 2  # the word, and the stop that is not highlighted
    assert "<mark><span" in markup
    assert "The written transcript says “<i>drag net</i>”; we hear “dragnet.”." in page.texts["vb-note"]
