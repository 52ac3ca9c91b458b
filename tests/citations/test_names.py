"""Names: what is turned round, what stays whole, and who is nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.citations.names import Name, parse_name
from kb.citations.text import clean

from .samples import names as hostile_names


@pytest.mark.parametrize(
    ("text", "inverted"),
    [
        ("Mary Louise Kelly", "Kelly, Mary Louise"),
        ("  Aarti \n Shahani ", "Shahani, Aarti"),
        ("Kelly, Mary Louise", "Kelly, Mary Louise"),
        ("Lulu Garcia-Navarro", "Garcia-Navarro, Lulu"),
        ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
        ("Ursula von der Leyen", "von der Leyen, Ursula"),
        ("von der Leyen, Ursula", "von der Leyen, Ursula"),
        ("Oscar de la Renta", "de la Renta, Oscar"),
        ("Dick Van Dyke", "Van Dyke, Dick"),
        ("W. E. B. Du Bois", "Du Bois, W. E. B."),
        ("Ursula K. Le Guin", "Le Guin, Ursula K."),
        ("Mohammed bin Salman", "bin Salman, Mohammed"),
        ("José Ortega y Gasset", "Ortega y Gasset, José"),
        ("Sarah O’Connor", "O’Connor, Sarah"),
        ("Robert Siegel Jr.", "Siegel, Robert, Jr."),
        ("Martin Luther King, Jr.", "King, Martin Luther, Jr."),
        ("King, Martin Luther, Jr.", "King, Martin Luther, Jr."),
        ("Dr. Anthony Fauci", "Fauci, Anthony"),
        ("Prof. Sir Brian Cox", "Cox, Brian"),
        ("Sen. Edward Markey", "Markey, Edward"),
        ("Anthony Fauci, MD", "Fauci, Anthony"),
        ("Atul Gawande, M.D., MPH", "Gawande, Atul"),
        ("Leila Fadel (she/her)", "Fadel, Leila"),
        ("Владимир Путин", "Путин, Владимир"),
        ("Björn Ulvaeus", "Ulvaeus, Björn"),
        ("Malcolm X", "X, Malcolm"),
        ("Robert E Lee", "Lee, Robert E"),  # no particle: an initial
        ("Michael Y Chen", "Chen, Michael Y"),
        ("Harry S Truman", "Truman, Harry S"),
        ("Santiago Ramón y Cajal", "Ramón y Cajal, Santiago"),
        ("Maarten 't Hart", "'t Hart, Maarten"),
        ("Marjolein van ’t Hof", "van ’t Hof, Marjolein"),
        ("Betty White", "White, Betty"),
        ("Denzel Washington", "Washington, Denzel"),
        ("Marcus Union-Smith", "Union-Smith, Marcus"),
        ("Jane Newsome", "Newsome, Jane"),
        ("La Toya Jackson", "Jackson, La Toya"),
        ("Le Anh Nguyen", "Nguyen, Le Anh"),
        ("JRR Tolkien", "Tolkien, JRR"),
        ("KEITH ABC", "ABC, KEITH"),
        ("Yo-Yo Ma", "Ma, Yo-Yo"),
    ],
)
def test_a_persons_name_is_turned_round(text: str, inverted: str) -> None:
    name = parse_name(text)
    assert name is not None
    assert name.inverted == inverted


@pytest.mark.parametrize(
    "text",
    [
        "Madonna", "will.i.am", "bell hooks", "50 Cent", "Queen Elizabeth II", "Pope Francis", "The Daily Team", "NPR Staff",
        "BBC News", "Center for Public Integrity", "Bob & Ann Lee", "Ira Glass and Sarah Koenig", "李雷", "习近平", "김민준",
        "محمد بن سلمان", "שלום כהן", "山田 太郎", '"Weird Al" Yankovic', "Catherine, Princess of Wales", "🎙 Bob", "a/b c",
        "'t Hart", "BBC World Service", "Human Rights Watch", "World Bank", "Amnesty International", "US Army", "The Hague",
        "Doctors Without Borders", "NPR Morning Edition", "Save the Children", "European Central Bank", "WNYC Live",
        "White House", "Washington Post", "Associated Press", "National Public Radio", "High Court", "Open University",
        "State Department", "Max Planck Institute", "Central Intelligence Agency", "Apple Inc", "Teamsters Union",
        "Privy Council", "Secret Service", "Green Party", "Kenya Police", "The Guardian", "Le Monde", "El País", "Die Zeit",
        "Süddeutsche Zeitung", "Tesla Corporation", "Radio Televisión Española", "Lehman Brothers", "Financial Times",
        "Emily Post", "Peter House", "Robert Service",  # people, but nothing in their names says so
        "One Two Three Four Five Six Seven", "Dr. Oz", "Mr. Rogers", "Professor X",
    ],
)  # fmt: skip
def test_what_is_doubtful_stays_whole(text: str) -> None:
    assert parse_name(text) == Name(text)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "Speaker 1", "SPEAKER_00", "speaker", "Speaker A", "Unknown", "Unknown speaker", "Unidentified Person #2",
        "Unidentified speaker", "Male voice", "Man", "Woman 2", "Host", "Guest", "Announcer", "Caller 3", "n/a", "Various",
    ],
)  # fmt: skip
def test_nobody_is_called_that(text: str | None) -> None:
    assert parse_name(text) is None


@pytest.mark.parametrize("text", ["Man Ray", "Guest Host Jones", "Speaker Pelosi", "Woman King", "Host Ann Lee"])
def test_but_somebody_is_called_this(text: str) -> None:
    assert parse_name(text) is not None


@settings(max_examples=400)
@given(hostile_names | st.text("A a,.’(1)\n李", max_size=12) | st.text(max_size=30))
def test_no_letter_of_a_name_is_lost_but_titles_and_degrees(text: str) -> None:
    name = parse_name(text)
    if name is not None:
        assert name.family
        assert name.full == clean(name.full)
        assert set(name.full) <= set(clean(text)) | {" ", "…"}  # what is too long is cut


@given(st.text())
def test_a_cleaned_text_is_one_visible_line(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert len(cleaned.splitlines()) <= 1
    assert not set(cleaned) & set("\r\n\t\x00\u2028\u202e\ue000")
