"""People's names as citations need them: the family name separated, or the whole name where that would be a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .text import line

__all__ = ["Name", "parse_name"]

_MOST_WORDS = 6
_LONGEST_NOBODY = 40

# Labels that diarisation and transcribers write for unknown speakers; these are not names.
_NOBODY = re.compile(
    r"(?:un(?:identified|known|named)|anonymous|various|multiple)?[\s_]*"
    r"(?:speakers?|spk|voices?|person|persons|people|man|woman|male|female|caller|host|guest|announcer|narrator"
    r"|reporter|interviewer|interviewee|participant|audience|unknown|unidentified|anonymous|various|none|n/?a)?"
    r"(?:[\s_]*(?:speaker|voice|person|caller))?[\s_#:.-]*(?:\d{1,4}|[a-z])?",
    re.IGNORECASE,
)
_HONORIFIC = re.compile(
    r"(?:Dr|Mr|Mrs|Ms|Mx|Prof)\.?|(?:Sen|Rep|Gov|Gen|Col|Maj|Capt|Lt|Sgt|Rev|Hon)\."
    r"|Professor|Senator|Congressman|Congresswoman|Governor|President|Secretary|Sir|Dame"
)
#: Titles that replace a part of the name: what follows is not a family name.
_TITLED = re.compile(
    r"(?:Pope|Queen|King|Prince|Princess|Lord|Lady|Saint|Sheikh|Emperor|Rabbi|Imam|The)\s", re.IGNORECASE
)
_GENERATION = re.compile(r"(?:Jr|Sr)\.?|II|III|IV")
_DEGREE = re.compile(r"Ph\.?D\.?|M\.?D\.?|J\.?D\.?|M\.?A\.?|MBA|MPH|R\.?N\.?|Esq\.?|CBE|OBE|MBE|QC|KC|MP|FRS")
_PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le lo las los el al bin ibn bint ben ter ten zu zur af st. e y"
    " 't ’t 's ’s".split()
)  # fmt: skip
#: Words in names of organisations. Some are names of people too (Emily Post): in doubt, a name is not inverted.
_ORGANISATION = frozenset(
    "news newsroom radio team staff network media podcast podcasts desk bureau foundation institute university studios"
    " productions company corporation inc inc. llc ltd ltd. gmbh ministry department agency association society council"
    " committee orchestra broadcasting magazine collective project contributors correspondents editors reporters"
    " services world international rights research center centre commission congress parliament union nations"
    " federation alliance coalition league administration authority fund bank party army navy police military"
    " school college academy hospital clinic health museum library journal gazette tribune times edition"
    " tech marketplace deutsche reuters jazeera children workers physicians doctors states united national federal"
    " supreme european republican republicans democratic democrats central watch without against the"
    " house senate assembly court courts tribunal cabinet chamber government office board republic kingdom state county"
    " city district province municipality village press post service public television tv channel herald chronicle"
    " observer telegraph independent mail review report reports record digest weekly daily today show group holdings"
    " trust partners brothers airlines airways motors energy systems technologies software capital insurance"
    " entertainment pictures records recordings publishers books audio voices corps guard patrol force forces command"
    " brigade program programme initiative campaign movement front church diocese synagogue ministries club guild"
    " teachers nurses farmers veterans students parents women people witness greenpeace amnesty oxfam choir band"
    " quartet ensemble theatre theater opera ballet symphony philharmonic zoo gallery archive archives laboratory"
    " laboratories lab labs survey observatory america africa europe britain british canadian australian american"
    " zeitung rundfunk rundschau ministerium universität partei bundestag institut verein verband ministère université"
    " journal parti ministerio universidad partido ministério universidade".split()
)
#: Endings of words for organisations, which few family names have: Corporation, Televisión, Nations.
_BODY = ("tion", "tions", "sion", "sions", "ción", "sión", "ação")
#: Before one word an article begins a title, not a person: Le Monde, Die Zeit.
_ARTICLES = frozenset("le la les il lo der die das el los las het os".split())
#: Broadcasters and states that names begin with; other short words in capitals are initials ("JRR Tolkien").
_ACRONYM = re.compile(
    r"BBC|NPR|PBS|CBC|ABC|CBS|NBC|CNN|APM|PRI|PRX|RTÉ|RTE|SBS|VOA|RFI|DW|AP|AFP|FBI|CIA|NSA|WHO|EU|UN|UK|US|USA|U\.S\."
    r"|U\.N\.|(?:[A-Z]){4,}"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A name; without ``given`` it is printed as it stands and never turned round."""

    family: str
    given: str = ""
    #: ``von der``, which goes with the family name.
    particle: str = ""
    suffix: str = ""

    @property
    def surname(self) -> str:
        """Return what a second mention uses."""
        return f"{self.particle} {self.family}".strip()

    @property
    def full(self) -> str:
        """Return the name in reading order."""
        return " ".join(part for part in (self.given, self.surname, self.suffix) if part)

    @property
    def inverted(self) -> str:
        """Return ``Family, Given, Suffix`` as reference managers read it."""
        return ", ".join(part for part in (self.surname, self.given, self.suffix) if part)


def parse_name(text: str | None) -> Name | None:
    """Return the parts of a name, or ``None`` if it is not a name (``Speaker 1``).

    What is doubtful stays whole: organisations, single names, names in scripts without capitals (which have no
    initials, and often begin with the family name), and names that themselves are written small.
    """
    whole = re.sub(r"\s*\([^()]*\)$", "", line(text) or "")
    if len(whole) <= _LONGEST_NOBODY and _NOBODY.fullmatch(whole):
        return None
    words = whole.split()
    while len(words) > 2 and _HONORIFIC.fullmatch(words[0]):
        words = words[1:]
    return (_from_commas(" ".join(words)) if "," in whole else _from_words(words)) or Name(whole)


def _from_commas(text: str) -> Name | None:
    """Read ``Kelly, Mary Louise``, ``Martin Luther King, Jr.`` and ``King, Martin Luther, Jr.``."""
    first, *others = (part.strip() for part in text.split(","))
    others = [part for part in others if part and not _DEGREE.fullmatch(part)]
    suffix = next((part for part in others if _GENERATION.fullmatch(part)), "")
    given = [part for part in others if part != suffix]
    if not given:
        name = _from_words(first.split())
        return Name(name.family, name.given, name.particle, suffix or name.suffix) if name else None
    if not first or len(given) > 1 or not _personal([*given[0].split(), *first.split()]):
        return None
    words = first.split()
    particles = [word for word in words[:-1] if word in _PARTICLES] if words[0] in _PARTICLES else []
    return Name(" ".join(words[len(particles) :]), given[0], " ".join(particles), suffix)


def _from_words(words: list[str]) -> Name | None:
    """Read ``Mary Louise Kelly``; ``None`` where the last word is no family name for sure."""
    while len(words) > 2 and _DEGREE.fullmatch(words[-1]):
        words = words[:-1]
    suffix = words.pop() if len(words) > 2 and _GENERATION.fullmatch(words[-1]) else ""
    if len(words) < 2 or not _personal(words):
        return None
    start = len(words) - 1
    if "y" in words[2:-1]:
        start = words.index("y", 2) - 1  # José Ortega y Gasset
    else:
        start = next((n for n in range(1, start) if _is_particle(words[n])), start)
    particles = [
        word
        for n, word in enumerate(words[start:-1])
        if word in _PARTICLES and all(before in _PARTICLES for before in words[start : start + n])
    ]
    return Name(" ".join(words[start + len(particles) :]), " ".join(words[:start]), " ".join(particles), suffix)


def _is_particle(word: str) -> bool:
    """Return whether a word before the last one belongs to the family name; a single capital is an initial."""
    return word.lower() in _PARTICLES and word != "Ben" and not (len(word) == 1 and word.isupper())


def _personal(words: list[str]) -> bool:
    """Return whether these are a person's given and family names, in a script that has initials."""
    letters = [c for word in words for c in word if c.isalpha()]
    return (
        2 <= len(words) <= _MOST_WORDS
        and not _HONORIFIC.fullmatch(words[0])  # Dr. Oz
        and not _TITLED.match(f"{' '.join(words)} ")
        and not any(word.lower() in _ORGANISATION or word.lower().endswith(_BODY) for word in words)
        and not (len(words) == 2 and words[0].lower() in _ARTICLES)
        and not (_ACRONYM.fullmatch(words[0]) and any(not word.isupper() for word in words))
        and not any(c.isdigit() or c in '&@"“”/+|' for word in words for c in word)
        and all(c.isupper() or c.islower() for c in letters)
        and words[0][0].isupper()
        and all(any(c.isalpha() for c in word) for word in words)
        and not {"and", "for", "of"} & set(words)
    )
