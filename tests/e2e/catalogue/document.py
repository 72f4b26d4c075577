"""The tables of docs/pushdown.md, between its lines `<!-- catalogue: KIND -->` and `<!-- end -->`."""

import re

SQL_NAMES = {"bool": "boolean", "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
             "bpchar": "char(n)", "-": ""}
PART = re.compile(r"(<!-- catalogue: (operator|function|aggregate|window function) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text, lines):
    kinds = [match[1] for match in PART.findall(text)]
    assert sorted(kinds) == ["aggregate", "function", "operator", "window function"], f"docs/pushdown.md has the parts {kinds}"
    return PART.sub(lambda part: part[1] + tables([line for line in lines if line.kind == part[2]]) + part[3], text)


def tables(lines):
    parts = []
    for section in dict.fromkeys(line.section for line in lines):
        shipped = [line for line in lines if line.section == section and line.stays is None]
        if shipped:
            parts.append(f"\n### {section}\n\n| {shipped[0].kind} | argument types | in the server | when, and what to know |\n|---|---|---|---|\n"
                         + "".join(row(line) for line in shipped))
    staying = [line for line in lines if line.stays is not None]
    if staying:
        parts.append("\nStay in PostgreSQL:\n\n| " + staying[0].kind + " | argument types | why |\n|---|---|---|\n"
                     + "".join(f"| {names(line)} | {types(line)} | {cell(line.stays)} |\n" for line in staying))
    return "".join(parts) + "\n"


def row(line):
    what_to_know = "; ".join(text for text in (line.condition, line.note) if text)
    server = code(line.in_server) if line.in_server and re.search(r"[$(]", line.in_server) else cell(line.in_server or "the same")
    return f"| {names(line)} | {types(line)} | {server} | {cell(what_to_know)} |\n"


def names(line):
    shown = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"} if line.kind == "operator" else {}
    return " ".join(code(shown.get(name, name)) for name in line.names.split())


def types(line):
    """Pairs of one type are named once."""
    shown = []
    for alternative in line.argument_types.split():
        parts = [SQL_NAMES.get(name, name) for name in alternative.split(",")]
        is_pair = line.kind == "operator" and len(parts) == 2
        shown.append(parts[0] if is_pair and parts[0] == parts[1] else (" and " if is_pair else ", ").join(parts))
    return cell("; ".join(shown) if any(", " in one or " and " in one for one in shown) else ", ".join(shown))


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`"
