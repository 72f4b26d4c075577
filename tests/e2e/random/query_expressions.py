"""Random typed expressions, out of the catalogue of what is shipped.

    productions = Productions(connection)            # the catalogue's examples and signatures, with holes for arguments
    node = Expressions(dice, productions).make("int4", scope, depth=3)

A Node is text with Nodes in it, of a kind: an expression's kind is its type, a clause's its name. Shrinking (query_shrink.py) replaces nodes
by simpler ones of their kind.
"""

import re

import psycopg

from e2e.catalogue.edges import COLUMN_OF, create_table
from e2e.catalogue.lines import read_lines

from .query_tables import TYPE_OF, VALUES

TYPES = list(VALUES)
UNORDERED = {"json"}  # neither = nor <
# what an example's text consists of: strings, columns of the table of edge values, the order of its rows, bare integers
TOKEN = re.compile(r"(?P<string>'(?:[^']|'')*'|\"[^\"]*\")|(?P<order>\bORDER BY id\b)|\bx?(?P<column>" + "|".join(COLUMN_OF.values()) + r")\b(?!\()|"
                   r"(?P<int>(?<=, )-?\d+(?=[,)]))")
DIFFERS_BY_TIME = re.compile(r"\bnow\(|_timestamp\b|\bcurrent_time\b|\blocaltime|random|timeofday", re.IGNORECASE)
FLOAT_SUM = re.compile(r"\b(sum|avg|stddev\w*|var\w*|regr_\w+|corr|covar\w+)\(.*(float|real|f4|f8)", re.IGNORECASE)
FEW_NUMBERS = ["-1", "0", "1", "2", "3", "30"]


class Node:
    def __init__(self, kind, *parts, separator=""):
        self.kind, self.parts, self.separator = kind, parts, separator

    def __str__(self):
        return self.separator.join(map(str, self.parts))

    def children(self):
        return [(place, part) for place, part in enumerate(self.parts) if isinstance(part, Node)]

    def replaced(self, place, part):
        """A copy with another part; None leaves it out."""
        fresh = [part] if part is not None else []
        return Node(self.kind, *self.parts[:place], *fresh, *self.parts[place + 1:], separator=self.separator)

    def all(self):
        yield self
        for _, child in self.children():
            yield from child.all()


class Hole:
    """Where an argument goes. what: a type, "any" (of any type), "order" (by what tells rows apart), or "number" (this one, or another)."""

    def __init__(self, what, text=""):
        self.what, self.text = what, text


class Production:
    def __init__(self, result, parts, stays):
        self.result, self.parts, self.stays = result, parts, stays
        text = "".join("" if isinstance(part, Hole) else part for part in parts)
        self.is_call = bool(re.fullmatch(r"\w+\([^()]*\)", text)) and " ORDER " not in text  # FILTER and OVER may follow
        self.is_distinct = "DISTINCT" in text


class Productions:
    """By kind of line, then by result type."""

    def __init__(self, connection):
        self.of = {"expression": {}, "aggregate": {}, "window": {}}
        self.connection = connection
        connection.execute(create_table().replace("CREATE TABLE", "CREATE TEMP TABLE").format(am="heap"))
        for line in read_lines(connection):
            kind = {"operator": "expression", "function": "expression", "aggregate": "aggregate", "window function": "window"}.get(line.kind)
            if not kind:
                continue
            for text in line.expressions():
                self.add(kind, text, text, from_example(text), line.stays)
            if kind == "expression":
                for text, asked, parts in signatures(line):
                    self.add(kind, text, asked, parts, line.stays)
        connection.execute("DROP TABLE edge")

    def add(self, kind, text, asked, parts, stays):
        over = " OVER ()" if kind == "window" and " OVER " not in asked else ""
        try:
            cursor = self.connection.execute(f"SELECT {asked}{over} FROM pg_temp.edge LIMIT 0")
        except psycopg.Error:
            return  # takes no NULL, or wants what a signature does not say
        row = self.connection.execute("SELECT typname, typtype = 'p' FROM pg_type WHERE oid = %s", [cursor.description[0].type_code]).fetchone()
        if row[1] or DIFFERS_BY_TIME.search(text) or (FLOAT_SUM.search(text) and kind != "expression"):
            return
        self.of[kind].setdefault(row[0], []).append(Production(row[0], parts, stays))


def from_example(text):
    parts, at = [], 0
    for match in TOKEN.finditer(text):
        parts.append(text[at:match.start()])
        at = match.end()
        if match["column"]:
            parts.append(Hole(TYPE_OF[match["column"]]))
        elif match["order"]:
            parts += ["ORDER BY ", Hole("order")]
        elif match["int"]:
            parts.append(Hole("number", match["int"]))
        else:
            parts.append(match[0])
    return parts + [text[at:]]


def signatures(line):
    """What the argument types alone say: every argument is an expression."""
    for types in line.argument_types.split():
        types = [] if types == "-" else types.split(",")
        if not types or any(kind not in VALUES and kind != "any" for kind in types):
            continue
        nulls = [f"NULL::{'text' if kind == 'any' else VALUES[kind][0]}" for kind in types]
        holes = [Hole(kind) for kind in types]
        for name in line.names.split():
            if line.kind == "function":
                inner = [part for hole in holes for part in (", ", hole)][1:]
                yield name + "(", f"{name}({', '.join(nulls)})", [name + "(", *inner, ")"]
            elif len(holes) == 1:
                yield name, f"({name} {nulls[0]})", [f"({name} ", holes[0], ")"]
            else:
                yield name, f"({nulls[0]} {name} {nulls[1]})", ["(", holes[0], f" {name} ", holes[1], ")"]


class Scope:
    """What an expression can speak of: columns (text or Node, type), what tells its rows apart, the scope around it."""

    def __init__(self, columns, keys, outer=None):
        self.columns, self.keys, self.outer = columns, keys, outer


class Expressions:
    """subquery(kind, scope, depth) makes queries for EXISTS, IN and scalars; parameters are (type, text of the value)."""

    def __init__(self, dice, productions, subquery=None):
        self.dice, self.productions, self.subquery, self.parameters, self.prepared = dice, productions, subquery, [], False
        self.edgy = False  # constants that have bitten somebody: errors come with them

    def pick(self, *weighted):
        return self.dice.choices([choice for _, choice in weighted], [weight for weight, _ in weighted])[0]

    def any_type(self):
        return self.pick((6, "int4"), (3, "text"), (3, "bool"), (2, "numeric"), (2, "date"), (2, "timestamp"), (1, self.dice.choice(TYPES)),
                         (1, self.dice.choice(TYPES)), (1, self.dice.choice(TYPES)))

    def literal(self, kind):
        """A constant, as it is written."""
        if kind not in VALUES or self.dice.random() < 0.05:
            return f"NULL::{VALUES[kind][0] if kind in VALUES else kind}"
        sql_type, mild, edges = VALUES[kind]
        value = str(self.dice.choice(edges if edges and self.edgy and self.dice.random() < 0.3 else mild))
        if kind in ("int4", "numeric") and re.fullmatch(r"\d+(\.\d+)?", value) and (kind == "int4" or "." in value):
            return value
        return "'" + value.replace("'", "''") + f"'::{sql_type}"

    def leaf(self, kind, scope):
        columns, around = [], scope
        while around:
            found = [text for text, of in around.columns if of == kind]
            columns += found * (1 if columns else 3)
            around = around.outer
        if columns and self.dice.random() < 0.85:
            return Node(kind, self.dice.choice(columns))
        if self.prepared and kind in VALUES and len(self.parameters) < 4 and self.dice.random() < 0.5:
            self.parameters.append((kind, self.literal(kind)))
            return Node(kind, f"${len(self.parameters)}")
        if self.dice.random() < 0.06:
            stable = {"text": "current_user::text", "date": "current_date", "bool": "(now() > '2020-01-01'::timestamptz)",
                      "int4": "length(current_setting('search_path'))"}.get(kind)
            if stable:
                return Node(kind, stable if kind != "int4" else "length(current_setting('TimeZone'))")
        return Node(kind, self.literal(kind))

    def make(self, kind, scope, depth):
        if depth <= 0 or self.dice.random() < 0.15:
            return self.leaf(kind, scope)
        common = [(2, self.case), (1, self.coalesce), (0.7, self.nullif), (0.6, self.greatest), (0.7, self.cast), (0.12, self.stay)]
        if self.subquery and depth > 1:
            common.append((0.5, self.scalar))
        productions = self.productions.of["expression"].get(kind)
        choices = [*common, (14, self.produced)] if productions else common
        if kind == "bool":
            choices += [(4, self.logic), (3, self.comparison), (1.5, self.in_list), (1, self.between), (1, self.is_distinct), (1.5, self.is_null)]
            if self.subquery and depth > 1:
                choices += [(0.7, self.exists), (0.7, self.in_query)]
        return self.pick(*choices)(kind, scope, depth - 1)

    # -- from the catalogue -------------------------------------------------------------------------------------------

    def produced(self, kind, scope, depth):
        return self.fill(kind, self.chosen(self.productions.of["expression"][kind]), scope, depth)

    def chosen(self, productions):
        """A line that says why it stays is rare: it is counted, no more."""
        production = self.dice.choice(productions)
        return self.dice.choice(productions) if production.stays and self.dice.random() < 0.85 else production

    def fill(self, kind, production, scope, depth):
        parts = []
        for part in production.parts:
            if not isinstance(part, Hole):
                parts.append(part)
            elif part.what == "order":
                parts.append(", ".join(scope.keys) or "1")
            elif part.what == "number":
                parts.append(self.dice.choice(FEW_NUMBERS) if self.dice.random() < 0.2 else part.text)
            else:
                parts.append(self.make(self.any_type() if part.what == "any" else part.what, scope, depth))
        return Node(kind, "(", *parts, ")")

    # -- what every type has ------------------------------------------------------------------------------------------

    def case(self, kind, scope, depth):
        if self.dice.random() < 0.3:
            of = self.comparable()
            return Node(kind, "CASE ", self.make(of, scope, depth), " WHEN ", self.make(of, scope, depth), " THEN ", self.make(kind, scope, depth),
                        " ELSE ", self.make(kind, scope, depth), " END")
        last = [" ELSE ", self.make(kind, scope, depth)] if self.dice.random() < 0.7 else []
        return Node(kind, "CASE WHEN ", self.make("bool", scope, depth), " THEN ", self.make(kind, scope, depth), *last, " END")

    def coalesce(self, kind, scope, depth):
        return Node(kind, "coalesce(", self.make(kind, scope, depth), ", ", self.make(kind, scope, depth), ")")

    def nullif(self, kind, scope, depth):
        if kind in UNORDERED:
            return self.coalesce(kind, scope, depth)
        return Node(kind, "nullif(", self.make(kind, scope, depth), ", ", self.make(kind, scope, depth), ")")

    def greatest(self, kind, scope, depth):
        if kind in UNORDERED:
            return self.coalesce(kind, scope, depth)
        return Node(kind, self.dice.choice(["greatest(", "least("]), self.make(kind, scope, depth), ", ", self.make(kind, scope, depth), ")")

    def cast(self, kind, scope, depth):
        wider = {"int4": ["int2", "bool"], "int8": ["int4", "int2"], "numeric": ["int4", "int8"], "float8": ["float4", "int4", "numeric"],
                 "text": ["int4", "numeric", "uuid", "bool", "varchar", "bpchar", "int8", "date", "float8", "jsonb"], "timestamp": ["date", "timestamptz"],
                 "date": ["timestamp", "timestamptz"], "varchar": ["text", "int4"], "bool": ["int4"], "timestamptz": ["timestamp", "date"],
                 "time": ["timestamp"], "int2": ["int4"], "float4": ["int4", "float8"], "bpchar": ["text"], "jsonb": ["json"]}.get(kind)
        if not wider:
            return self.leaf(kind, scope)
        sql_type = self.pick((1, "numeric(12,2)"), (1, "numeric(38,4)"), (1, "numeric(4,0)")) if kind == "numeric" and self.dice.random() < 0.7 else VALUES[kind][0]
        return Node(kind, "(", self.make(self.dice.choice(wider), scope, depth), f")::{sql_type}")

    def stay(self, kind, scope, depth):
        return Node(kind, "stay(", self.make(kind, scope, depth), ")")

    def scalar(self, kind, scope, depth):
        return Node(kind, "(", self.subquery("scalar", kind, scope, depth), ")")

    # -- conditions ---------------------------------------------------------------------------------------------------

    def comparable(self):
        return self.dice.choice(["int4", "int4", "text", "numeric", "date", "timestamp", self.dice.choice([kind for kind in TYPES if kind not in UNORDERED])])

    def condition(self, scope, depth=2):
        return self.make("bool", scope, depth)

    def logic(self, kind, scope, depth):
        if self.dice.random() < 0.2:
            return Node("bool", "(NOT ", self.make("bool", scope, depth), ")")
        word = self.dice.choice([" AND ", " OR "])
        return Node("bool", "(", Node("operand", self.make("bool", scope, depth)), word, Node("operand", self.make("bool", scope, depth)), ")")

    def comparison(self, kind, scope, depth):
        of = self.comparable()
        return Node("bool", "(", self.make(of, scope, depth), self.dice.choice([" = ", " <> ", " < ", " <= ", " > ", " >= "]), self.make(of, scope, depth), ")")

    def in_list(self, kind, scope, depth):
        of = self.comparable()
        some = [self.literal(of) for _ in range(self.dice.randint(1, 4))]
        if self.dice.random() < 0.2:
            some.append("NULL")
        if self.dice.random() < 0.2:
            return Node("bool", "(", self.make(of, scope, depth), self.dice.choice([" = ANY (ARRAY[", " <> ALL (ARRAY["]), ", ".join(some), "]))")
        return Node("bool", "(", self.make(of, scope, depth), self.dice.choice([" IN (", " NOT IN ("]), ", ".join(some), "))")

    def between(self, kind, scope, depth):
        of = self.comparable()
        word = self.dice.choice([" BETWEEN ", " NOT BETWEEN ", " BETWEEN SYMMETRIC "])
        return Node("bool", "(", self.make(of, scope, depth), word, self.make(of, scope, 0), " AND ", self.make(of, scope, 0), ")")

    def is_distinct(self, kind, scope, depth):
        of = self.comparable()
        word = self.dice.choice([" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "])
        return Node("bool", "(", self.make(of, scope, depth), word, self.make(of, scope, depth), ")")

    def is_null(self, kind, scope, depth):
        if self.dice.random() < 0.3:
            word = self.dice.choice([" IS TRUE", " IS NOT TRUE", " IS FALSE", " IS UNKNOWN", " IS NOT UNKNOWN", " IS NOT FALSE"])
            return Node("bool", "(", self.make("bool", scope, depth), word, ")")
        return Node("bool", "(", self.make(self.any_type(), scope, depth), self.dice.choice([" IS NULL", " IS NOT NULL"]), ")")

    def exists(self, kind, scope, depth):
        return Node("bool", self.dice.choice(["EXISTS (", "NOT EXISTS ("]), self.subquery("exists", "int4", scope, depth), ")")

    def in_query(self, kind, scope, depth):
        of = self.comparable()
        word = self.dice.choice([" IN (", " NOT IN (", " = ANY (", " < ALL (", " >= ANY ("])
        return Node("bool", "(", self.make(of, scope, depth), word, self.subquery("rows", of, scope, depth), "))")
