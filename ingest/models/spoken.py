"""The languages that Whisper knows, by its own codes; listed here, since its library loads PyTorch."""

from __future__ import annotations

from kb.errors import UsageError
from kb.translatable import phrase

__all__ = ["SPOKEN", "checked_spoken", "spoken_code"]

_NAMES = """
af Afrikaans; sq Albanian; am Amharic; ar Arabic; hy Armenian; as Assamese; az Azerbaijani; ba Bashkir;
eu Basque; be Belarusian; bn Bengali; bs Bosnian; br Breton; bg Bulgarian; my Burmese; yue Cantonese;
ca Catalan; zh Chinese; hr Croatian; cs Czech; da Danish; nl Dutch; en English; et Estonian; fo Faroese;
fi Finnish; fr French; gl Galician; ka Georgian; de German; el Greek; gu Gujarati; ht Haitian Creole; ha Hausa;
haw Hawaiian; he Hebrew; hi Hindi; hu Hungarian; is Icelandic; id Indonesian; it Italian; ja Japanese;
jw Javanese; kn Kannada; kk Kazakh; km Khmer; ko Korean; lo Lao; la Latin; lv Latvian; ln Lingala;
lt Lithuanian; lb Luxembourgish; mk Macedonian; mg Malagasy; ms Malay; ml Malayalam; mt Maltese; mi Māori;
mr Marathi; mn Mongolian; ne Nepali; no Norwegian; nn Norwegian Nynorsk; oc Occitan; ps Pashto; fa Persian;
pl Polish; pt Portuguese; pa Punjabi; ro Romanian; ru Russian; sa Sanskrit; sr Serbian; sn Shona; sd Sindhi;
si Sinhala; sk Slovak; sl Slovenian; so Somali; es Spanish; su Sundanese; sw Swahili; sv Swedish; tl Tagalog;
tg Tajik; ta Tamil; tt Tatar; te Telugu; th Thai; bo Tibetan; tr Turkish; tk Turkmen; uk Ukrainian; ur Urdu;
uz Uzbek; vi Vietnamese; cy Welsh; yi Yiddish; yo Yoruba
"""


def _named() -> dict[str, str]:
    pairs = (each.strip().split(" ", 1) for each in _NAMES.split(";"))
    return {code: name for code, name in pairs}  # noqa: C416 (dict() would not be typed)


#: English names by code, in the order of the names.
SPOKEN: dict[str, str] = _named()


def spoken_code(language: str | None) -> str | None:
    """Return the code under which Whisper knows a language such as ``en-GB``, ``None`` if it knows none."""
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if code in SPOKEN else None


def checked_spoken(language: str | None) -> str | None:
    """Return the code of a language that somebody chose, ``None`` for none; ``UsageError`` for an unknown one."""
    code = spoken_code(language)
    if language and code is None:
        raise UsageError(
            phrase(
                "Whisper knows no language %(language)s; give a code such as en, de or es.",
                language=repr(language[:40]),
            )
        )
    return code
