"""Makes a query that shows something smaller: nodes are left out, or replaced by what is in them or by a plain value of their kind.

    smaller = shrink(root, still_shows, seconds)      # still_shows(root) -> bool

What does not parse any more does not show anything, so nothing here knows SQL's rules.
"""

import time

from .query_expressions import Node
from .query_tables import UNFILTERED, VALUES

# what SQL evaluates where, or whether at all, depends on these: leaving one out can only bring errors out
FILTERS = {"where", "having", "operand", "on", "limit", "tail", "from", "word", "group", "frame", "partition", "query", "lead"}
EMPTY = {"where": "", "having": "", "limit": "", "tail": "", "on": "true", "operand": "true", "word": "", "frame": "", "partition": "", "lead": "", "group": ""}


def reductions(node):
    """(kind of what was made simpler, new root) of every single step from this root, the largest steps first."""
    for kind, fresh in simpler(node):
        yield kind, fresh
    for place, child in node.children():
        if child.kind == "item" and len(node.parts) > 1:
            yield "item", node.replaced(place, None)
        for kind, fresh in reductions(child):
            yield kind, node.replaced(place, fresh)


def simpler(node):
    if node.kind in EMPTY and str(node) != EMPTY[node.kind]:
        yield node.kind, Node(node.kind, *([EMPTY[node.kind]] if EMPTY[node.kind] else []))
    if node.kind == "operand" and str(node) != "false":
        yield node.kind, Node("operand", "false")
    if node.kind == "from" and len(node.parts) == 1 and str(node).split()[0] in UNFILTERED:
        view, alias = str(node).split()
        yield node.kind, Node("from", f"({UNFILTERED[view]}) {alias}")
    inner = [other for other in node.all() if other is not node and other.kind == node.kind]
    for other in inner[:12]:
        yield node.kind, other
    if node.kind in VALUES and node.children():
        sql_type, mild, _ = VALUES[node.kind]
        yield node.kind, Node(node.kind, f"NULL::{sql_type}")
        yield node.kind, Node(node.kind, f"'{mild[1]}'::{sql_type}")


def size(node):
    return len(str(node))


def shrink(root, still_shows, seconds=60):
    end = time.monotonic() + seconds
    again = True
    while again and time.monotonic() < end:
        again = False
        for _, candidate in reductions(root):
            if time.monotonic() > end:
                break
            if size(candidate) < size(root) and still_shows(candidate):
                root, again = candidate, True
                break
    return root
