"""The tables of docs/trainer.md that are made of the code: settings (config.py) and exit statuses (errors.py).

python docker/trainer/settings_table.py     writes them anew between their marks
"""

import dataclasses
import sys
from pathlib import Path

from card import cell, table
from config import Settings
from errors import STATUSES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trainer.md"


def settings_table() -> str:
    """A row a setting; those that a search space may hold come first, as they stand in the dataclass."""
    rows = []
    for field in dataclasses.fields(Settings):
        rule = field.metadata
        limits = ", ".join(f"{words} {at:g}" for words, at in rule["limits"].items())
        allowed = ", ".join(f"`{name}`" for name in rule["choices"] or rule["several"] or ()) or limits
        default = "" if field.default in (None, "", ()) else f"`{field.default}`"
        names = " or ".join(f"`{name}`" for name in (field.name.upper(), *rule["aliases"]))
        rows.append([names, default, allowed, cell(rule["help"]), "yes" if rule["sweepable"] else ""])
    return table(["variable", "default", "allowed", "meaning", "in a search space"], rows)


def statuses_table() -> str:
    return table(
        ["status", "meaning", "what to do"],
        [[str(status.number), cell(status.meaning), cell(status.remedy)] for status in STATUSES],
    )


def rendered(page: str) -> str:
    """The page with its tables as the code has them now. Raises ValueError when a mark is missing."""
    for name, text in {"settings": settings_table(), "statuses": statuses_table()}.items():
        begin, end = f"<!-- {name}: made by docker/trainer/settings_table.py -->\n", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{PAGE.name} lacks the marks of the table {name!r}: {begin.strip()} ... {end}")
        page = f"{before}{begin}\n{text}\n\n{end}{after}"
    return page


def main() -> int:
    PAGE.write_text(rendered(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
