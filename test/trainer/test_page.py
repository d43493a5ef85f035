from settings_table import PAGE, rendered


def test_the_page_of_the_trainer_has_the_tables_of_the_code():
    assert rendered(PAGE.read_text()) == PAGE.read_text(), "run python docker/trainer/settings_table.py"
