"""Numbers on a page are read as people write them: with the language's separators, without them, never guessed."""

import json
from pathlib import Path

from browser import browse

import stellwerk.widgets
from stellwerk.widgets.number import Number

NUMERALS = Path(stellwerk.widgets.__file__).with_name("numerals.js")
READ = {  # typed -> understood in German
    "28.000": 28000, "28000": 28000, "28 000": 28000, "1.234.567": 1234567, "1.234,5": 1234.5,
    "0,25": 0.25, "0.25": 0.25, "12.5": 12.5, "-3": -3, "1.2.3": None, "1.23.456": None, "viele": None, "": None,
}  # fmt: skip
SHOWN = {"28.000": (28000, 0), "0,20": (0.2, 2), "1.234,5": (1234.5, 0)}


def test_what_is_typed_is_the_number_it_means_in_german(chromium, tmp_path):
    asked = f"""[{json.dumps(list(READ))}.map((typed) => parsedNumber(typed, "de")),
                 {json.dumps(list(SHOWN.values()))}.map(([value, places]) => shownNumber(value, "de", places))]"""
    page = tmp_path / "numbers.html"
    answer = f"document.querySelector('pre').textContent = JSON.stringify({asked})"
    page.write_text(f"<pre></pre><script>{NUMERALS.read_text('utf-8')};{answer}</script>", "utf-8")
    dumped = browse(chromium, tmp_path / "profile", page, "--dump-dom").stdout
    read, shown = json.loads(dumped.split("<pre>")[1].split("</pre>")[0])
    assert dict(zip(READ, read, strict=True)) == READ
    assert shown == list(SHOWN)


def test_a_number_knows_whether_it_is_what_it_was():
    number = Number(value=28000, own=28000)
    assert not number.changed and not Number(value=3).changed
    number.value = 31500
    assert number.changed and number.whole == 31500


def test_a_number_speaks_the_readers_language(monkeypatch):
    assert Number().words["reset"] == "auf <value> zurücksetzen"
    monkeypatch.setenv("STELLWERK_LANG", "en")
    assert Number().words["reset"] == "reset to <value>"
