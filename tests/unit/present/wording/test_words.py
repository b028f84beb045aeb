import re
import tomllib
from importlib.resources import files

import pytest

from truststats.errors import OptionError
from truststats.present.wording.words import language_code, languages, words

BRACES = re.compile(r"\{(\w+)\}")
# What only a translation has: the English words stand where a problem is found.
TRANSLATED_ELSEWHERE = "problem."


def own_keys(code: str) -> dict[str, str]:
    text = (files("truststats.present") / "language" / f"{code}.toml").read_text("utf-8")

    def flat(tree, prefix=""):
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{key}.")
            else:
                yield prefix + key, value

    return dict(flat(tomllib.loads(text)))


def test_english_and_bokmal_are_there():
    assert {"en", "nb"} <= set(languages())


@pytest.mark.parametrize("code", [c for c in languages() if c != "en"])
def test_every_language_has_every_key_with_the_same_braces(code):
    english, other = own_keys("en"), own_keys(code)
    missing = set(english) - set(other)
    extra = {k for k in set(other) - set(english) if not k.startswith(TRANSLATED_ELSEWHERE)}
    assert not missing
    assert not extra
    for key, text in english.items():
        if isinstance(text, str):
            assert set(BRACES.findall(text)) == set(BRACES.findall(other[key])), key


def test_braces_are_filled_in():
    assert words("en")("fact.rows_used", used="1", given="2") == "1 of 2"
    assert words("nb")("fact.rows_used", used="1", given="2") == "1 av 2"


def test_unknown_keys_have_a_default():
    assert words().get("no.such.key", "there") == "there"
    assert "verdict.supported" in words()
    assert "no.such.key" not in words()


@pytest.mark.parametrize(
    ("given", "code"), [("nb-NO", "nb"), ("no", "nb"), ("EN", "en"), (None, "en")]
)
def test_languages_have_aliases(given, code):
    assert language_code(given) == code


def test_an_unknown_language_is_named_with_the_known_ones():
    with pytest.raises(OptionError, match="'sv' is not one of its choices") as caught:
        words("sv")
    assert "'nb'" in str(caught.value)
