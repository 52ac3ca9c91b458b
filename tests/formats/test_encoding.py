from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import parse
from ingest.formats.encoding import MAX_BYTES, DecodedText, decode, in_utf8, read_text
from kb.errors import FormatError

from .strategies import patient

HERE = Path("talk.vtt")
WORDS = "Élysée – “naïve” café\nsecond line\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_encoding_met_in_the_wild(codec: str) -> None:
    text = WORDS * 10 if codec != "cp1252" else WORDS + "The rest of the page is plain English. " * 5
    assert decode(HERE, text.encode(codec)) == text


def test_utf16_of_both_byte_orders() -> None:
    assert decode(HERE, b"\xfe\xff" + WORDS.encode("utf-16-be")) == WORDS
    assert decode(HERE, b"\xff\xfe" + WORDS.encode("utf-16-le")) == WORDS


@patient
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff"), min_size=1))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    if text.strip():
        assert decode(HERE, text.encode()) == text


def test_every_line_ending_becomes_one() -> None:
    assert decode(HERE, b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "blank"),
        (b"ID3\x04\x00\x00\x00\x00\x00#TSSE" + bytes(range(256)) * 4, "binary"),
        (b"WEBVTT\n\n\x00\x00", "binary"),
        (b"\x01\x02\x03\x04 WEBVTT", "binary"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"WEBVTT a\x81\x83b\xfe\xc3c\xa3\xa3\xffd \xa5\xa5e\xff", "fit no code page"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        decode(HERE, data)
    assert str(caught.value).startswith("talk.vtt")
    assert caught.value.remedy


def test_damaged_utf8_is_refused_with_its_line_and_not_read_as_other_letters() -> None:
    data = "première\nligne\ncassée: é".encode() + b"\xe9\n"
    with pytest.raises(FormatError, match=r"talk\.vtt, line 3: .*not valid") as caught:
        decode(HERE, data)
    assert caught.value.line == 3


SENTENCES = {
    "cp1250": "Żona burmistrza podpisała umowę. Nie wiedzieliśmy o niej nic, aż przyszła gazeta.",
    "iso8859-2": "Příště to bude jiné, věřte mi. Každý měl svůj názor a žádný nebyl správný. Řekl, že je šťastný.",
    "cp1251": "Мост закрыли в полдень. Мэр сказал, что ничего не знает. Спасибо, что пришли.",
    "koi8-r": "Мост закрыли в полдень. Мэр сказал, что ничего не знает. Спасибо, что пришли.",
    "cp1252": "Le pont a été fermé à midi. Les gens ont attendu cinq heures. Ça sera différent la prochaine fois.",
    "cp1253": "Η γέφυρα έκλεισε το μεσημέρι. Ο δήμαρχος είπε ότι δεν ξέρει τίποτα.",
    "cp1254": "Köprü öğlen kapatıldı. Belediye başkanı hiçbir şey bilmediğini söyledi. Teşekkür ederim.",
    "cp1255": "הגשר נסגר בצהריים. ראש העיר אמר שהוא לא יודע כלום.",
    "cp1256": "أغلق الجسر عند الظهر. قال رئيس البلدية إنه لا يعرف شيئا.",
    "cp1257": "Tiltas buvo uždarytas vidurdienį. Žmonės penkias valandas laukė kelto. Ačiū, kad atėjote.",
    "cp932": "橋は正午に閉鎖されました。市長は何も知らないと言いました。",
    "euc_jp": "橋は正午に閉鎖されました。市長は何も知らないと言いました。",
    "gb18030": "大桥中午关闭了。市长说他什么都不知道。人们等渡轮等了五个小时。",
    "big5": "大橋中午關閉了。市長說他什麼都不知道。人們等渡輪等了五個小時。",
    "cp949": "다리는 정오에 폐쇄되었습니다. 시장은 아무것도 모른다고 말했습니다.",
    "cp874": "สะพานถูกปิดตอนเที่ยง นายกเทศมนตรีบอกว่าเขาไม่รู้อะไรเลย",
}


@pytest.mark.parametrize("codec", SENTENCES)
def test_a_code_page_is_told_by_its_letters_and_that_is_remarked(codec: str) -> None:
    text = f"1\n00:00:01,000 --> 00:00:09,000\n{SENTENCES[codec]}\n"
    read = read_text(HERE, text.encode(codec))
    assert read.text == text
    assert "does not say its encoding" in read.remarks[0].note


@pytest.mark.parametrize("text", ["Perché è venuta?", "Merci d’être venu.", "İnsanlar bekledi."])
def test_letters_too_few_to_tell_are_in_doubt(text: str) -> None:
    codec = "cp1254" if "İ" in text else "cp1252"
    assert "its letters are in doubt" in read_text(HERE, text.encode(codec)).remarks[0].note


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32", "iso2022_jp"])
def test_unicode_and_escapes_need_no_mark(codec: str) -> None:
    text = f"1\n00:00:01,000 --> 00:00:09,000\n{SENTENCES['cp932']}\n"
    assert read_text(HERE, text.encode(codec)) == DecodedText(text)


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<META http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8-r"),
        ("<?xml version='1.0' encoding='windows-1251'?>", "cp1251"),
        ("<meta charset=shift_jis>", "cp932"),
        ("<meta charset=iso-8859-1>", "cp1252"),
    ],
)
def test_an_encoding_that_the_page_declares_comes_first(head: str, codec: str) -> None:
    text = f"<html>{head}<p>{SENTENCES[codec][:9]}</p>"
    assert read_text(HERE, text.encode(codec)) == DecodedText(text)


def test_a_declaration_that_its_letters_belie_is_told() -> None:
    text = f"<meta charset=iso-8859-1><p>{SENTENCES['cp1250']}</p>"
    read = read_text(HERE, text.encode("cp1250"))
    assert read.text == text
    assert "says Windows-1252, which does not fit" in read.remarks[0].note


def test_an_encoding_that_is_none_of_text_is_passed_over() -> None:
    for name in ("rot13", "zip", "unicode_escape", "idna", "nonsense", "\0"):
        assert in_utf8(b"caf\xe9", name) == b"caf\xe9"
    assert in_utf8("Мост".encode("cp1251"), "windows-1251") == "Мост".encode()
    assert in_utf8("Мост".encode(), "windows-1251") == "Мост".encode()  # servers say so of everything


def test_letters_that_were_wrong_before_are_told() -> None:
    twice = WORDS.encode().decode("cp1252", "ignore")
    assert "already wrong in the file" in read_text(HERE, (twice * 3).encode()).remarks[0].note


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", [b"\xe9", b"a\xe9 ", b"\x82\xa0", b"\xf0\xe8\n", b"\xff\xfe", b"<meta ", b"\xa4"])
def test_the_worst_bytes_are_read_in_linear_time(unit: bytes) -> None:
    with suppress(FormatError):  # read or refused, within the time
        read_text(HERE, b"x" + unit * (2_000_000 // len(unit)))


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(FormatError, match=r"too large for a transcript \(32 MB; at most 32 MB\)"):
        decode(HERE, b"a" * (MAX_BYTES + 1))


def test_an_unknown_suffix_names_the_known_ones() -> None:
    with pytest.raises(FormatError, match=r"'\.odt' is not a transcript's suffix.*\.srt.*\.txt.*\.vtt"):
        parse(Path("talk.odt"), b"words")
    with pytest.raises(FormatError, match="is a PDF document"):
        parse(Path("talk.pdf"), b"%PDF-1.7")
    with pytest.raises(FormatError, match="No suffix"):
        parse(Path("talk"), b"words")
