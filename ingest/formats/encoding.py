"""Bytes of a transcript file -> text; binary data under a transcript's name is refused."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.formats.code_pages import guess_code_page, oddities
from kb.errors import FormatError
from kb.translatable import joined, phrase
from kb.types import Remark

__all__ = ["MAX_BYTES", "DecodedText", "check_size", "decode", "in_utf8", "read_text"]

#: Ten hours of speech with a time for every word is about 15 MB of JSON; anything larger than this is not a transcript.
MAX_BYTES = 32 * 1024 * 1024

_SAVE_AS_UTF8 = phrase("Open it in a text editor and save it as UTF-8.")
_CORRECT = phrase("Correct them or download the file again.")
_CHECK_FILE = phrase("Check that it is the transcript and not, for instance, the audio under another name.")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"\w*[^\W\d_\x00-\x7f]\w*")
_HEAD = 4096  # bytes of a page within which its encoding must be declared
_DECLARED = re.compile(
    rb"<meta\s[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})"
    rb"|<\?xml\s[^<>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)
_JAPANESE_ESCAPE = re.compile(rb"\x1b(?:\$[@B(]|\([BJI])")
# UTF-8 that was read as Windows-1252 and written as UTF-8 again: "Ã©" for "é", "â€™" for "’".
_TWICE = re.compile("[ÃÂ][\u00a0-\u00bf]|Ã[\u0192\u201a-\u2122]|â€[\u0152-\u2122]|[ÐÑ][\u0080-\u00bf]")
_TWICE_LEAST = 3
_MOST_ODD = 0.2  # the most odd letters, as a share, in a text that declares the right encoding
_ASCII = bytes(range(128))
# Names of encodings, and the larger encodings that are meant by them in practice (https://encoding.spec.whatwg.org).
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
    "euc_jp": "euc_jis_2004",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
}
_ALIASES = {"windows-31j": "cp932", "x-sjis": "cp932", "windows-874": "cp874", "x-euc-jp": "euc_jp", "x-gbk": "gbk"}
_NAMES = {
    "cp932": "Shift_JIS",
    "euc_jis_2004": "EUC-JP",
    "cp949": "EUC-KR",
    "big5hkscs": "Big5",
    "cp874": "Windows-874",
    **{f"cp125{digit}": f"Windows-125{digit}" for digit in range(9)},
}
_KNOWN = frozenset(
    """cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp866 cp437 cp850 cp852 koi8-r koi8-u
    iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15
    iso8859-16 cp932 euc_jis_2004 iso2022_jp gb18030 cp949 big5hkscs mac-roman mac-cyrillic utf-8 utf-16 utf-16-le
    utf-16-be""".split()
)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text, and remarks on how its bytes were read."""

    text: str
    remarks: tuple[Remark, ...] = ()


def decode(path: Path, data: bytes) -> str:
    """Return the text of ``data`` as ``read_text`` does, without its remarks."""
    return read_text(path, data).text


def read_text(path: Path, data: bytes) -> DecodedText:
    """Return the text of ``data`` with ``\\n`` as its only line ending and without a byte order mark.

    Unicode is read as such. Else the encoding is the one that the file declares (``<meta charset>``, XML), or a code
    page guessed from its letters, with a remark. Raises ``FormatError`` for empty, oversized, damaged and binary data;
    ``path`` only names the file in the message.
    """
    check_size(path, data)
    text = _unicode(path, data) or _code_page(path, data)
    # A stray control character (Ctrl-Z at the end, a vertical tab) occurs in real files; a stream of them does not.
    if "\0" in text.text or len(_CONTROLS.findall(text.text)) * 100 > len(text.text):
        raise FormatError(path, phrase("This is binary data, not text."), _CHECK_FILE)
    if not text.text.strip("\ufeff \n\r\t"):
        raise FormatError(path, phrase("The file is blank."), phrase("Save the transcript again and try once more."))
    return DecodedText(text.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), text.remarks)


def in_utf8(data: bytes, declared: str | None) -> bytes:
    """Return ``data`` in UTF-8 where it is in the other encoding that a server declares, else as it is."""
    codec = _codec(declared) if declared else None
    if codec is None or _is_unicode(data):
        return data
    with suppress(UnicodeError):
        return data.decode(codec).encode("utf-8")
    return data


def check_size(path: Path, data: bytes, limit: int = MAX_BYTES) -> None:
    """Raise ``FormatError`` where ``data`` is empty or longer than ``limit`` bytes."""
    if not data:
        raise FormatError(path, phrase("The file is empty."), phrase("Save or download the transcript again."))
    if len(data) > limit:
        size, most = len(data) / 1024 / 1024, limit / 1024 / 1024
        raise FormatError(
            path,
            phrase(
                "The file is too large for a transcript (%(size)s MB; at most %(most)s MB).",
                size=format(size, ".0f"),
                most=format(most, ".0f"),
            ),
            phrase("Split it into one file per episode."),
        )


def _is_unicode(data: bytes) -> bool:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    with suppress(UnicodeDecodeError):
        return "\0" not in data.decode("utf-8") and not _JAPANESE_ESCAPE.search(data)
    return False


def _unicode(path: Path, data: bytes) -> DecodedText | None:
    """Return the text of bytes in UTF-8, -16 or -32, marked or not; ``None`` for other encodings."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-32" if data.startswith(codecs.BOM_UTF32_LE) else "utf-16"
        try:
            return DecodedText(data.decode(codec))
        except UnicodeDecodeError as error:
            raise FormatError(
                path,
                phrase("The file is marked as %(encoding)s but is damaged.", encoding=codec.upper()),
                _SAVE_AS_UTF8,
            ) from error
    if b"\0" in data:
        return _unmarked_utf16(data) or DecodedText("\0")
    if _JAPANESE_ESCAPE.search(data):
        with suppress(UnicodeDecodeError):
            return DecodedText(data.decode("iso2022_jp_2004"))
    with suppress(UnicodeDecodeError):
        text = data.decode("utf-8-sig")
        return DecodedText(text, _encoded_twice(text))
    return None


def _unmarked_utf16(data: bytes) -> DecodedText | None:
    """Return UTF-16 without a mark: every second byte of its times, numbers and blanks is zero."""
    zeros = data[0::2].count(0), data[1::2].count(0)
    if max(zeros) * 20 < len(data) or min(zeros) * 20 > max(zeros):
        return None
    with suppress(UnicodeDecodeError):
        return DecodedText(data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"))
    return None


def _encoded_twice(text: str) -> tuple[Remark, ...]:
    if text.isascii():  # quick; a search through megabytes is not
        return ()
    found = _TWICE.findall(text)
    if len(found) < _TWICE_LEAST or len(found) * 4 < len(_NOT_ASCII.findall(text)):
        return ()
    note = phrase(
        "Some letters were already wrong in the file, such as “%(letters)s”: it was once read in another encoding.",
        letters=found[0],
    )
    return (Remark("note", None, None, "", note),)


def _code_page(path: Path, data: bytes) -> DecodedText:
    """Read as the code page that is declared, or else as the one that fits the letters."""
    declared = _DECLARED.search(data[:_HEAD])
    codec = _codec((declared[1] or declared[2]).decode("ascii", "replace")) if declared else None
    if codec is not None:
        with suppress(UnicodeError):
            text = data.decode(codec)
            if oddities(text) <= _MOST_ODD:
                return DecodedText(text)
    _check_damage(path, data)
    guess = guess_code_page(data)
    if guess is None:
        line = data.count(b"\n", 0, len(data) - len(data.lstrip(_ASCII))) + 1
        problem = phrase("The file is not UTF-8, and its letters fit no code page.")
        raise FormatError(path, problem, _SAVE_AS_UTF8, line)
    return DecodedText(
        guess.text, (Remark("note", None, None, "", _code_page_note(guess.text, guess.code_page, guess.other, codec)),)
    )


def _code_page_note(text: str, code_page: str, other: str | None, declared: str | None) -> str:
    """Return a remark on letters whose encoding was guessed."""
    words = [word for word in dict.fromkeys(_WORD.findall(text[:100_000])) if len(word) <= 40][:3]
    quoted = [f"“{word}”" for word in words]
    check = phrase("Check words.")
    if quoted:
        check = phrase("Check words such as %(words)s.", words=", ".join(quoted))
    return joined(" ", (_how_read(code_page, other, declared), check))


def _how_read(code_page: str, other: str | None, declared: str | None) -> str:
    """Return what a file was read as, why, and what else it may be."""
    read = _name(code_page)
    if declared and other is None:
        return phrase(
            "The file says %(declared)s, which does not fit; it was read as %(encoding)s, which fits its letters.",
            declared=_name(declared),
            encoding=read,
        )
    if declared:
        return phrase(
            "The file says %(declared)s, which does not fit; it was read as %(encoding)s, but may be %(other)s: "
            "its letters are in doubt.",
            declared=_name(declared),
            encoding=read,
            other=_name(str(other)),
        )
    if other is None:
        return phrase(
            "The file does not say its encoding; it was read as %(encoding)s, which fits its letters.", encoding=read
        )
    return phrase(
        "The file does not say its encoding; it was read as %(encoding)s, but may be %(other)s: "
        "its letters are in doubt.",
        encoding=read,
        other=_name(other),
    )


def _name(codec: str) -> str:
    return _NAMES.get(codec) or codec.upper().replace("ISO8859", "ISO-8859")


def _check_damage(path: Path, data: bytes) -> None:
    """Raise ``FormatError`` for UTF-8 with a few invalid bytes, which is not a code page."""
    as_utf8 = data.decode("utf-8", errors="replace")
    damaged = as_utf8.count("\ufffd")
    intact = len(_NOT_ASCII.findall(as_utf8)) - damaged
    if data.startswith(codecs.BOM_UTF8) or intact >= damaged:
        problem = phrase("The file is UTF-8 but has bytes that are not valid in it.")
        line = as_utf8.partition("\ufffd")[0].count("\n") + 1
        raise FormatError(path, problem, joined(" ", (_CORRECT, _SAVE_AS_UTF8)), line)


def _codec(declared: str) -> str | None:
    """Return the codec of an encoding's name, or the larger one that is meant; ``None`` for a codec not for text."""
    declared = declared.strip(" \"'").lower()
    try:
        name = codecs.lookup(_ALIASES.get(declared, declared)).name
    except (LookupError, ValueError):
        return None
    name = _LARGER.get(name, name)
    return name if name in _KNOWN else None
