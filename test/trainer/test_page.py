import pytest

from settings_table import LANGUAGE_PAGE, PAGE, rendered


@pytest.mark.parametrize("path", [PAGE, LANGUAGE_PAGE], ids=lambda path: path.name)
def test_a_page_has_the_tables_of_the_code(path):
    assert rendered(path) == path.read_text(), "run python docker/trainer/settings_table.py"
