from __future__ import annotations

import pickle

import pytest

from truststats import errors
from truststats.errors import (
    ConvergenceError,
    DataError,
    DefinitionError,
    IdentificationError,
    ModelSyntaxError,
    NotSupportedError,
    OptionError,
    Problem,
    SurveyError,
    TrustStatsError,
)


def test_a_message_says_what_where_why_and_what_to_do() -> None:
    error = SurveyError("the file is empty", where="a.csv", why="no row", fix="send it again")
    assert str(error) == ("the file is empty\nWhere: a.csv\nWhy: no row\nWhat to do: send it again")


def test_a_caret_block_stands_by_itself() -> None:
    error = ModelSyntaxError("unexpected '~'", where="y ~~~ x\n    ^")
    assert str(error) == "unexpected '~'\ny ~~~ x\n    ^"


def test_only_what_is_said_is_shown() -> None:
    assert str(TrustStatsError("wrong")) == "wrong"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (OptionError, ValueError),
        (NotSupportedError, NotImplementedError),
        (ModelSyntaxError, ValueError),
        (IdentificationError, ValueError),
        (DefinitionError, ValueError),
        (SurveyError, ValueError),
        (DataError, ValueError),
        (ConvergenceError, RuntimeError),
    ],
)
def test_every_error_is_ours_and_python_s(kind: type[TrustStatsError], builtin: type) -> None:
    error = kind("what", where="where", why="why", fix="fix")
    assert isinstance(error, TrustStatsError)
    assert isinstance(error, builtin)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)


def test_all_names_exist() -> None:
    assert all(hasattr(errors, name) for name in errors.__all__)


def test_a_problem_reads_as_one_line() -> None:
    problem = Problem("heywood", "error", "y1 has a negative variance.", "Look at its histogram.")
    assert str(problem) == "ERROR y1 has a negative variance. Look at its histogram."
    assert str(Problem("few", "note", "Two units.")) == "NOTE Two units."
