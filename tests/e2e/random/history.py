"""Checks a history of transactions that read lists and append to them for anomalies (after Adya, as Elle does it).

    history = [Transaction("T1", "s1", [("append", "x", 1)]), Transaction("T2", "s2", [("read", "x", [1])])]
    anomalies(history, "READ COMMITTED")        # [] or [Anomaly]

Every value is appended once, so that a list tells who wrote it and in which order. A read gives a list, or, where rows have no order
(one row for each value), a frozenset: then the sets that were read, which must be contained in each other, give the order.

Edges between committed transactions: ww (the next to append to a list; rows do not depend on each other), wr (who appended what one
read), rw (who appended what one did not read yet) and so (the next one of the same session). Anomalies are values that nobody may see, and cycles:

    duplicate, incompatible order   two reads of a list contradict each other
    lost append                     a committed value is missing in a later read of everything (the last transaction's)
    G0   a cycle of ww              G1a  a value of a transaction that did not commit    G1b  some of a transaction's values of one key
    G1c  a cycle of ww and wr       G-single, G-nonadjacent  a cycle without two rw in a row       G2  any other cycle
    lost update                     a G-single between transactions that both read and appended to one key

READ COMMITTED forbids all down to G1c, REPEATABLE READ (snapshot isolation) all but G2, SERIALIZABLE all.
"""

from collections import defaultdict, deque

CYCLES_ALLOWED = {"READ COMMITTED": {"lost update", "G-single", "G-nonadjacent", "G2"}, "REPEATABLE READ": {"G2"}, "SERIALIZABLE": set()}
NEARBY = 5


class Transaction:
    """operations: ("append", key, value), ("read", key, list or frozenset of values); status: committed, aborted, or
    unknown, when the connection was lost during COMMIT."""

    def __init__(self, name, session, operations, status="committed"):
        self.name, self.session, self.operations, self.status = name, session, list(operations), status

    def appends(self):
        return [(key, value) for what, key, value in self.operations if what == "append"]

    def reads(self):
        """(key, what was read, the values that it had appended to the key itself until then)"""
        own = defaultdict(list)
        for what, key, value in self.operations:
            if what == "append":
                own[key].append(value)
            else:
                yield key, value, list(own[key])

    def __repr__(self):
        words = [f"{'r' if what == 'read' else 'a'}({key}, {shortened(value)})" for what, key, value in self.operations]
        return f"{self.name} [{self.session}, {self.status}] {' '.join(words)}"


def shortened(value):
    values = sorted(value) if isinstance(value, frozenset) else value
    return f"..{values[-6:]}" if isinstance(values, list) and len(values) > 6 else values


class Anomaly:
    def __init__(self, kind, text, transactions=()):
        self.kind, self.text, self.transactions = kind, text, list(transactions)

    def __repr__(self):
        return "\n    ".join([f"{self.kind}: {self.text}"] + [repr(transaction) for transaction in self.transactions])


def anomalies(history, level):
    """The anomalies that the level forbids."""
    check = Check(history)
    return check.values() + [found for found in check.cycles() if found.kind not in CYCLES_ALLOWED[level]]


class Check:
    def __init__(self, history):
        self.history = history
        self.writer = {}  # (key, value) -> transaction
        for transaction in history:
            for item in transaction.appends():
                assert item not in self.writer, f"{item} is appended twice"
                self.writer[item] = transaction
        self.settle_unknown()
        self.committed = [transaction for transaction in history if transaction.status == "committed"]
        self.orders = {}  # key -> [sets of values, in order]
        self.unordered = {key for transaction in history for key, seen, _ in transaction.reads() if isinstance(seen, frozenset)}

    def settle_unknown(self):
        """A commit whose answer was lost has happened if others see it, else it makes no difference."""
        for transaction in self.history:
            if transaction.status == "committed":
                for key, seen, _ in transaction.reads():
                    for value in seen:
                        writer = self.writer.get((key, value))
                        if writer is not None and writer.status == "unknown":
                            writer.status = "committed"
        for transaction in self.history:
            if transaction.status == "unknown":
                transaction.status = "aborted"

    # -- values -------------------------------------------------------------------------------------------------------

    def values(self):
        found = []
        reads = defaultdict(list)  # key -> [(values of others in order, transaction)]
        for transaction in self.committed:
            for key, seen, own in transaction.reads():
                found += self.check_read(transaction, key, seen, own)
                reads[key].append((without(seen, own), transaction))
        for key in {key for key, _ in self.writer} | set(reads):
            found += self.put_in_order(key, reads[key])
        return found + self.lost_appends()

    def check_read(self, transaction, key, seen, own):
        found = []
        if len(set(seen)) != len(seen):
            found.append(Anomaly("duplicate", f"key {key}", [transaction]))
        if set(own) - set(seen) or (isinstance(seen, list) and own and seen[-len(own):] != own):
            found.append(Anomaly("incompatible order", f"key {key}: a transaction does not see its own {own} last", [transaction]))
        parts = defaultdict(set)
        for value in set(seen) - set(own):
            writer = self.writer.get((key, value))
            if writer is None:
                found.append(Anomaly("G1a", f"key {key}: nobody appended {value}", [transaction]))
            elif writer.status != "committed" or writer is transaction:
                found.append(Anomaly("G1a", f"key {key}: {value} was not committed", [writer, transaction]))
            else:
                parts[writer].add(value)
        for writer, part in parts.items():
            if part != {value for other, value in writer.appends() if other == key}:
                found.append(Anomaly("G1b", f"key {key}: {part} is not all that was appended", [writer, transaction]))
        return found

    def put_in_order(self, key, reads):
        """The order of a key's values: each read is a prefix of the longer ones."""
        reads = sorted(reads, key=lambda read: len(read[0]))
        groups, before, found = [], [], []
        for seen, transaction in reads:
            is_prefix = set(before) <= set(seen) if isinstance(seen, frozenset) else seen[:len(before)] == before
            if not is_prefix:
                found.append(Anomaly("incompatible order", f"key {key}: {shortened(before)} and {shortened(seen)}", [transaction]))
                continue
            more = [value for value in seen if value not in set(before)]
            groups += [set(more)] if isinstance(seen, frozenset) and more else [{value} for value in more]
            before = seen
        never_seen = {value for (other, value), writer in self.writer.items()
                      if other == key and writer.status == "committed" and value not in set(before)}
        self.orders[key] = groups + ([never_seen] if never_seen else [])
        return found

    def lost_appends(self):
        """The last transaction reads everything; what it does not see is lost."""
        found = []
        last = self.history[-1]
        for key, seen, _ in last.reads():
            for (other, value), writer in self.writer.items():
                if other == key and writer.status == "committed" and value not in set(seen):
                    found.append(Anomaly("lost append", f"key {key}: {value}", [writer]))
        return found

    # -- cycles -------------------------------------------------------------------------------------------------------

    def edges(self):
        """transaction -> {(other transaction, kind)}; after values()."""
        edges = defaultdict(set)

        def add(one, other, kind):
            if one is not None and one is not other:
                edges[one].add((other, kind))

        for key, groups in self.orders.items():
            if key in self.unordered:
                self.add_edges_of_rows(key, groups, add)
            else:
                self.add_edges_of_list(key, groups, add)
        last_of = {}
        for transaction in self.committed:
            add(last_of.get(transaction.session), transaction, "so")
            last_of[transaction.session] = transaction
        return edges

    def writers(self, key, values):
        return {self.writer[key, value] for value in values if (key, value) in self.writer}

    def reads_of(self, key, groups):
        """(transaction, how many of the groups a read of it has seen)"""
        place = {value: number for number, group in enumerate(groups, 1) for value in group}
        for transaction in self.committed:
            for other, seen, own in transaction.reads():
                if other == key:
                    yield transaction, max((place.get(value, 0) for value in without(seen, own)), default=0)

    def add_edges_of_list(self, key, groups, add):
        """Each group is one value; what is further away follows from ww."""
        writers = [self.writers(key, group) for group in groups]
        for now, after in zip(writers, writers[1:]):
            add_all(add, now, after, "ww")
        for transaction, count in self.reads_of(key, groups):
            add_all(add, writers[count - 1] if count else (), [transaction], "wr")
            following = next((after for after in writers[count:] if after != {transaction}), ())
            add_all(add, [transaction], following, "rw")

    def add_edges_of_rows(self, key, groups, add):
        """Rows that are inserted do not depend on each other: no ww. Only the groups nearby, or there were too many edges."""
        writers = [self.writers(key, group) for group in groups]
        for transaction, count in self.reads_of(key, groups):
            for before in writers[max(0, count - NEARBY):count]:
                add_all(add, before, [transaction], "wr")
            for after in writers[count:count + NEARBY]:
                add_all(add, [transaction], after, "rw")

    def cycles(self):
        """One cycle for each transaction and kind of cycle."""
        edges, found, told = self.edges(), [], set()

        def tell(kind, cycle):
            if (kind, frozenset(cycle)) not in told:
                told.add((kind, frozenset(cycle)))
                found.append(Anomaly(kind, " -> ".join(step.name for step in cycle), dict.fromkeys(cycle)))

        for start in self.committed:
            for first, kinds, name in (("ww", {"ww", "so"}, "G0"), ("wr", {"ww", "wr", "so"}, "G1c")):
                path = shortest(edges, start, first, lambda kind, last, kinds=kinds: kind in kinds)
                if path:
                    tell(name, path)
            self.tell_cycle_with_rw(edges, start, tell)
        return found

    def tell_cycle_with_rw(self, edges, start, tell):
        path = shortest(edges, start, "rw", lambda kind, last: kind != "rw")
        if path:
            return tell("lost update" if is_lost_update(path) else "G-single", path)
        path = shortest(edges, start, "rw", lambda kind, last: not (kind == "rw" and last == "rw"), ends_in_rw=False)
        if path:
            return tell("G-nonadjacent", path)
        path = shortest(edges, start, "rw", lambda kind, last: True)
        if path:
            tell("G2", path)


def add_all(add, ones, others, kind):
    for one in ones:
        for other in others:
            add(one, other, kind)


def without(seen, own):
    return seen - set(own) if isinstance(seen, frozenset) else [value for value in seen if value not in own]


def is_lost_update(cycle):
    """Two transactions that both read and appended to a key: one of them has not seen the other's update."""
    if len(cycle) != 3:
        return False
    keys = [{key for key, _, _ in transaction.reads()} & {key for key, _ in transaction.appends()} for transaction in cycle[:2]]
    return bool(keys[0] & keys[1])


def shortest(edges, start, first, allowed, ends_in_rw=True):
    """The transactions of a cycle from start to start whose first edge is of the kind `first`, over allowed edges: allowed(kind,
    kind of the edge before). With ends_in_rw=False the last edge is of another kind."""
    before = {(after, first): None for after, kind in edges.get(start, ()) if kind == first}
    queue = deque(before)
    while queue:
        state = queue.popleft()
        for after, kind in edges.get(state[0], ()):
            step = (after, kind)
            if step in before or not allowed(kind, state[1]):
                continue
            before[step] = state
            if after is start and (ends_in_rw or kind != "rw"):
                path = []
                while step is not None:
                    path.append(step[0])
                    step = before[step]
                return [start, *path[::-1]]
            queue.append(step)
    return None
