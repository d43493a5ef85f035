"""What brings batches to the device."""

import pytest

from loader import within


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (None, (8, 3)),  # no shared memory to fill
        (1000, (8, 3)),
        (170, (8, 2)),
        (80, (8, 1)),
        (35, (3, 1)),
        (20, (2, 1)),
        (19, (0, None)),
        (0, (0, None)),
    ],
)
def test_no_more_is_decoded_ahead_than_shared_memory_holds(room, expected):
    assert within(room, 8, 10) == expected
