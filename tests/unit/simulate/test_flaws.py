import numpy as np
import pytest

from truststats.errors import OptionError
from truststats.simulate.flaws import Flaws, add_errors, overwrite_careless


def test_errors_bring_the_variance_to_one():
    rng = np.random.default_rng(0)
    loadings = np.array([0.8, -0.6])
    true = loadings * rng.standard_normal((50_000, 1))
    for flaws in (Flaws(), Flaws(method=0.4)):
        out = add_errors(true, loadings, flaws, 1)
        np.testing.assert_allclose(out.var(axis=0), 1, atol=0.02)
        shared = np.corrcoef(out.T)[0, 1] + 0.48
        assert abs(shared - flaws.method**2) < 0.02


def test_no_room_for_method_variance():
    with pytest.raises(OptionError, match=r"method=0\.7 leaves no error variance"):
        add_errors(np.zeros((2, 1)), np.array([0.8]), Flaws(method=0.7), 1)


def test_careless_people():
    answers = np.full((20_000, 6), 3.0)
    out = overwrite_careless(answers, 5, Flaws(careless=0.2), 1)
    same = (out == out[:, :1]).all(axis=1)
    random = ~same
    assert abs(random.mean() - 0.1) < 0.01
    assert abs((same & (out[:, 0] != 3)).mean() - 0.08) < 0.01
    assert set(np.unique(out)) == {1, 2, 3, 4, 5}
    assert overwrite_careless(answers, 5, Flaws(), 1) is answers


def test_shares_are_checked():
    with pytest.raises(OptionError, match=r"careless=1\.5 is not a share"):
        Flaws(careless=1.5)


def test_items_are_checked():
    with pytest.raises(OptionError, match=r"reversed_item='vtr11'.*Did you mean 'vtr1'\?"):
        Flaws(reversed_item="vtr11").check_items(("vtr1", "aut1"))
    with pytest.raises(OptionError, match="noninvariant='x'"):
        Flaws(noninvariant="x").check_items(("vtr1", "aut1"))
