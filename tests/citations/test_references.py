"""Lists of references: order, duplicates, works that are cited alike, and hostile metadata in every form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kb.citations import STYLES, Style, cite, cite_today, find_style, print_references, to_html, to_markdown, to_text
from kb.citations.markup import Marked
from kb.citations.text import clean
from kb.citations.work import describe, note
from kb.errors import UsageError
from kb.types import Episode, Person

from .samples import SEED, quote_of, sources
from .test_fixtures import starred

ANY_STYLE = pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
LISTED = [style for style in STYLES if style.system != "credit"]


def made(id: str, host: str | None = "Ann Lee", **more: object) -> Episode:
    fields = {"show": "Now", "title": f"Title {id}", "published": "2020-01-02", "medium": "podcast"}
    people = (Person(host, "host"),) if host else ()
    return Episode(id=id, people=people, **fields | more)  # type: ignore[arg-type]


def texts(marked: tuple[Marked, ...]) -> list[str]:
    return [to_text(one) for one in marked]


# -- one list


def test_an_episode_stands_in_the_list_once_and_each_quote_keeps_its_time() -> None:
    first, second = quote_of(SEED, start=161.9), quote_of(SEED, start=3_722, char_start=900)
    references = cite([first, second, SEED, first], find_style("apa"))
    assert len(references.entries) == 1
    assert texts(tuple(c.in_text for c in references.citations)) == [
        "(Shahani, 2019, 2:41)",
        "(Shahani, 2019, 1:02:02)",
    ]


def test_author_styles_sort_by_name_and_title_number_styles_by_appearance() -> None:
    works = [
        made("1", "Zoe Young"),
        made("2", "Émile Zola"),
        made("3", None, title="The “Apple” talk"),
        made("4", "Bo van Dam"),
    ]
    for name in ("apa", "mla", "harvard"):
        if name != "mla":
            order = [
                "The “Apple”" in entry or "Apple" in entry for entry in texts(cite(works, find_style(name)).entries)
            ]
            assert order == [True, False, False, False], name
    names = [re.split(r"[,.]", entry)[0] for entry in texts(cite(works[:2] + works[3:], find_style("apa")).entries)]
    assert names == ["van Dam", "Young", "Zola"]
    numbers = texts(cite(works, find_style("ieee")).entries)
    assert [entry[:3] for entry in numbers] == ["[1]", "[2]", "[3]", "[4]"]
    assert "Young" in numbers[0]


def test_works_of_one_author_and_year_get_letters_in_the_order_of_their_dates() -> None:
    works = [made("b", published="2020-09-01"), made("a", published="2020-03-01"), made("c", published="2021-01-01")]
    references = cite([*(quote_of(work) for work in works)], find_style("apa"))
    assert [re.search(r"\(.*?\)\. \((.*?)\)", entry)[1] for entry in texts(references.entries)] == [  # type: ignore[index]
        "2020a, March 1",
        "2020b, September 1",
        "2021, January 1",
    ]
    assert [to_text(c.in_text) for c in references.citations] == [
        "(Lee, 2020b, 2:41)",
        "(Lee, 2020a, 2:41)",
        "(Lee, 2021, 2:41)",
    ]


def test_thirty_works_of_one_author_and_year_all_differ() -> None:
    works = [made(f"{n:02}") for n in range(30)]
    references = cite([quote_of(work) for work in works], find_style("chicago-author-date"))
    assert len({to_text(c.in_text) for c in references.citations}) == 30
    assert to_text(references.citations[26].in_text) == "(Lee 2020aa, at 2:41)"


def test_mla_tells_works_of_one_host_by_their_titles() -> None:
    references = cite([quote_of(made("x", title="Ice: a story")), quote_of(made("y", title="snow"))], find_style("mla"))
    assert [to_text(c.in_text) for c in references.citations] == ["(Lee, “Ice” 2:41)", "(Lee, “Snow” 2:41)"]


def test_a_later_note_is_short() -> None:
    references = cite([quote_of(SEED), quote_of(SEED, start=200, char_start=500)], find_style("chicago"))
    assert to_text(references.citations[1].in_text) == (
        "Shahani, “ICE Turned to DMV Driver's License Databases for Help with Facial Recognition,” at 3:20."
    )


def test_a_quote_without_a_time_is_cited_without_one() -> None:
    for style, expected in (("apa", "(Shahani, 2019)"), ("mla", "(Shahani)"), ("ieee", "[1]")):
        assert to_text(cite([quote_of(SEED, start=None)], find_style(style)).citations[0].in_text) == expected


# -- running text


@pytest.mark.parametrize(
    ("style", "speaker", "expected"),
    [
        ("apa", "Alvaro Bedoya", "Alvaro Bedoya said, “He called it a dragnet” (Shahani, 2019, 2:41)."),
        ("apa", "Aarti Shahani", "Shahani (2019, 2:41) said, “He called it a dragnet.”"),
        ("apa", "Speaker 1", "An unidentified speaker said, “He called it a dragnet” (Shahani, 2019, 2:41)."),
        ("mla", "Aarti Shahani", "Aarti Shahani said, “He called it a dragnet” (2:41)."),
        ("mla", "Alvaro Bedoya", "Alvaro Bedoya said, “He called it a dragnet” (Shahani 2:41)."),
        ("chicago", "Alvaro Bedoya", "Alvaro Bedoya said, “He called it a dragnet.”¹"),
        ("chicago-author-date", "Aarti Shahani", "Shahani (2019, at 2:41) said, “He called it a dragnet.”"),
        ("harvard", "Alvaro Bedoya", "Alvaro Bedoya said, ‘He called it a dragnet’ (Shahani, 2019, 2:41)."),
        ("ieee", "Aarti Shahani", "Aarti Shahani said, “He called it a dragnet” [1, 2:41]."),
        ("vancouver", None, "An unidentified speaker said, “He called it a dragnet” (1, 2:41)."),
        (
            "ap",
            "Alvaro Bedoya",
            "“He called it a dragnet,” Alvaro Bedoya said July 8, 2019, on NPR's “All Things Considered.”",
        ),
        (
            "ap",
            None,
            "“He called it a dragnet,” an unidentified speaker said July 8, 2019, on NPR's “All Things Considered.”",
        ),
    ],
)
def test_running_text_names_the_speaker(style: str, speaker: str | None, expected: str) -> None:
    references = cite([quote_of(SEED, speaker=speaker)], find_style(style))
    assert to_text(references.citations[0].running) == expected


@pytest.mark.parametrize(
    ("style", "speaker", "expected"),
    [
        ("apa", "Alvaro Bedoya", "Alvaro Bedoya read out, “He called it a dragnet” (Shahani, 2019, 2:41)."),
        ("apa", "Aarti Shahani", "Shahani (2019, 2:41) read out, “He called it a dragnet.”"),
        ("chicago", "Alvaro Bedoya", "Alvaro Bedoya read out, “He called it a dragnet.”¹"),
        (
            "ap",
            "Alvaro Bedoya",
            "“He called it a dragnet,” Alvaro Bedoya read out July 8, 2019, on NPR's “All Things Considered.”",
        ),
    ],
)
def test_nobody_says_what_is_read_out(style: str, speaker: str, expected: str) -> None:
    quote = replace(quote_of(SEED, speaker=speaker), cautions=("The speaker reads out somebody else’s text.",))
    assert to_text(cite([quote], find_style(style)).citations[0].running) == expected
    credit = to_text(cite([quote], find_style("ap")).citations[0].in_text)
    assert credit == f"read out by {speaker}, on NPR's “All Things Considered,” July 8, 2019"
    assert f"{speaker} reads out: “He called" in note(quote)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "Alvaro Bedoya, on NPR's “All Things Considered,” July 8, 2019"),
        ({"medium": "podcast"}, "Alvaro Bedoya, on NPR's “All Things Considered” podcast, July 8, 2019"),
        ({"publisher": "Reuters"}, "Alvaro Bedoya, on Reuters' “All Things Considered,” July 8, 2019"),
        ({"publisher": None}, "Alvaro Bedoya, on “All Things Considered,” July 8, 2019"),
        (
            {"medium": "podcast", "publisher": None},
            "Alvaro Bedoya, on the “All Things Considered” podcast, July 8, 2019",
        ),
        ({"medium": "podcast", "publisher": None, "show": "The A"}, "Alvaro Bedoya, on “The A” podcast, July 8, 2019"),
        ({"published": "2019-12"}, "Alvaro Bedoya, on NPR's “All Things Considered,” December 2019"),
        ({"published": "2019-12-01"}, "Alvaro Bedoya, on NPR's “All Things Considered,” Dec. 1, 2019"),
        ({"published": None}, "Alvaro Bedoya, on NPR's “All Things Considered”"),
    ],
)
def test_the_credit_of_journalists(changed: dict[str, str], expected: str) -> None:
    references = cite([quote_of(replace(SEED, **changed))], find_style("ap"))  # type: ignore[arg-type]
    assert to_text(references.citations[0].in_text) == expected
    assert not references.entries


def test_an_episode_alone_is_credited_too() -> None:
    assert texts(cite([SEED], find_style("ap")).entries) == ["NPR's “All Things Considered,” July 8, 2019"]


# -- people


def test_roles_as_feeds_and_sidecars_spell_them() -> None:
    roles = [
        "Host",
        "co-host",
        "Guest Host",
        "presenter",
        "news anchor",
        "Senior Correspondent",
        "reporter",
        "special guest",
        "x",
    ]
    work = describe(
        Episode(id="e", show="S", title="T", people=tuple(Person(f"Ann L{n}x", role) for n, role in enumerate(roles)))
    )
    assert [credit.role for credit in work.credits] == ["host"] * 5 + ["reporter"] * 2 + ["guest", "contributor"]
    work = describe(
        Episode(
            id="e",
            show="S",
            title="T",
            people=tuple(Person(f"Ann Lee{c}", role) for c, role in zip("xyz", roles, strict=False)),
        )
    )
    assert [name.family for name in work.creators] == ["Leex", "Leey", "Leez"]


def test_a_host_who_reports_is_the_host_and_a_number_is_nobody() -> None:
    people = (Person("Ann Lee", "host"), Person("Ann Lee", "reporter"), Person("Speaker 2", "reporter"))
    entry = to_text(cite([made("e", None)], find_style("apa")).entries[0])
    hosted = to_text(cite([replace(made("e"), people=people)], find_style("apa")).entries[0])
    assert entry.startswith("Title e [Audio podcast episode]. (2020, January 2).")
    assert hosted.startswith("Lee, A. (Host). (2020, January 2).")


def test_non_latin_names_stay_as_they_are() -> None:
    people = (Person("李雷", "host"), Person("שלום כהן", "host"))
    entry = to_text(cite([replace(made("e"), people=people)], find_style("apa")).entries[0])
    assert entry.startswith("李雷, & שלום כהן (Hosts). (2020, January 2).")


# -- names of styles


def test_an_unknown_style_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"There is no citation style 'chicagoo'\. Did you mean chicago\?"):
        find_style("chicagoo")
    with pytest.raises(UsageError, match=r"There is no citation style 'ยง'\. The styles are apa, mla,"):
        find_style("ยง")


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("APA", "apa"),
        ("apa-7", "apa"),
        ("MLA 9", "mla"),
        ("chicago_author_date", "chicago-author-date"),
        ("turabian", "chicago"),
    ],
)
def test_a_style_by_another_name(name: str, style: str) -> None:
    assert find_style(name).name == style


# -- hostile metadata


class _Text(HTMLParser):
    """Collects the text and the tags of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(text: str) -> _Text:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return parser


def read_markdown(text: str) -> _Text:
    reader = MarkdownIt("commonmark").enable("strikethrough")
    reader.normalizeLinkText = lambda link: link  # CommonMark shows an address as it is; this reader would decode it
    return read_html(reader.render(text).removesuffix("\n"))


@settings(max_examples=40)
@given(sources, st.sampled_from(STYLES))
def test_markdown_and_html_show_the_same_words_as_plain_text(given_sources: list, style: Style) -> None:
    references = cite(given_sources, style, date(2026, 1, 5))
    marked = [*references.entries, *(line for c in references.citations for line in (c.in_text, c.running))]
    for one in marked:
        read: tuple[tuple[Callable[[str], _Text], str], ...] = (
            (read_html, to_html(one)),
            (read_markdown, to_markdown(one)),
        )
        for reader, written in read:
            shown = reader(written)
            assert shown.text == to_text(one)
            assert {tag for tag, _ in shown.tags} <= {"i", "a", "p", "em"}
            for tag, attributes in shown.tags:
                assert set(attributes) <= ({"href"} if tag == "a" else set())
                assert (attributes.get("href") or "http").startswith("http")


@settings(max_examples=40)
@given(sources, st.sampled_from(LISTED))
def test_every_title_and_every_word_of_a_quote_comes_through(given_sources: list, style: Style) -> None:
    references = cite(given_sources, style)

    def letters(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    printed = letters(" ".join(texts(references.entries)))
    for source in given_sources:
        episode = getattr(source, "episode", source)
        if (
            next(getattr(s, "episode", s) for s in given_sources if getattr(s, "episode", s).id == episode.id)
            == episode
        ):
            assert letters(describe(episode).title) in printed
    for citation in references.citations:
        assert letters(citation.quote.text) in letters(to_text(citation.running))
        assert clean(citation.quote.text).rstrip(".") in to_text(citation.running)


@settings(max_examples=40)
@given(sources, st.sampled_from(STYLES), st.sampled_from(["text", "markdown", "html"]))
def test_a_page_is_printed_whatever_comes(given_sources: list, style: Style, form: str) -> None:
    page = print_references(cite(given_sources, style), form)  # type: ignore[arg-type]
    assert page.endswith("\n")
    assert not set(page) & set("\ue000\ue001\ue002\ue003\ue004\r\x00")


@ANY_STYLE
@pytest.mark.parametrize("medium", ["radio", "podcast"])
@pytest.mark.parametrize(
    "missing",
    [(), ("published",), ("url",), ("publisher",), ("show",), ("published", "url", "publisher", "show")],
    ids="-".join,
)
def test_nothing_is_left_of_what_is_missing(style: Style, medium: str, missing: tuple[str, ...]) -> None:
    full = made("e", title="Ice", url="https://a.b/c", publisher="NPR", number="3", season="2")
    bare = replace(full, medium=medium, **{key: "" if key == "show" else None for key in missing})
    partial = [replace(bare, published=day) for day in ("2020", "2020-06")]
    for work in (
        bare,
        *partial,
        replace(bare, people=()),
        replace(bare, season=None),
        replace(bare, season=None, number=None),
    ):
        references = cite([quote_of(work)], style, date(2026, 1, 5))
        for marked in (*references.entries, references.citations[0].in_text):
            text = starred(marked)
            assert not re.search(r"\(\)|\[\]|\*\*|“”|,,|\.\.|  | [.,;)\]]|[(\[] |,\.|None|, ?$", text), text


@ANY_STYLE
def test_today_is_printed_by_the_styles_that_ask_for_it(style: Style) -> None:
    work = made("e", published=None, url="https://example.org/e")  # Chicago would print any day of one without a date
    before = date.today()
    found = cite_today([work], style)
    days = {before, date.today()} if style.accessed else {None}
    assert found in [cite([work], style, day) for day in days]
    assert (found != cite([work], style)) == style.accessed


@ANY_STYLE
def test_what_is_far_too_long_is_cut_and_costs_no_time(style: Style) -> None:
    for mark in ("”", "’_(", " a", "…?-"):
        long = mark * 20_000
        work = replace(made("e", long), show=long, title=long, publisher=long, number=long)
        assert len(to_text(cite([quote_of(work)], style).citations[0].in_text)) < 12_000


def test_threads_do_not_mix_their_citations() -> None:
    works = [made(str(n), f"Ann L{chr(97 + n)}x", title="Ice") for n in range(8)]
    found: dict[str, set[str]] = {work.id: set() for work in works}

    def run(work: Episode) -> None:
        for style in LISTED:
            found[work.id].add(to_text(cite([work], style).entries[0]))

    threads = [Thread(target=run, args=(work,)) for work in works for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for work in works:
        assert len(found[work.id]) == len(LISTED)
        assert all(work.people[0].name.split()[1] in text for text in found[work.id])
