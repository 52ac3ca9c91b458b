"""The tags of a quote's page, as a reference manager's browser button would read them."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qs

from hypothesis import given, settings

from kb.citations import page_tags
from kb.citations.text import clean
from kb.citations.work import describe
from kb.types import Quote
from kb.web.server.templating import render

from .samples import SEED, quote_of, quotes


class Page(HTMLParser):
    """Collects the tags, and the data of the script."""

    def __init__(self, quote: Quote) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.metas: dict[str, list[str]] = {}
        self.coins: dict[str, list[str]] = {}
        self.data = ""
        self.text = ""
        tags = page_tags(quote)
        head = render("quotes/tags.html", tags=tags)
        body = render("quotes/page.html", note="", cards=(), caution="", coins=tags.coins)
        self.feed(f"<html><head>{head}</head><body>{body}</body></html>")
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "meta":
            assert set(attributes) == {"name", "content"}
            self.metas.setdefault(attributes["name"], []).append(attributes["content"])
        if tag == "span":
            assert set(attributes) == {"class", "title"}
            self.coins = parse_qs(attributes["title"], strict_parsing=True)

    def handle_data(self, data: str) -> None:
        if self.tags[-1] == "script" and not self.data:
            self.data = data
        else:
            self.text += data


def test_the_seed_is_a_radio_broadcast_with_its_people() -> None:
    page = Page(quote_of(replace(SEED, url="https://www.npr.org/x?a=1&b=2")))
    assert page.metas["z:itemType"] == ["radioBroadcast"]
    assert page.metas["citation_title"] == page.metas["DC.title"] == [SEED.title]
    assert page.metas["z:programTitle"] == ["All Things Considered"]
    assert page.metas["citation_author"] == ["Shahani, Aarti"]
    assert page.metas["DC.contributor"] == ["Cornish, Audie", "Bedoya, Alvaro"]
    assert page.metas["citation_publication_date"] == ["2019/07/08"]
    assert page.metas["citation_public_url"] == ["https://www.npr.org/x?a=1&b=2"]
    assert page.coins["rft.type"] == ["radioBroadcast"]
    assert (page.coins["rft.aulast"], page.coins["rft.aufirst"]) == (["Shahani"], ["Aarti"])
    assert page.coins["rft.source"] == ["All Things Considered"]


def test_the_data_block_holds_the_quote_with_its_speaker_and_time() -> None:
    data = json.loads(Page(quote_of(SEED)).data)
    assert (data["@type"], data["text"], data["creator"]["name"]) == (
        "Quotation",
        "He called it a dragnet.",
        "Alvaro Bedoya",
    )
    clip = data["isPartOf"]
    assert (clip["@type"], clip["startOffset"], clip["endOffset"]) == ("Clip", 161.0, 166.0)
    episode = clip["partOfEpisode"]
    assert (episode["@type"], episode["partOfSeries"]["name"]) == ("RadioEpisode", "All Things Considered")
    assert [person["name"] for person in episode["author"]] == ["Aarti Shahani"]
    assert {
        "@type": "Role",
        "roleName": "host",
        "contributor": {"@type": "Person", "name": "Audie Cornish"},
    } in episode["contributor"]


@settings(max_examples=40)
@given(quotes)
def test_nothing_that_comes_from_outside_becomes_a_tag(quote: Quote) -> None:
    page = Page(quote)
    work = describe(quote.episode)
    assert set(page.tags) <= {"html", "head", "body", "meta", "link", "script", "span", "h1"}
    assert (page.tags.count("script"), page.tags.count("span"), page.tags.count("link")) == (1, 1, 2)
    assert page.text.strip() == "Quotes"  # the heading
    assert page.metas["citation_title"] == [work.title]
    assert page.coins["rft.title"] == [work.title]
    assert json.loads(page.data)["text"] == clean(quote.text)
