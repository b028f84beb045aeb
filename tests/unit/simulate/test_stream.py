import numpy as np

from truststats.simulate.stream import normals, uniforms


def test_the_first_numbers_never_change():
    # numpy promises PCG64's raw integers; a change here would change every bundled file.
    expected = ["0x1.915c62742e81fp-1", "0x1.56496d6f5af13p-1", "0x1.c4d7aae5d6660p-6"]
    assert [float(x).hex() for x in uniforms(1, "a", 3)] == expected


def test_streams_differ_by_seed_and_by_purpose():
    assert not np.array_equal(uniforms(1, "a", 5), uniforms(2, "a", 5))
    assert not np.array_equal(uniforms(1, "a", 5), uniforms(1, "b", 5))


def test_a_longer_draw_begins_like_a_shorter_one():
    np.testing.assert_array_equal(uniforms(3, "x", 10)[:4], uniforms(3, "x", 4))


def test_numbers_lie_strictly_between_zero_and_one():
    draw = uniforms(5, "many", 100_000)
    assert draw.min() > 0
    assert draw.max() < 1
    assert abs(draw.mean() - 0.5) < 0.005


def test_normals_are_standard():
    draw = normals(5, "many", 200_000)
    assert abs(draw.mean()) < 0.01
    assert abs(draw.std() - 1) < 0.01
    assert normals(5, "shape", 3, 4).shape == (3, 4)
