"""The lines of the catalogue (lake_engine.shippable_catalog()) and the expressions that their examples stand for."""

import re
from dataclasses import dataclass

from .edges import COLUMN_OF

PLACEHOLDER = re.compile(r"\$(o|t?[1-9])")


@dataclass(frozen=True)
class Line:
    kind: str  # operator, function, aggregate, window function
    section: str
    names: str
    argument_types: str
    in_server: str | None
    condition: str | None
    note: str | None
    stays: str | None
    example: str | None

    @property
    def title(self):
        return f"{self.kind} {self.names} ({self.argument_types})"

    def expressions(self):
        """Every example, for each of the names and each alternative of argument types that it speaks of."""
        found = []
        for example in re.split(r";\s+", self.example or ""):
            for name in self.names.split() if "$o" in example else [""]:
                for types in self.argument_types.split() if re.search(r"\$t?\d", example) else [""]:
                    found.append(filled(example, name, types.split(",")))
        return list(dict.fromkeys(text for text in found if text))


def filled(example, name, types):
    """None when the alternative has no argument, or the table no column, for what the example wants."""
    wanted = [int(match[-1]) for match in PLACEHOLDER.findall(example) if match != "o"]
    if any(number > len(types) or types[number - 1] not in COLUMN_OF for number in wanted):
        return None

    def value(match):
        what = match.group(1)
        if what == "o":
            return name
        type_name = types[int(what[-1]) - 1]
        return type_name if what[0] == "t" else ("" if what == "1" else "x") + COLUMN_OF[type_name]
    return PLACEHOLDER.sub(value, example)


def read_lines(connection):
    return [Line(*row) for row in connection.execute("SELECT * FROM lake_engine.shippable_catalog()").fetchall()]
