"""Random queries over the tables of query_tables.py, as trees of Nodes (query_expressions.py).

    statement = QueryMaker(random.Random(seed), productions).statement()
    str(statement), statement.explain()       # what to run; {am} does not occur in it

Whatever SQL leaves open is closed: LIMIT and DISTINCT ON come with a total order, windows order by what tells rows apart, now() is never shown.
"""

from .query_expressions import UNORDERED, Expressions, Node, Scope
from .query_tables import TABLES, VALUES

JOINS = [" JOIN "] * 4 + [" LEFT JOIN "] * 4 + [" RIGHT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " CROSS JOIN "]
SHAPES = [(8, "plain"), (5, "grouped"), (2, "distinct"), (1, "distinct_on"), (4, "windowed"), (3, "set_operation"), (0.7, "values")]


class Relation:
    def __init__(self, node, columns, keys):
        self.node, self.columns, self.keys = node, columns, keys


class Statement:
    """A query and how it is run. dressing: plain, custom or generic (a prepared statement), cursor, scroll, reader (another role)."""

    def __init__(self, query, dressing, parameters, ordered):
        self.query, self.dressing, self.parameters, self.ordered = query, dressing, parameters, ordered

    def with_query(self, query):
        return Statement(query, self.dressing, self.parameters, self.ordered)

    def prepared(self, verb):
        types = ", ".join(VALUES[kind][0] for kind, _ in self.parameters)
        values = ", ".join(value for _, value in self.parameters)
        given, asked = (f"({types})", f"({values})") if self.parameters else ("", "")
        return (f"DEALLOCATE ALL; SET plan_cache_mode = force_{self.dressing}_plan; PREPARE random_query{given} AS {self.query}; "
                f"{verb}EXECUTE random_query{asked}; RESET plan_cache_mode")

    def __str__(self):
        if self.dressing in ("custom", "generic"):
            return self.prepared("")
        if self.dressing in ("cursor", "scroll"):
            kind = "SCROLL " if self.dressing == "scroll" else ""
            first = "FETCH 3 FROM c; MOVE 1 IN c; " if self.ordered else ""
            back = "MOVE ABSOLUTE 0 IN c; FETCH ALL FROM c; " if self.dressing == "scroll" else ""
            return f"BEGIN; DECLARE c {kind}CURSOR FOR {self.query}; {first}FETCH ALL FROM c; {back}COMMIT"
        if self.dressing == "reader":
            return f"BEGIN; SET LOCAL ROLE random_reader; {self.query}; COMMIT"
        return str(self.query)

    def explain(self):
        verb = "EXPLAIN (VERBOSE, COSTS OFF) "
        if self.dressing in ("custom", "generic"):
            return self.prepared(verb)
        if self.dressing == "reader":
            return f"BEGIN; SET LOCAL ROLE random_reader; {verb}{self.query}; COMMIT"
        return verb + str(self.query)


class QueryMaker:
    def __init__(self, dice, productions):
        self.dice = dice
        self.make = Expressions(dice, productions, self.subquery)
        self.pick, self.names, self.common = self.make.pick, 0, []

    def statement(self):
        dressing = self.pick((12, "plain"), (1, "custom"), (2, "generic"), (1, "cursor"), (0.5, "scroll"), (2, "reader"))
        self.make.prepared = dressing in ("custom", "generic")
        self.make.edgy = self.dice.random() < 0.3
        with_list = []
        if self.dice.random() < 0.22:
            with_list = self.common_tables()
        types = [self.make.any_type() for _ in range(self.dice.randint(1, 4))]
        query = self.query(types, None, self.pick((1, 1), (3, 2), (3, 3)))
        tail, ordered = Node("tail"), False
        if not UNORDERED.intersection(types) and (self.dice.random() < 0.5):
            tail, ordered = Node("tail", " ", self.total_order(types), *self.limit()), True
        return Statement(Node("statement", *with_list, query, tail), dressing, self.make.parameters, ordered)

    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def total_order(self, types):
        """By every output column."""
        places = [str(place + 1) for place in range(len(types))]
        self.dice.shuffle(places)
        return "ORDER BY " + ", ".join(place + self.pick((4, ""), (2, " DESC"), (1, " NULLS FIRST"), (1, " DESC NULLS LAST")) for place in places)

    def limit(self):
        word = self.pick((4, ""), (3, f" LIMIT {self.dice.choice([0, 1, 3, 10])}"), (1, " OFFSET 2"), (1, " OFFSET 1 LIMIT 4"),
                         (0.5, " FETCH FIRST 2 ROWS ONLY"))
        return [Node("limit", word)] if word else []

    # -- FROM ---------------------------------------------------------------------------------------------------------

    def table(self):
        if self.common and self.dice.random() < 0.6:
            name, columns = self.dice.choice(self.common)
            alias = self.name("w")
            return Relation(Node("from", f"{name} {alias}"), [(f"{alias}.{column}", kind) for column, kind in columns],
                            [f"{alias}.{column}" for column, kind in columns if kind not in UNORDERED])
        name, columns, keys = self.pick(*((weight, table) for weight, *table in TABLES))
        alias = self.name("t")
        return Relation(Node("from", f"{name} {alias}"), [(f"{alias}.{column}", kind) for column, kind in columns], [f"{alias}.{key}" for key in keys])

    def derived(self, outer, depth, lateral=""):
        types = [self.make.any_type() for _ in range(self.dice.randint(1, 3))]
        alias = self.name("s")
        columns = [(f"{alias}.c{place + 1}", kind) for place, kind in enumerate(types)]
        query = self.query(types, outer, depth)
        tail = []
        if not UNORDERED.intersection(types) and self.dice.random() < 0.25:
            tail = [" ", self.total_order(types), *self.limit()]
        names = ", ".join(f"c{place + 1}" for place in range(len(types)))
        return Relation(Node("from", f"{lateral}(", query, Node("tail", *tail), f") {alias}({names})"), columns,
                        [text for text, kind in columns if kind not in UNORDERED])

    def series(self):
        alias = self.name("g")
        text = self.dice.choice(["generate_series(1, 5)", "generate_series(-2, 9, 3)", "generate_series(1, 0)"])
        return Relation(Node("from", f"{text} {alias}(n)"), [(f"{alias}.n", "int4")], [f"{alias}.n"])

    def values_list(self):
        alias = self.name("v")
        kinds = ["int4", self.make.comparable()]
        rows = ", ".join(f"({self.make.literal('int4')}, {self.make.literal(kinds[1])})" for _ in range(self.dice.randint(1, 4)))
        return Relation(Node("from", f"(VALUES {rows}) {alias}(n, x)"), [(f"{alias}.n", "int4"), (f"{alias}.x", kinds[1])], [f"{alias}.n", f"{alias}.x"])

    def relation(self, outer, depth):
        kind = self.pick((10, "table"), (2 if depth > 0 else 0, "derived"), (0.6, "series"), (0.5, "values"))
        if kind == "derived":
            return self.derived(None if outer is None else outer, depth - 1)
        return {"table": self.table, "series": self.series, "values": self.values_list}[kind]()

    def from_list(self, outer, depth):
        """FROM, and the scope that it gives. A derived table sees what is around the whole query alone, a LATERAL one its left side, too."""
        relation = self.relation(outer, depth)
        for _ in range(self.pick((8, 0), (6, 1), (2, 2), (0.3, 3)) if depth > 0 else self.pick((4, 0), (1, 1))):
            if depth > 0 and self.dice.random() < 0.12:
                right = self.derived(Scope(relation.columns, relation.keys, outer), depth - 1, "LATERAL ")
                join, on = self.dice.choice([" JOIN ", " LEFT JOIN ", " CROSS JOIN "]), Node("on", "true")
            else:
                right, join = self.relation(outer, depth), self.dice.choice(JOINS)
                on = self.join_condition(relation, right, outer, " FULL " in join)
            both = Relation(None, relation.columns + right.columns, relation.keys + right.keys)
            condition = [] if "CROSS" in join else [" ON ", on]
            both.node = Node("from", "(", relation.node, join, right.node, *condition, ")")
            relation = both
        return Node("clause", " FROM ", relation.node), Scope(relation.columns, relation.keys, outer)

    def join_condition(self, left, right, outer, full):
        kinds = {kind for _, kind in left.columns} & {kind for _, kind in right.columns} - UNORDERED
        both = Scope(left.columns + right.columns, [], outer)
        if not kinds or (not full and self.dice.random() < 0.12):
            return Node("on", "true" if full else self.make.condition(both, 2))
        kind = "int4" if "int4" in kinds and self.dice.random() < 0.6 else self.dice.choice(sorted(kinds))
        one, other = (self.dice.choice([text for text, of in side.columns if of == kind]) for side in (left, right))
        if full or self.dice.random() < 0.75:
            return Node("on", f"{one} = {other}")
        return Node("on", f"{one} = {other} AND ", Node("operand", self.make.condition(both, 1)))

    # -- SELECT -------------------------------------------------------------------------------------------------------

    def query(self, types, outer, depth):
        shape = self.pick(*SHAPES)
        if UNORDERED.intersection(types) and shape in ("distinct", "distinct_on", "set_operation"):
            shape = "plain"
        return getattr(self, shape)(types, outer, depth - 1)

    def output(self, types, scope, depth):
        return [Node("item", self.make.make(kind, scope, depth)) for kind in types]

    def where(self, scope, share=0.6):
        return Node("where", *([" WHERE ", self.make.condition(scope, self.dice.randint(1, 3))] if self.dice.random() < share else []))

    def plain(self, types, outer, depth):
        source, scope = self.from_list(outer, depth)
        items = Node("list", *self.output(types, scope, self.dice.randint(1, 4)), separator=", ")
        return Node("query", "SELECT ", items, source, self.where(scope))

    def distinct(self, types, outer, depth):
        source, scope = self.from_list(outer, depth)
        items = Node("list", *self.output(types, scope, 2), separator=", ")
        return Node("query", "SELECT ", Node("word", "DISTINCT "), items, source, self.where(scope))

    def distinct_on(self, types, outer, depth):
        source, scope = self.from_list(outer, depth)
        items = Node("list", *self.output(types, scope, 2), separator=", ")
        order = self.total_order_from_first(types)
        return Node("query", "SELECT * FROM (SELECT DISTINCT ON (1) ", items, source, self.where(scope), f" {order}) {self.name('o')}")

    def total_order_from_first(self, types):
        return "ORDER BY " + ", ".join(str(place + 1) + self.pick((2, ""), (1, " DESC")) for place in range(len(types)))

    def values(self, types, outer, depth):
        rows = ", ".join("(" + ", ".join(self.make.literal(kind) for kind in types) + ")" for _ in range(self.dice.randint(1, 4)))
        return Node("query", "(VALUES " + rows + ")")

    def set_operation(self, types, outer, depth):
        word = self.dice.choice([" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT ", " EXCEPT ALL ", " INTERSECT ALL "])
        return Node("query", "(", self.query(types, outer, depth), word, self.query(types, outer, depth), ")")

    def aggregate(self, kind, scope, depth):
        production = self.make.chosen(self.make.productions.of["aggregate"][kind])
        node = self.make.fill(kind, production, scope, depth)
        if self.dice.random() < 0.15 and production.is_call:
            return Node(kind, "(", *node.parts[1:-1], " FILTER (WHERE ", self.make.condition(scope, 1), "))")
        return node

    def grouped(self, types, outer, depth):
        """Outputs are the grouping expressions, aggregates, and expressions over aggregates."""
        source, scope = self.from_list(outer, depth)
        possible = self.make.productions.of["aggregate"]
        inside = Scope(scope.columns, scope.keys)  # an aggregate of outer columns alone would belong to the outer query
        groups, items, calls = [], [], []
        for kind in dict.fromkeys(["int8", *types]):
            if kind in possible:
                calls += [(self.aggregate(kind, inside, self.dice.randint(0, 2)), kind) for _ in range(2)]
        sets = self.dice.random() < 0.3
        for place, kind in enumerate(types):
            columns = [text for text, of in inside.columns if of == kind and text[0] == "t" and text not in map(str, items)]
            if kind not in UNORDERED and self.dice.random() < 0.45 and (columns or not sets):
                groups.append(str(place + 1))
                items.append(Node("item", self.dice.choice(columns)) if sets else Node("item", self.make.make(kind, inside, self.dice.randint(0, 2))))
            else:
                items.append(Node("item", self.make.make(kind, Scope(calls, []), self.dice.randint(0, 2))))
        having = Node("having")
        if self.dice.random() < 0.25:
            having = Node("having", " HAVING ", self.make.condition(Scope(calls, []), 1))
        by = Node("group", *([" GROUP BY " + self.grouping(groups, sets)] if groups else []))
        return Node("query", "SELECT ", Node("list", *items, separator=", "), source, self.where(inside), by, having)

    def grouping(self, groups, sets):
        """Sets are over columns alone, each once: PostgreSQL before 18 takes an expression that is constant for one that is not NULL, and sorts and shows
        it so; of two that are equal it shows one for the other."""
        both = ", ".join(groups)
        return self.pick((1, f"ROLLUP ({both})"), (1, f"CUBE ({both})"), (1, f"GROUPING SETS (({both}), (), ({groups[0]}))")) if sets else both

    def windowed(self, types, outer, depth):
        source, scope = self.from_list(outer, depth)
        possible, items = self.make.productions.of["window"], []
        aggregates = self.make.productions.of["aggregate"]
        for kind in types:
            calls = [(text, of) for text, of in scope.columns if of == kind][:2]
            for kinds, weight in ((possible, 3), (aggregates, 1)):
                if kind in kinds:
                    production = self.make.chosen(kinds[kind])
                    call = self.make.fill(kind, production, scope, 1)
                    if production.is_call and not production.is_distinct:
                        calls += [(Node(kind, "(", *call.parts[1:-1], " OVER (", *self.window(scope), "))"), kind)] * weight
            items.append(Node("item", self.make.make(kind, Scope(calls, [], outer), self.dice.randint(0, 2))))
        return Node("query", "SELECT ", Node("list", *items, separator=", "), source, self.where(scope))

    def window(self, scope):
        parts = []
        if self.dice.random() < 0.5:
            parts += [Node("partition", "PARTITION BY ", self.make.make(self.make.comparable(), scope, self.dice.randint(0, 1))), " "]
        lead = self.make.make(self.make.comparable(), scope, self.dice.randint(0, 1)) if self.dice.random() < 0.5 else None
        order = ", ".join(scope.keys)
        parts.append("ORDER BY ")
        if lead and not str(lead).isdigit():
            parts += [Node("lead", lead, self.dice.choice(["", " DESC", " NULLS FIRST"]), ", " if order else "")]
        parts.append(order or ("" if lead else "1"))
        frame = self.pick((5, ""), (1, " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"), (1, " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"),
                          (1, " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING"), (0.5, " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"),
                          (1, " ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING"))
        exclude = self.pick((6, ""), (1, " EXCLUDE CURRENT ROW"), (0.5, " EXCLUDE GROUP"), (0.5, " EXCLUDE TIES")) if frame else ""
        return [*parts, Node("frame", frame + exclude)]

    # -- queries in expressions, and WITH -----------------------------------------------------------------------------

    def subquery(self, purpose, kind, scope, depth):
        """scalar: one row at most; exists; rows: one column of the kind. Sees the columns around it."""
        if purpose == "scalar":
            if self.dice.random() < 0.5 and kind in self.make.productions.of["aggregate"]:
                source, inside = self.from_list(scope, 0)
                call = self.aggregate(kind, Scope(inside.columns, inside.keys), 1)
                return Node("query", "SELECT ", call, source, self.where(inside, 0.8))
            source, inside = self.from_list(scope, 0)
            columns = [text for text, of in inside.columns if of == kind]
            if not columns or kind in UNORDERED:
                return Node("query", "SELECT ", self.make.make(kind, scope, 1))
            return Node("query", f"SELECT {self.dice.choice(columns)}", source, self.where(inside), f" ORDER BY 1 LIMIT {self.pick((5, 1), (1, 2))}")
        source, inside = self.from_list(scope, 0)
        return Node("query", "SELECT ", self.make.make(kind, inside, 1), source, self.where(inside, 0.8))

    def common_tables(self):
        parts = []
        for _ in range(self.dice.randint(1, 2)):
            types = [self.make.any_type() for _ in range(self.dice.randint(1, 3))]
            name = self.name("cte")
            columns = [(f"c{place + 1}", kind) for place, kind in enumerate(types)]
            names = ", ".join(column for column, _ in columns)
            if self.dice.random() < 0.25:
                columns, names = [("n", "int4"), *columns[:1]], "n, c1"
                body = self.recursion(name, columns)
                parts += [", " if parts else "WITH RECURSIVE ", f"{name}({names}) AS (", *body, ")"]
            else:
                word = self.pick((3, ""), (1, "MATERIALIZED "), (1, "NOT MATERIALIZED "))
                parts += [", " if parts else "WITH RECURSIVE ", f"{name}({names}) AS {word}(", self.query(types, None, 1), ")"]
            self.common.append((name, columns))
        return [*parts, " "]

    def recursion(self, name, columns):
        kind = columns[1][1]
        sql_type = VALUES[kind][0]
        start = Scope([], [])
        step = Scope([(f"{name}.n", "int4"), (f"{name}.c1", kind)], [])
        word = "UNION ALL" if kind in UNORDERED or self.dice.random() < 0.6 else "UNION"
        return [f"SELECT 1, (", self.make.make(kind, start, 1), f")::{sql_type} {word} SELECT n + 1, (", self.make.make(kind, step, 1),
                f")::{sql_type} FROM {name} WHERE n < {self.dice.randint(2, 5)}"]
