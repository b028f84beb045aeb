from importlib import import_module

import pytest

from truststats.errors import OptionError
from truststats.present.progress import progress, steps

module = import_module("truststats.present.progress")


def test_a_function_is_told_every_step():
    told = []
    with steps(lambda *said: told.append(said), ["read", "fit"]) as step:
        step("read")
        step("fit")
    assert told == [("Reading the answers", 0, 2), ("Estimating the model", 1, 2), ("Done", 2, 2)]


def test_steps_speak_the_readers_language_and_take_unknown_names_as_they_are():
    told = []
    with steps(lambda label, *_: told.append(label), ["fit", "own"], language="nb") as step:
        step("fit")
        step("own")
    assert told == ["Estimerer modellen", "own", "Ferdig"]


@pytest.mark.parametrize("how", [None, "auto"])
def test_silence_where_it_is_asked_for_or_nobody_looks(how, capsys, monkeypatch):
    monkeypatch.setattr(module, "_somebody_looks", lambda: False)
    with progress(how) as show:
        show("anything", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setattr(module, "_somebody_looks", lambda: True)
    with progress("auto") as show:
        show("[red]Reading", 1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err is not None


def test_anything_else_is_refused():
    with pytest.raises(OptionError, match="progress='loud'") as caught, progress("loud"):
        pass
    assert "progress=None" in str(caught.value)
