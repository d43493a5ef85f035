"""The tables of docs that are made of the code: settings and exit statuses of the trainer of images (config.py,
errors.py), settings of fine-tuning (../finetune/tune_settings.py).

python docker/trainer/settings_table.py     writes them anew between their marks
"""

import dataclasses
import sys
from pathlib import Path

from card import cell, table
from config import Settings, allowed_of
from errors import STATUSES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "trainer-settings.md"
LANGUAGE_PAGE = ROOT / "docs" / "language-models.md"


def settings_table(kind: type = Settings) -> str:
    """A row a setting; those that a search space may hold come first, as they stand in the dataclass."""
    rows = []
    for field in dataclasses.fields(kind):
        rule = field.metadata
        allowed = ", ".join(f"`{name}`" for name in rule["choices"] or rule["several"] or ()) or allowed_of(field)
        default = "" if field.default in (None, "", ()) else f"`{field.default}`"
        names = " or ".join(f"`{name}`" for name in (field.name.upper(), *rule["aliases"]))
        rows.append([names, default, allowed, cell(rule["help"]), "yes" if rule["sweepable"] else ""])
    return table(["variable", "default", "allowed", "meaning", "in a search space"], rows)


def statuses_table() -> str:
    return table(
        ["status", "meaning", "what to do"],
        [[str(status.number), cell(status.meaning), cell(status.remedy)] for status in STATUSES],
    )


def rendered(path: Path) -> str:
    """A page with its tables as the code has them now. Raises ValueError when a mark is missing."""
    page = path.read_text()
    for name, text in tables_of(path).items():
        begin, end = f"<!-- {name}: made by docker/trainer/settings_table.py -->\n", f"<!-- end of {name} -->"
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{path.name} lacks the marks of the table {name!r}: {begin.strip()} ... {end}")
        page = f"{before}{begin}\n{text}\n\n{end}{after}"
    return page


def tables_of(path: Path) -> dict[str, str]:
    if path == PAGE:
        return {"settings": settings_table(), "statuses": statuses_table()}
    sys.path.insert(1, str(ROOT / "docker" / "finetune"))
    from tune_settings import Tuning

    return {"settings": settings_table(Tuning)}


def main() -> int:
    for path in (PAGE, LANGUAGE_PAGE):
        path.write_text(rendered(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
