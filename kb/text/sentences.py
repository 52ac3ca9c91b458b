"""Sentence boundaries with exact offsets, for edited prose and for the bare words of a recogniser.

A rule splitter rather than a trained one: it is deterministic (quote addresses depend on it), keeps
code-point offsets, and needs no model. The rules follow Mikheev (2002), "Periods, capitalized words, etc.":
a full stop after a known abbreviation or an initial ends a sentence only before a word that often starts one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["MAX_WORDS", "split_sentences", "word_count"]

#: A run-on longer than this is cut at its best clause boundary; spoken sentences rarely exceed it.
MAX_WORDS = 60
#: The same limit for scripts that put no spaces between words.
MAX_CHARS = 700

# Never end a sentence: a name or a number follows.
_TITLES = frozenset(
    "mr mrs ms mx dr prof rev hon gov sen rep gen col lt sgt capt cmdr adm maj cpl pvt supt st mt ft vs fig vol pp "
    "messrs mme mlle pres sec treas amb atty insp".split()
)
# End a sentence only where the next word looks like a beginning.
_ABBREVIATIONS = frozenset(
    "inc co corp ltd llc bros dept univ assn etc al jr sr esq ph.d e.g i.e a.m p.m pm approx est "
    "jan feb mar apr jun jul aug sep sept oct nov dec ave blvd rd cf ca".split()
)
# Capitalised words that start sentences far more often than they follow an abbreviation inside one.
_STARTERS = frozenset(
    "a an and are as at because but by did do does for from had has have he her here his how however i if in is it its "
    "let many maybe most my no not now of on one or our she so some such that the their them then there these they "
    "this those though to was we well were what when where which while who why will with would yes yet you your".split()
)

# A run of terminators, then any closing quotes or brackets (French sets its » off by a space); CJK full stops
# need no space after them.
# Possessive, and started only at the head of a run, so that ten thousand dots do not take quadratic time. The
# look-behind comes after the characters, so that the search skips all other characters quickly.
_CANDIDATE = re.compile(
    r"(?P<first>[.!?…؟۔।。！？｡])"
    r"(?:(?<=[。！？｡])[。！？｡]*+[」』”’）]*+"
    r"|(?<=[.!?…؟۔।])(?<![.!?…؟۔।]{2})(?P<more>[.!?…؟۔।]*+)(?:\s?»|[\"'”’)\]])*+(?=\s))"
)
_LAST_TOKEN = re.compile(r"[^\s\"'“”‘’«»()\[\]]+\Z")
_NEXT_WORD = re.compile(r"[\s\-–—\"'“”‘’«»()\[\]]*(\S?[^\s.,;:!?…)\]\"”’]*)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]\Z")
_CLAUSE = re.compile(r"[,;:]\s|\s[-–—]+\s|[、，；：]|\s(?=(?:and|but|so|because|which|who|or|then)\s)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
# Scripts that put no spaces between words: Thai to Myanmar, Khmer, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")


def word_count(text: str) -> int:
    """Return how many words ``text`` has: by white space, or two characters a word in scripts without spaces."""
    unspaced = 0 if text.isascii() else len(_UNSPACED.findall(text))
    return len(text.split()) + unspaced // 2


def split_sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield ``(char_start, char_end)`` of each sentence of ``text[start:end]``, in order.

    The spans do not overlap, begin and end with a visible character, and cover every visible character.
    A sentence of more than ``MAX_WORDS`` words is cut into clauses. Linear in the length of the text.
    """
    end = len(text) if end is None else end
    cursor = start
    for match in _CANDIDATE.finditer(text, start, end):
        if match.end() > cursor and _ends_sentence(text, match, cursor, end):
            yield from _trimmed_clauses(text, cursor, match.end())
            cursor = match.end()
    yield from _trimmed_clauses(text, cursor, end)


def _ends_sentence(text: str, match: re.Match[str], start: int, end: int) -> bool:
    if match["more"] is None:  # a CJK full stop
        return True
    if text[match.end() + 1 : min(end, match.end() + 2)].islower():  # after one space; nearly always enough
        return False
    following = _NEXT_WORD.match(text, match.end(), min(end, match.end() + 80))
    word = following.group(1) if following else ""
    if not word:
        return True
    if word[0].islower():
        return False
    if match["first"] + match["more"] != ".":
        return True
    before = _last_token(text, max(start, match.start() - 24), match.start()).lower()
    if before == "no":  # "No. 5", but "No. Absolutely not."
        return not word[0].isdigit()
    if before in _TITLES:
        return before in {"st", "sec"} and word.lower() in _STARTERS
    if before in _ABBREVIATIONS or (_INITIALS.match(before) and before != "i"):
        return word.lower() in _STARTERS
    return True


def _last_token(text: str, start: int, end: int) -> str:
    """Return what stands after the last space, quotation mark or bracket of ``text[start:end]``."""
    word = text[max(start, text.rfind(" ", start, end) + 1) : end]
    if word.isalpha():  # nearly always, and ten times as quick
        return word
    token = _LAST_TOKEN.search(text, start, end)
    return token.group() if token else ""


def _trimmed_clauses(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return ()
    if end - start < 2 * MAX_WORDS:  # no room for more words
        return ((start, end),)
    return _clauses(text, start, end)


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a run-on so that no piece exceeds the limits, at a clause boundary of its second half if there is one."""
    while True:
        limit = _limit(text, start, end)
        if limit >= end:
            yield start, end
            return
        middle = start + (limit - start) // 2
        cut = limit
        for match in _CLAUSE.finditer(text, middle, limit):
            cut = match.end()
        head = cut
        while text[head - 1].isspace():
            head -= 1
        yield start, head
        start = cut
        while text[start].isspace():
            start += 1


def _limit(text: str, start: int, end: int) -> int:
    """Return where ``MAX_WORDS`` words or ``MAX_CHARS`` characters from ``start`` are used up, or ``end``."""
    if end - start <= MAX_CHARS and len(text[start:end].split()) <= MAX_WORDS:
        return end  # true for nearly all sentences
    words = 0
    for match in _SPACE.finditer(text, start, min(end, start + MAX_CHARS)):
        words += 1
        if words == MAX_WORDS:
            return match.start()
    if end - start <= MAX_CHARS:
        return end
    # No word ends here in a script without spaces; elsewhere prefer the last space before the limit.
    space = text.rfind(" ", start + MAX_CHARS // 2, start + MAX_CHARS)
    return space if space > 0 else start + MAX_CHARS
