"""Evidence for the Python packs: what does the program itself say about this error?

A probe of heal runs this with the interpreter that failed:
    python -I -c SCRIPT MESSAGE FILE LINE
It only reads: it parses the failing file (never imports the program), follows names to the data they
come from (literals, headers of CSV files, keys of JSON files, classes of the project) and says which
single change the program's own text supports. It prints lines `key=value`:
    verdict   id of the finding (a cause of a rule)
    because   one sentence with the evidence
    op        replace | before | after | rename      what to do
    file, line, old, new                             where, and the text of the line before and after
Nothing is printed when the evidence is not unique: then a person decides.
"""
import ast
import difflib
import importlib.util
import io
import json
import keyword
import os
import re
import sys

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = FUNCTIONS + (ast.Lambda, ast.ClassDef, ast.Module)
MUTATORS = {"append", "extend", "insert", "update", "add", "setdefault", "sort", "reverse", "remove", "discard", "clear", "appendleft"}
INPLACE = {"sort", "reverse", "append", "extend", "insert", "update", "add", "remove", "discard", "clear", "appendleft", "shuffle"}
LIMIT = 2_000_000


IN_TESTS = {"fixture", "moved-import", "unittest-alias", "near-import", "near-name", "missing-import", "other-language", "py2-name", "py2-method", "py2-has-key", "misspelt-local-module", "misspelt-standard-module", "misspelt-installed-module", "project-not-installed", "outside-path", "class-in-module", "missing-self", "missing-await"}


def standard_modules():
    """Names of the standard library's modules."""
    names = getattr(sys, "stdlib_module_names", None)
    if names is None:
        folder = os.path.dirname(os.__file__)
        names = set(sys.builtin_module_names) | {f.split(".")[0] for f in os.listdir(folder) if f.endswith(".py") or os.path.isfile(os.path.join(folder, f, "__init__.py"))}
        dynamic = os.path.join(folder, "lib-dynload")
        names |= {f.split(".")[0] for f in os.listdir(dynamic)} if os.path.isdir(dynamic) else set()
    return names


class Done(Exception):
    """One finding has been printed."""


def say(verdict, because, op="", line=0, old="", new="", file=None):
    """Prints the finding and ends."""
    out = [("verdict", verdict), ("because", because)]
    target = file or P.shown
    if re.match(r"^(test_.*|.*_test|conftest|tests)\.py$", os.path.basename(target)) and verdict not in IN_TESTS:
        # What a test expects is a person's word: only what can never be meant is changed there.
        raise Done
    if op == "ranges":
        out += [("op", op), ("edits", json.dumps(P.edits))]
    elif op:
        out += [("op", op), ("file", file or P.shown), ("line", line), ("old", old), ("new", new)]
    for key, value in out:
        text = str(value)
        if "\n" in text or "\r" in text or (key in ("old", "new") and (len(text) > 2000 or "\t" in text)):
            return
        P.out.append(key + "=" + text)
    raise Done


# ---------------------------------------------------------------- distances

def distance(a, b):
    """Optimal string alignment: a swap of neighbours counts one."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, rows[i - 2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def slip(a, b, closed=False):
    """Is the first word a slip of the second? Short words only by a swapped, missing or doubled letter; a word that is right as it stands is none."""
    a, b = a.lower(), b.lower()
    if a == b or british(a) == british(b):
        return True
    if re.sub(r"\D", "", a) != re.sub(r"\D", "", b) or min(len(a), len(b)) < 3 or a in KNOWN and not closed:
        return False
    steps = distance(a, b)
    if len(a) == len(b) == 3:
        return False  # lat and alt, get and set: too short to tell a slip from another word
    if steps == 1:
        return max(len(a), len(b)) > 4 or len(a) != len(b) or sorted(a) == sorted(b)
    return steps <= (1 if len(a) <= 5 else 2 if len(a) <= 10 else 3) and a[0] == b[0]


def british(word):
    """A word in one of its two spellings."""
    return re.sub(r"our(?=s|ed|ing|$)", "or", re.sub(r"ys(?=e|ing)", "yz", re.sub(r"is(?=e|ing|ation)", "iz", word.replace("centre", "center").replace("grey", "gray").replace("cancell", "cancel"))))


def plural(a, b):
    """Do two words differ by their number only?"""
    short, long = sorted((a.lower(), b.lower()), key=len)
    if long.endswith(("ss", "us", "is", "ias")):
        return False
    return long in (short + "s", short + "es") or short.endswith("y") and long == short[:-1] + "ies"


def inflected(a, b):
    """Are these two forms of one word, each right by itself (delete and deleted, start and starter)?"""
    a, b = a.lower(), b.lower()
    if a == b or british(a) == british(b):
        return False
    if plural(a, b):
        return True
    short, long = sorted((a, b), key=len)
    forms = [short + end for end in ("d", "ed", "r", "er", "or", "ing", "ly", "ion", "able")] + [short[:-1] + end for end in ("ing", "ion", "or", "able") if short.endswith("e")] + [short + short[-1:] + end for end in ("ed", "ing", "er")]
    return long in forms and (a == long or a in KNOWN or len(a) <= 3)


def parts_of(name):
    """The words of a name: max_size, maxSize, max-size."""
    return [w for w in re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)) if w]


def near(name, names, fits=None, closed=False):
    """The only near one among the names, else None. Each word must be a slip of its own: max_size is no slip of min_size.

    Two forms of one word (item and items) are two names; `fits(other)` says where the use proves the other one.
    `closed`: nobody but the language adds names here (methods of str), so a right word can be a slip too.
    """
    names = {n for n in names if isinstance(n, str) and n and n != name}
    folded = re.sub(r"[\W_]", "", name).lower()
    same = [n for n in names if re.sub(r"[\W_]", "", n).lower() == folded] if len(folded) > 1 else []
    if len(same) == 1:
        return same[0]
    if same or len(name) < 3:
        return None
    mine = parts_of(name)
    close = []
    for other in names:
        theirs = parts_of(other)
        if abs(len(other) - len(name)) > 3:
            continue
        pairs = list(zip(mine, theirs)) if len(mine) == len(theirs) > 1 else [("".join(mine), "".join(theirs))]
        forms = [inflected(a, b) for a, b in pairs]
        if any(forms):
            near_enough = all(f or slip(a, b) for f, (a, b) in zip(forms, pairs)) and sum(forms) == 1 and all(f is False or plural(a, b) for f, (a, b) in zip(forms, pairs))
            if near_enough:
                close.append((distance(name.lower(), other.lower()), other, True))
        elif all(slip(a, b, closed) for a, b in pairs):
            close.append((distance(name.lower(), other.lower()), other, False))
    close.sort()
    if not close or len(close) > 1 and close[1][0] == close[0][0]:
        return None
    if close[0][2] and not (fits and fits(close[0][1])):
        return None
    return close[0][1]


# ---------------------------------------------------------------- the program

class Source:
    """A parsed source file."""

    def __init__(self, path):
        with open(path, "rb") as handle:
            raw = handle.read(LIMIT)
        self.path = path
        found = re.search(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", b"\n".join(raw.split(b"\n")[:2]), re.M)
        encoding = found.group(1).decode() if found else "utf-8-sig"
        self.text = raw.decode(encoding)
        self.lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.tree = ast.parse("\n".join(self.lines))
        self.parent = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parent[child] = node

    def column(self, line, offset):
        """Characters before a UTF-8 byte offset."""
        return len(self.lines[line - 1].encode()[:offset].decode("utf-8", "ignore"))

    def span(self, node):
        """(line, start, end) in characters; None where the node is on several lines."""
        if getattr(node, "end_lineno", None) != node.lineno:
            return None
        return node.lineno, self.column(node.lineno, node.col_offset), self.column(node.lineno, node.end_col_offset)

    def seg(self, node):
        """Text of a node on one line."""
        span = self.span(node)
        return self.lines[span[0] - 1][span[1]:span[2]] if span else None

    def swap(self, *changes):
        """Line before and after nodes of one line are replaced by texts."""
        spans = sorted(((self.span(n), t) for n, t in changes), key=lambda c: c[0] or (0, 0, 0), reverse=True)
        if not all(s for s, _ in spans) or len({s[0] for s, _ in spans}) != 1:
            return None
        line = new = self.lines[spans[0][0][0] - 1]
        for (_, start, end), text in spans:
            new = new[:start] + text + new[end:]
        return spans[0][0][0], line.strip(), new.strip()

    def chain(self, node):
        """The node's ancestors, nearest first."""
        while node in self.parent:
            node = self.parent[node]
            yield node

    def scope(self, node):
        """The function (or module) whose names the node sees first."""
        for up in self.chain(node):
            if isinstance(up, FUNCTIONS + (ast.Module, ast.Lambda)):
                return up
        return self.tree

    def klass(self, node):
        """The class whose method holds the node."""
        for up in self.chain(node):
            if isinstance(up, ast.ClassDef):
                return up
        return None

    def statement(self, node):
        """The statement that holds the node."""
        while not isinstance(node, ast.stmt):
            node = self.parent[node]
        return node

    def at(self, line, kind):
        """Nodes of a kind that touch the line, and start on it where some do."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, kind) and hasattr(n, "lineno") and n.lineno <= line <= n.end_lineno]
        on = [n for n in found if n.lineno == line]
        return on or found

    def own(self, scope):
        """Nodes of a scope, without those of nested functions and classes."""
        todo = list(ast.iter_child_nodes(scope)) if not isinstance(scope, ast.Module) else list(scope.body)
        while todo:
            node = todo.pop()
            yield node
            if not isinstance(node, FUNCTIONS + (ast.Lambda, ast.ClassDef)):
                todo.extend(ast.iter_child_nodes(node))

    def params(self, scope):
        """Names of a function's parameters."""
        if not isinstance(scope, FUNCTIONS + (ast.Lambda,)):
            return []
        a = scope.args
        every = getattr(a, "posonlyargs", []) + a.args + a.kwonlyargs + [x for x in (a.vararg, a.kwarg) if x]
        return [x.arg for x in every]

    def binds(self, name, scope):
        """What a name is bound to in a scope: (how, node) pairs."""
        found = []
        if name in self.params(scope):
            found.append(("param", scope))
        for node in self.own(scope):
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == name and node.value is not None:
                        found.append(("value", node.value))
                    elif isinstance(target, (ast.Tuple, ast.List)) and name in names_in(target):
                        found.append(("unpack", node))
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                found.append(("aug", node))
            elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)) and name in names_in(node.target):
                found.append(("loop", node))
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                for item in node.items:
                    if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name:
                        found.append(("value", item.context_expr))
            elif isinstance(node, FUNCTIONS + (ast.ClassDef,)) and node.name == name:
                found.append(("def", node))
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if (alias.asname or alias.name.split(".")[0]) == name:
                        found.append(("import", node))
            elif isinstance(node, ast.ExceptHandler) and node.name == name:
                found.append(("except", node))
            elif node.__class__.__name__ == "NamedExpr" and node.target.id == name:
                found.append(("value", node.value))
        return found

    def resolve(self, name, node):
        """Bindings of a name as a node sees it: the block's around it, its function's, an outer one's, the module's."""
        inside = node
        for up in self.chain(node):
            block = None
            if isinstance(up, (ast.With, ast.AsyncWith)):
                items = [i.context_expr for i in up.items if isinstance(i.optional_vars, ast.Name) and i.optional_vars.id == name]
                block = ("value", items[0]) if items and inside in up.body else None
            elif isinstance(up, (ast.For, ast.AsyncFor)) and name in names_in(up.target) and inside in up.body:
                block = ("loop", up)
            elif isinstance(up, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
                found = [g for g in up.generators if name in names_in(g.target) and inside is not up.generators[0]]
                block = ("loop", found[-1]) if found else None
            elif isinstance(up, SCOPES):
                break
            if block is not None:
                rebound = [n for n in ast.walk(up) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)]
                if len(rebound) == 1:
                    return [block], self.scope(node)
                break
            inside = up
        scope = self.scope(node)
        while True:
            found = self.binds(name, scope)
            if found:
                return found, scope
            if isinstance(scope, ast.Module):
                return [], scope
            scope = self.scope(scope)


def names_in(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def const(node, kind=str):
    """The constant of a node."""
    if isinstance(node, ast.Constant) and isinstance(node.value, kind) and not (isinstance(node.value, bool) and kind is not bool):
        return node.value
    return None


def index(node):
    """The index expression of a subscript."""
    inner = node.slice
    return inner.value if inner.__class__.__name__ == "Index" else inner


def dotted(node):
    """`a.b.c` of names and attributes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return base and base + "." + node.attr
    return None


def imported(source):
    """Local name -> dotted name, for every import of a file."""
    table = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                table[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                table[alias.asname or alias.name] = (node.module or "") + "." + alias.name
    return table


def full(node, source):
    """Dotted name of a callee with imports resolved: `pd.read_csv` -> `pandas.read_csv`."""
    name = dotted(node)
    if not name:
        return None
    head, _, rest = name.partition(".")
    table = imported(source)
    head = table.get(head, head)
    return head + ("." + rest if rest else "")


# ---------------------------------------------------------------- what values are

class Dict:
    """A mapping whose keys are known. `of`: where they come from; `items`: values by key."""

    def __init__(self, keys, of, items=None, closed=True, node=None):
        self.keys, self.of, self.items, self.closed, self.node = keys, of, items or {}, closed, node


class Many:
    """A sequence of one kind of thing."""

    def __init__(self, of, node=None):
        self.of, self.node = of, node


class Frame(Dict):
    """A table with columns."""


class Data:
    """A value read from a JSON file."""

    def __init__(self, value, path):
        self.value, self.path = value, path


class Obj:
    """An instance of a class of the project."""

    def __init__(self, klass, source):
        self.klass, self.source = klass, source


class File:
    """An open file."""

    def __init__(self, path, node, mode="r"):
        self.path, self.node, self.mode = path, node, mode


class Kind:
    """Just a type's name."""

    def __init__(self, name, node=None):
        self.name, self.node = name, node


def read_text(path, encoding="utf-8-sig"):
    with open(path, "rb") as handle:
        return handle.read(LIMIT).decode(encoding, "replace")


def header(path, delimiter=","):
    """Column names of a CSV file."""
    import csv
    for row in csv.reader(io.StringIO(read_text(path)), delimiter=delimiter):
        return row
    return []


def wrap(value, path):
    """A JSON value as an abstract one."""
    if isinstance(value, dict):
        return Dict(list(value), path, {k: Data(v, path) for k, v in value.items()})
    if isinstance(value, list):
        dicts = [v for v in value if isinstance(v, dict)]
        if dicts and len(dicts) == len(value):
            every = set(dicts[0]).union(*dicts)
            return Many(Dict(sorted(every), path, {k: Data(dicts[0].get(k), path) for k in every}))
        return Many(wrap(value[0], path) if value else None)
    return Kind(type(value).__name__)


def value_of(node, source, depth=0):
    """What an expression evaluates to, as far as the text says; None where it does not."""
    if depth > 12 or node is None:
        return None
    again = lambda n: value_of(n, source, depth + 1)
    if isinstance(node, ast.Constant):
        return Kind(type(node.value).__name__, node)
    if isinstance(node, ast.JoinedStr):
        return Kind("str", node)
    if isinstance(node, ast.Dict):
        if any(k is None for k in node.keys):
            return None
        keys = [const(k, (str, int)) for k in node.keys]
        if any(k is None for k in keys):
            return None
        return Dict(keys, "the literal in line %d" % node.lineno, dict(zip(keys, [lambda n=v: again(n) for v in node.values])), node=node)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return Many(again(node.elts[0]) if node.elts else None, node)
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return Many(again(node.elt), node)
    if isinstance(node, ast.Name):
        found, scope = source.resolve(node.id, node)
        plain = [b for b in found if b[0] != "aug"]
        if node.id in ("self", "cls") and [b[0] for b in plain] == ["param"]:
            klass = source.klass(node)
            return Obj(klass, source) if klass else None
        if len(plain) != 1:
            values = [again(n) for how, n in plain if how == "value"]
            if values and len(values) == len(plain) and all(isinstance(v, Dict) for v in values):
                return Dict(sorted(set().union(*[v.keys for v in values]), key=str), values[0].of, values[0].items)
            return None
        how, bound = plain[0]
        if how == "value" and isinstance(bound, ast.List) and not bound.elts:
            return Many(collected(node.id, scope, source, depth), bound)
        if how == "value":
            return again(bound)
        if how == "loop":
            items = again(bound.iter)
            if isinstance(bound.target, ast.Name):
                return element(items, source, depth)
            if isinstance(bound.target, ast.Tuple) and isinstance(bound.iter, ast.Call) and len(bound.target.elts) == 2:
                place = [e.id if isinstance(e, ast.Name) else None for e in bound.target.elts].index(node.id) if node.id in [e.id for e in bound.target.elts if isinstance(e, ast.Name)] else -1
                if dotted(bound.iter.func) == "enumerate" and place == 1 and bound.iter.args:
                    return element(again(bound.iter.args[0]), source, depth)
                if isinstance(bound.iter.func, ast.Attribute) and bound.iter.func.attr == "items" and place == 1:
                    mapping = again(bound.iter.func.value)
                    if isinstance(mapping, Dict) and mapping.items:
                        return settle(next(iter(mapping.items.values())))
            return None
        if how == "param":
            return argument(bound, node.id, source, depth)
        if how == "import":
            hit = project_constant(full(node, source) or "", source)
            return value_of(hit[0], hit[1], depth + 1) if hit else None
        return None
    if isinstance(node, ast.Attribute):
        if full(node, source) == "os.environ":
            return Dict(sorted(os.environ), "the environment", closed=False)
        base = again(node.value)
        if isinstance(base, Obj):
            values = [n.value for m in base.klass.body for n in ast.walk(m) if isinstance(n, ast.Assign) and any(
                isinstance(t, ast.Attribute) and t.attr == node.attr and dotted(t.value) == "self" for t in n.targets)]
            values += [n.value for n in base.klass.body if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.attr for t in n.targets)]
            return value_of(values[0], base.source, depth + 1) if len(values) == 1 else None
        hit = project_constant(full(node, source) or "", source)
        return value_of(hit[0], hit[1], depth + 1) if hit else None
    if isinstance(node, ast.Subscript):
        base = again(node.value)
        if isinstance(base, Data):
            base = wrap(base.value, base.path)
        key = const(index(node), (str, int))
        if isinstance(base, Dict) and key in base.items:
            return settle(base.items[key])
        if isinstance(base, Many):
            return settle(base.of)
        return None
    if isinstance(node, ast.Call):
        return call_value(node, source, depth)
    if isinstance(node, ast.BinOp):
        left, right = again(node.left), again(node.right)
        if isinstance(left, Kind) and isinstance(right, Kind) and left.name == right.name:
            return Kind(left.name)
        return None
    return None


def settle(value):
    value = value() if callable(value) else value
    return wrap(value.value, value.path) if isinstance(value, Data) else value


def element(items, source, depth):
    if isinstance(items, Many):
        return settle(items.of)
    if isinstance(items, Dict) and not isinstance(items, Frame):
        return Kind("str") if items.keys and all(isinstance(k, str) for k in items.keys) else None
    if isinstance(items, File):
        return Kind("str")
    return None


def calls_of(function, source, sources):
    """(source, call) of every call in the files that means this function."""
    klass = source.klass(function)
    for owner in sources:
        for call in ast.walk(owner.tree):
            if not isinstance(call, ast.Call):
                continue
            if isinstance(call.func, ast.Name):
                fits = call.func.id == (klass.name if klass is not None and function.name == "__init__" else function.name)
            elif isinstance(call.func, ast.Attribute):
                fits = call.func.attr == function.name or klass is not None and function.name == "__init__" and call.func.attr == klass.name
                head = (dotted(call.func) or "").partition(".")[0]
                home = imported(owner).get(head)
                if fits and home and klass is None:
                    fits = module_file(home, owner) is not None
                elif fits and klass is None:
                    fits = False
            else:
                fits = False
            if fits:
                yield owner, call


def argument(function, name, source, depth):
    """What callers in the same file pass for a parameter, where they agree."""
    if isinstance(function, ast.Lambda):
        return None
    args = [a.arg for a in function.args.args]
    method = bool(args) and args[0] in ("self", "cls")
    given = []
    sources = [source]
    if not any(function.name in (getattr(c.func, "id", None), getattr(c.func, "attr", None)) for c in ast.walk(source.tree) if isinstance(c, ast.Call)):
        sources = callers(function.name, source)
    for owner, call in calls_of(function, source, sources):
        hit = [k.value for k in call.keywords if k.arg == name]
        if not hit and name in args:
            place = args.index(name) - (1 if method else 0)
            if 0 <= place < len(call.args):
                hit = [call.args[place]]
        given += [(owner, h) for h in hit]
    values = [value_of(g, owner, depth + 1) for owner, g in given]
    known = [v for v in values if v is not None]
    if not known or len(known) != len(values):
        return None
    if all(isinstance(v, Dict) for v in known):
        keys = set(known[0].keys).intersection(*[v.keys for v in known])
        return known[0] if len(known) == 1 else Dict(sorted(keys, key=str), known[0].of, known[0].items)
    return known[0] if len({type(v) for v in known}) == 1 else None


def callers(name, source):
    """Other files of the project that call a function by this name and import the file."""
    stem = os.path.splitext(os.path.basename(source.path))[0]
    found = []
    for path in project_files():
        try:
            text = read_text(path)
            if name + "(" in text and re.search(r"^\s*(from|import)\b.*\b" + re.escape(stem) + r"\b", text, re.M):
                found.append(Source(path))
        except (SyntaxError, ValueError, OSError):
            pass
    return found


def where(text):
    """A path as the program means it."""
    path = os.path.join(os.getcwd(), text)
    return path if os.path.isfile(path) else None


def open_path(node, source, depth=0):
    """(path text, mode, call) of an open() call or of a name bound to one."""
    if isinstance(node, ast.Name):
        found, _ = source.resolve(node.id, node)
        values = [n for how, n in found if how == "value"]
        return open_path(values[0], source, depth + 1) if len(values) == 1 and depth < 5 else None
    if isinstance(node, ast.Call):
        name = full(node.func, source)
        if name in ("open", "io.open", "codecs.open") and node.args:
            mode = next((const(k.value) for k in node.keywords if k.arg == "mode"), None) or (const(node.args[1]) if len(node.args) > 1 else None) or "r"
            return text_of(node.args[0], source), mode, node
        if isinstance(node.func, ast.Attribute) and node.func.attr == "open":
            mode = (const(node.args[0]) if node.args else None) or "r"
            return text_of(node.func.value, source), mode, node
    return None


def text_of(node, source, depth=0):
    """The text of a path expression, where it is written down."""
    if depth > 10 or node is None:
        return None
    again = lambda n: text_of(n, source, depth + 1)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        if node.id == "__file__":
            return os.path.abspath(source.path)
        found, _ = source.resolve(node.id, node)
        values = [n for how, n in found if how == "value"]
        if len(values) == 1 and len(found) == 1:
            return again(values[0])
        if len(found) == 1 and found[0][0] == "param":
            return text_of_argument(found[0][1], node.id, source, depth)
        if len(found) == 1 and found[0][0] == "import":
            hit = project_constant(full(node, source) or "", source)
            return text_of(hit[0], hit[1], depth + 1) if hit else None
        return None
    if isinstance(node, ast.Call):
        name = full(node.func, source)
        if name in ("pathlib.Path", "str", "Path", "pathlib.PurePath", "os.fspath", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser") and len(node.args) == 1:
            return again(node.args[0])
        if name in ("os.path.join", "pathlib.Path", "Path"):
            parts = [again(a) for a in node.args]
            return os.path.join(*parts) if parts and all(p is not None for p in parts) else None
        if name == "os.path.dirname" and node.args:
            inner = again(node.args[0])
            return os.path.dirname(inner) if inner is not None else None
        if name in ("os.getcwd", "pathlib.Path.cwd", "Path.cwd"):
            return os.getcwd()
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("resolve", "absolute", "expanduser") and not node.args:
            return again(node.func.value)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "joinpath":
            parts = [again(node.func.value)] + [again(a) for a in node.args]
            return os.path.join(*parts) if all(p is not None for p in parts) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
        left, right = again(node.left), again(node.right)
        if left is None or right is None:
            return None
        return os.path.join(left, right) if isinstance(node.op, ast.Div) else left + right
    if isinstance(node, ast.JoinedStr):
        parts = [again(v.value if isinstance(v, ast.FormattedValue) else v) for v in node.values]
        return "".join(parts) if all(p is not None for p in parts) else None
    if isinstance(node, ast.Attribute):
        if node.attr == "parent":
            inner = again(node.value)
            return os.path.dirname(inner) if inner else None
        hit = project_constant(full(node, source) or "", source)
        if hit:
            return text_of(hit[0], hit[1], depth + 1)
        return option(node, source)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and const(index(node), int) is not None:
        inner = again(node.value.value)
        for _ in range(const(index(node), int) + 1):
            inner = os.path.dirname(inner) if inner else None
        return inner
    if isinstance(node, ast.Subscript) and full(node.value, source) == "sys.argv" and const(index(node), int):
        given = program_arguments()
        return given[const(index(node), int) - 1] if 0 < const(index(node), int) <= len(given) else None
    return None


def text_of_argument(function, name, source, depth):
    """The one text that all callers hand over for a parameter."""
    args = [a.arg for a in function.args.args] if not isinstance(function, ast.Lambda) else []
    if name not in args:
        return None
    texts = set()
    for owner, call in calls_of(function, source, [source] + callers(function.name, source)):
        place = args.index(name) - (1 if args[0] in ("self", "cls") else 0)
        given = [k.value for k in call.keywords if k.arg == name] or call.args[place:place + 1]
        texts.add(text_of(given[0], owner, depth + 1) if given and place >= 0 else None)
    return texts.pop() if len(texts) == 1 else None


def program_arguments():
    """The words that the user gave the program."""
    words = list(P.argv[1:])
    while words and words[0].startswith("-") and words[0] not in ("-m", "-c"):
        words.pop(0)
    if words[:1] == ["-m"]:
        words.pop(0)
    return words[1:]


def option(node, source):
    """`args.file`: what the command line gives for it, or the default that argparse is told."""
    owners = [source] + callers_of_parsers(source)
    for owner in owners:
        for call in ast.walk(owner.tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument"):
                continue
            names = [const(a) for a in call.args if const(a)]
            dest = next((const(k.value) for k in call.keywords if k.arg == "dest"), None)
            names_it = dest == node.attr or not dest and any(n.lstrip("-").replace("-", "_") == node.attr for n in names)
            if not names_it:
                continue
            given = program_arguments()
            if names and not names[0].startswith("-"):
                files = [g for g in given if not g.startswith("-") and where(g)]
                return files[0] if len(files) == 1 else None
            for n in names:
                if n in given[:-1]:
                    return given[given.index(n) + 1]
                for g in given:
                    if g.startswith(n + "="):
                        return g[len(n) + 1:]
            return next((text_of(k.value, owner) for k in call.keywords if k.arg == "default"), None)
    return None


def callers_of_parsers(source):
    """Other files of the project that read a command line."""
    found = []
    for path in project_files():
        if os.path.abspath(path) != os.path.abspath(source.path):
            try:
                if "add_argument(" in read_text(path):
                    found.append(Source(path))
            except (SyntaxError, ValueError, OSError):
                pass
    return found[:5]


def project_constant(name, source):
    """(value node, source) of a dotted name that a module of the project assigns once."""
    module, _, last = name.rpartition(".")
    path = module_file(module, source) if module else None
    if not path:
        return None
    try:
        other = Source(path)
    except (SyntaxError, ValueError, OSError):
        return None
    found = other.binds(last, other.tree)
    return (found[0][1], other) if len(found) == 1 and found[0][0] == "value" else None


def call_value(node, source, depth):
    name = full(node.func, source)
    again = lambda n: value_of(n, source, depth + 1)
    if name in ("str", "input", "repr", "format", "os.getenv"):
        return Kind("str", node)
    if name in ("int", "len", "float", "bool", "bytes", "bytearray"):
        return Kind("int" if name == "len" else name, node)
    if name == "dict":
        if node.args or any(k.arg is None for k in node.keywords):
            return None if node.args or node.keywords else Dict([], "dict()", node=node)
        return Dict([k.arg for k in node.keywords], "the call in line %d" % node.lineno, {k.arg: (lambda n=k.value: again(n)) for k in node.keywords}, node=node)
    if name in ("list", "tuple", "sorted", "reversed", "iter", "set") and node.args:
        inner = again(node.args[0])
        return Many(element(inner, source, depth), node) if inner is not None else Kind(name)
    if name in ("open", "io.open"):
        path = open_path(node, source)
        return File(path[0] and where(path[0]), node, path[1]) if path else None
    if name == "csv.DictReader" and node.args:
        opened = open_path(node.args[0], source)
        path = opened and opened[0] and where(opened[0])
        if any(k.arg == "fieldnames" for k in node.keywords) or len(node.args) > 1 or not path:
            return None
        delimiter = next((const(k.value) for k in node.keywords if k.arg == "delimiter"), ",") or ","
        row = Dict(header(path, delimiter), os.path.relpath(path), node=node)
        row.csv, row.opened, row.delimiter = path, opened[2], delimiter
        return Many(row, node)
    if name == "json.load" and node.args:
        opened = open_path(node.args[0], source)
        path = opened and opened[0] and where(opened[0])
        return wrap(json.loads(read_text(path)), os.path.relpath(path)) if path else None
    if name in ("yaml.safe_load", "tomllib.load", "tomli.load", "yaml.load") and node.args:
        opened = open_path(node.args[0], source)
        path = opened and opened[0] and where(opened[0])
        return wrap(parse_data(path, name), os.path.relpath(path)) if path else None
    if name == "json.loads" and node.args:
        inner = node.args[0]
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            if inner.func.attr == "read_text":
                path = text_of(inner.func.value, source)
                path = path and where(path)
                return wrap(json.loads(read_text(path)), os.path.relpath(path)) if path else None
            if inner.func.attr == "read":
                opened = open_path(inner.func.value, source)
                path = opened and opened[0] and where(opened[0])
                return wrap(json.loads(read_text(path)), os.path.relpath(path)) if path else None
        if const(inner) is not None:
            return wrap(json.loads(const(inner)), "the text in line %d" % inner.lineno)
        return None
    if name in ("pandas.read_csv", "pandas.read_table") and node.args:
        path = text_of(node.args[0], source)
        path = path and where(path)
        if not path or any(k.arg in ("names", "header") for k in node.keywords):
            return None
        sep = next((const(k.value) for k in node.keywords if k.arg in ("sep", "delimiter")), None) or ("\t" if name.endswith("table") else ",")
        return Frame(header(path, sep), os.path.relpath(path), node=node) if len(sep) == 1 else None
    if name == "pandas.DataFrame" and node.args:
        inner = again(node.args[0])
        if isinstance(inner, Dict):
            return Frame(inner.keys, inner.of, node=node)
        if isinstance(inner, Many) and isinstance(inner.of, Dict):
            return Frame(inner.of.keys, inner.of.of, node=node)
        return None
    if isinstance(node.func, ast.Name):
        found, _ = source.resolve(node.func.id, node)
        if len(found) == 1 and found[0][0] == "def":
            target = found[0][1]
            if isinstance(target, ast.ClassDef):
                return Obj(target, source)
            if isinstance(target, ast.AsyncFunctionDef):
                return Kind("coroutine", node)
            return result_of(target, source, depth)
    if isinstance(node.func, ast.Name) or isinstance(node.func, ast.Attribute):
        hit = project_name(name, source) if name else None
        if hit and isinstance(hit[0], ast.ClassDef):
            return Obj(hit[0], hit[1])
        if hit and isinstance(hit[0], FUNCTIONS):
            return result_of(hit[0], hit[1], depth)
    if isinstance(node.func, ast.Attribute):
        base = again(node.func.value)
        if isinstance(base, Obj):
            for item in base.klass.body:
                if isinstance(item, FUNCTIONS) and item.name == node.func.attr:
                    return result_of(item, base.source, depth)
        if node.func.attr in ("read", "strip", "lower", "upper", "replace", "join", "format", "rstrip", "lstrip", "readline") and not isinstance(base, (Dict, Many)):
            return Kind("str", node)
        if node.func.attr in ("split", "splitlines", "readlines") :
            return Many(Kind("str"), node)
        if node.func.attr == "copy":
            return base
    return None


def result_of(function, source, depth):
    """What a function of the project gives back, or yields one after another."""
    own = list(source.own(function))
    yields = [n for n in own if isinstance(n, (ast.Yield, ast.YieldFrom))]
    if yields:
        if len(yields) != 1 or yields[0].value is None:
            return None
        inner = value_of(yields[0].value, source, depth + 1)
        return Many(element(inner, source, depth) if isinstance(yields[0], ast.YieldFrom) else inner)
    returns = [n.value for n in own if isinstance(n, ast.Return) and n.value is not None]
    return value_of(returns[0], source, depth + 1) if len(returns) == 1 else None


def collected(name, scope, source, depth):
    """What a list that starts empty is filled with."""
    given = [n.args[0] for n in source.own(scope) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "append" and dotted(n.func.value) == name and len(n.args) == 1]
    return value_of(given[0], source, depth + 1) if len(given) == 1 else None


def parse_data(path, name):
    """What a YAML or TOML file holds, where this interpreter can read it."""
    try:
        if name.startswith("yaml"):
            import yaml
            return yaml.safe_load(read_text(path))
        import tomllib
        return tomllib.loads(read_text(path))
    except Exception:
        return None


def module_file(name, source):
    """File of a module of the project."""
    parts = name.split(".")
    for root in {os.path.dirname(os.path.abspath(source.path)), os.getcwd(), os.path.join(os.getcwd(), "src")}:
        for tail in (os.path.join(*parts) + ".py", os.path.join(*parts, "__init__.py")):
            path = os.path.join(root, tail)
            if os.path.isfile(path):
                return path
    return None


def project_name(name, source):
    """(node, source) of a dotted name that a module of the project defines."""
    module, _, last = name.rpartition(".")
    if not module:
        return None
    path = module_file(module, source)
    if not path:
        return None
    try:
        other = Source(path)
    except (SyntaxError, ValueError, OSError):
        return None
    for node in other.tree.body:
        if isinstance(node, FUNCTIONS + (ast.ClassDef,)) and node.name == last:
            return node, other
    return None


def defined(source):
    """Names that a module defines at its top level."""
    names = set()
    for node in ast.walk(source.tree):
        if isinstance(node, FUNCTIONS + (ast.ClassDef,)) and isinstance(source.parent.get(node), (ast.Module, ast.If, ast.Try)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and source.scope(node) is source.tree and source.klass(node) is None:
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and source.scope(node) is source.tree:
            names |= {a.asname or a.name.split(".")[0] for a in node.names}
    return names


def attributes(klass, source, seen=()):
    """(names, complete) of the attributes of a class of the project."""
    names, complete = set(), True
    for node in ast.walk(klass):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and dotted(node.value) in ("self", "cls"):
            names.add(node.attr)
    for node in klass.body:
        if isinstance(node, FUNCTIONS + (ast.ClassDef,)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            if any(isinstance(t, ast.Name) and t.id == "__slots__" for t in node.targets):
                names |= {const(e) for e in getattr(node.value, "elts", []) if const(e)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    for base in klass.bases:
        name = dotted(base)
        if name in ("object", "ABC", "abc.ABC"):
            continue
        found = [n for n in source.tree.body if isinstance(n, ast.ClassDef) and n.name == name]
        if found and found[0] not in seen:
            more, whole = attributes(found[0], source, seen + (klass,))
            names |= more
            complete = complete and whole
        else:
            complete = False
    return names, complete


def find_class(name, source):
    """(class, source) by name, in the failing file or a module of the project."""
    found = [n for n in ast.walk(source.tree) if isinstance(n, ast.ClassDef) and n.name == name]
    if len(found) == 1:
        return found[0], source
    hits = []
    for path in project_files():
        if os.path.abspath(path) == os.path.abspath(source.path):
            continue
        try:
            other = Source(path)
        except (SyntaxError, ValueError, OSError):
            continue
        hits += [(n, other) for n in ast.walk(other.tree) if isinstance(n, ast.ClassDef) and n.name == name]
    return hits[0] if not found and len(hits) == 1 else None


def project_files():
    """Python files of the project, a bounded number."""
    out = []
    skip = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist", "self_healing_logs"}
    for root, folders, files in os.walk(os.getcwd()):
        folders[:] = sorted(f for f in folders if f not in skip and not f.startswith(".") and not os.path.exists(os.path.join(root, f, "pyvenv.cfg")))
        if root.count(os.sep) - os.getcwd().count(os.sep) > 6:
            folders[:] = []
        out += [os.path.join(root, f) for f in sorted(files) if f.endswith(".py")]
        if len(out) > 400:
            break
    return out[:400]


def count_word(word):
    """How often a word stands in the project's Python files."""
    total = 0
    for path in project_files():
        try:
            total += len(re.findall(r"(?<![\w])" + re.escape(word) + r"(?![\w])", read_text(path)))
        except OSError:
            pass
    return total


def quoted(node_text, new):
    """A string literal with another content, in the same quotes."""
    match = re.match(r"^([rRuUbBfF]*)('''|\"\"\"|'|\")(.*)\2$", node_text, re.S)
    if not match or match.group(2) in new or "\\" in new:
        return None
    return match.group(1) + match.group(2) + new + match.group(2)


def import_line(statement, source):
    """Where a new import goes: (line, op) beside the imports that are there."""
    last = None
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            last = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            return ("after", node.lineno - 1, "") if False else ("before", node.lineno, source.lines[node.lineno - 1].strip())
    if last is not None:
        return "after", last.lineno, source.lines[last.lineno - 1].strip()
    for node in source.tree.body:
        if isinstance(node, ast.Expr) and const(node.value) is not None and node is source.tree.body[0]:
            if node.end_lineno:
                return "after", node.end_lineno, source.lines[node.end_lineno - 1].strip()
        start = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
        return "before", start, source.lines[start - 1].strip()
    return None


def add_import(verdict, because, statement, source):
    """Adds an import statement, or extends one of the same module."""
    wanted = re.match(r"from ([\w.]+) import (\w+)$", statement)
    if wanted:
        for node in source.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == wanted.group(1) and not node.level and node.lineno == node.end_lineno:
                line = source.lines[node.lineno - 1]
                if "(" not in line and "#" not in line and ";" not in line and "\\" not in line and "*" not in line:
                    say(verdict, because, "replace", node.lineno, line.strip(), line.rstrip().strip() + ", " + wanted.group(2))
    place = import_line(statement, source)
    if place:
        say(verdict, because, place[0], place[1], place[2], statement)


# ---------------------------------------------------------------- the findings

def swap(verdict, because, source, *changes):
    """A finding that replaces nodes of one line."""
    edit = source.swap(*changes)
    if edit and edit[1] != edit[2]:
        say(verdict, because, "replace", *edit, file=P.shown if source is P.source else os.path.relpath(source.path))


def ranges(verdict, because, source, changes):
    """A finding that replaces nodes wherever they stand."""
    edits = []
    for node, text in changes:
        span, old = source.span(node), source.seg(node)
        if not span or old is None or "\n" in text:
            return
        edits.append({"file": P.shown if source is P.source else os.path.relpath(source.path), "line": span[0], "column": span[1] + 1, "end_line": span[0], "end_column": span[2] + 1, "old": old, "new": text})
    if edits:
        P.edits = edits
        say(verdict, because, "ranges")


def only(nodes):
    return nodes[0] if len(nodes) == 1 else None


def wrap_node(node, source, before, after):
    text = source.seg(node)
    return (node, before + text + after) if text else (node, "")


def encoding(source, call, name, verdict, because):
    """Sets the encoding of an open() call (or read_csv, read_text)."""
    for k in call.keywords:
        if k.arg == "encoding":
            if const(k.value) is not None:
                swap(verdict, because, source, (k.value, '"%s"' % name))
            return
    last = (call.keywords[-1].value if call.keywords else call.args[-1] if call.args else None)
    if last is None:
        text = source.seg(call)
        if text and text.endswith("()"):
            swap(verdict, because, source, (call, text[:-1] + 'encoding="%s")' % name))
        return
    text = source.seg(last)
    if text is not None and len(call.args) <= 3:
        swap(verdict, because, source, (last, text + ', encoding="%s"' % name))


MOVED = {"inspect.getargspec", "asyncio.coroutine", "time.clock", "collections.Mapping", "string.letters", "string.lowercase", "string.uppercase", "inspect.formatargspec", "os.getcwdu", "sys.maxint", "base64.encodestring", "base64.decodestring"}


SHOWN = {"print", "pprint", "log", "debug", "info", "warning", "warn", "error", "critical", "exception", "echo", "write", "format", "repr", "notice", "trace", "secho"}


def use_of(source, node):
    """How a value is used: items (as several), key (by a text key), number, called, tested, shown, stored, other."""
    up = source.parent.get(node)
    while isinstance(up, (ast.Await, ast.Starred)) or up.__class__.__name__ == "Index":
        node, up = up, source.parent.get(up)
    if isinstance(up, (ast.For, ast.AsyncFor, ast.comprehension)) and up.iter is node:
        return "items"
    if isinstance(up, ast.Subscript) and up.value is node:
        return "key" if const(index(up)) is not None else "items"
    if isinstance(up, ast.Compare) and node in up.comparators and isinstance(up.ops[up.comparators.index(node)], (ast.In, ast.NotIn)):
        return "items"
    if isinstance(up, ast.Attribute) and up.attr in MUTATORS | {"items", "keys", "values", "get", "index", "count"}:
        return "items"
    if isinstance(up, ast.Call):
        if up.func is node:
            return "called"
        name = dotted(up.func) or (up.func.attr if isinstance(up.func, ast.Attribute) else "")
        last = name.rpartition(".")[2]
        if last in ("len", "sum", "sorted", "min", "max", "list", "tuple", "set", "enumerate", "zip", "any", "all", "map", "filter", "extend", "join", "reversed", "iter", "Counter", "mean", "median"):
            return "items"
        if last in ("int", "float", "Decimal", "round", "abs"):
            return "number"
        return "shown" if last in SHOWN else "given"
    if isinstance(up, ast.keyword):
        return "given"
    if isinstance(up, (ast.If, ast.While, ast.IfExp, ast.Assert)) and up.test is node or isinstance(up, (ast.BoolOp, ast.Compare)) or isinstance(up, ast.UnaryOp) and isinstance(up.op, ast.Not) or isinstance(up, ast.comprehension) and node in up.ifs:
        return "tested"
    if isinstance(up, (ast.FormattedValue, ast.JoinedStr)) or isinstance(up, ast.BinOp) and isinstance(up.op, ast.Mod) and const(up.left) is not None:
        return "shown"
    if isinstance(up, (ast.Assign, ast.AnnAssign, ast.Return)):
        return "stored"
    if isinstance(up, ast.BinOp):
        return "number"
    return "other"


def shown_or_tested(source, node):
    """Is the value only written for a reader, or only asked whether it is there?"""
    inside = node
    for up in source.chain(node):
        if isinstance(up, ast.JoinedStr):
            return True
        if isinstance(up, ast.Call) and inside is not up.func:
            last = (dotted(up.func) or getattr(up.func, "attr", "") or "").rpartition(".")[2]
            if last in SHOWN:
                return True
        if isinstance(up, (ast.If, ast.While, ast.IfExp, ast.Assert)) and up.test is inside:
            return True
        if isinstance(up, ast.stmt):
            return False
        inside = up
    return False


def fits_use(source, node, value):
    """Does the use of the place prove that the value of another number (item, items) is meant?"""
    use = use_of(source, node)
    if use == "items":
        return isinstance(value, (Many, Dict))
    if use == "key":
        return isinstance(value, Dict)
    return use == "number" and isinstance(value, Kind) and value.name in ("int", "float")


DATA_FILES = (".json", ".csv", ".tsv", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".env", ".xml", ".sql", ".html", ".jinja2", ".txt")


def in_data(word):
    """Does a data file of the project have this very word? Then it is a name, and no slip."""
    pattern = re.compile(r"(?<!\w)" + re.escape(word) + r"(?!\w)")
    seen = 0
    skip = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist", "self_healing_logs"}
    for root, folders, files in os.walk(os.getcwd()):
        folders[:] = sorted(f for f in folders if f not in skip and not f.startswith("."))
        if root.count(os.sep) - os.getcwd().count(os.sep) > 4:
            folders[:] = []
        for name in sorted(files):
            if name.lower().endswith(DATA_FILES):
                seen += 1
                if seen > 60:
                    return False
                try:
                    with open(os.path.join(root, name), "rb") as handle:
                        if pattern.search(handle.read(200_000).decode("utf-8", "replace")):
                            return True
                except OSError:
                    pass
    return False


def is_builtin(name):
    return name in (dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def mode_of_file(source, line, wanted):
    """The file was opened in the wrong mode for what is done with it."""
    names = [n for n in source.at(line, ast.Name)]
    spots = []
    for node in names + source.at(line, ast.Call):
        opened = open_path(node, source)
        if opened and opened[2] not in [s[1] for s in spots]:
            spots.append((opened[1], opened[2]))
    if isinstance(only(spots), tuple) is False:
        if not spots:
            for loop in ast.walk(source.tree):
                pass
        return
    mode, call = spots[0]
    node = next((k.value for k in call.keywords if k.arg == "mode"), None) or (call.args[1] if len(call.args) > 1 else None)
    if isinstance(call.func, ast.Attribute) and dotted(call.func) not in ("io.open", "codecs.open"):
        node = call.args[0] if call.args else node
    new = mode.replace("b", "").replace("t", "") + ("b" if wanted == "b" else "")
    if new == mode or any(k.arg in ("encoding", "newline", "errors") for k in call.keywords) and wanted == "b":
        return
    because = "the file is used for %s" % ("bytes" if wanted == "b" else "text")
    if node is not None and const(node) is not None:
        swap("file-mode", because, source, (node, quoted(source.seg(node), new)))
    elif node is None and call.args and wanted == "b" and source.seg(call.args[0]):
        swap("file-mode", because, source, (call.args[0], source.seg(call.args[0]) + ', "%s"' % new))


class P:
    """State of this run."""
    out = []
    source = None
    shown = ""
    reexec = False
    edits = []
    argv = []
    frames = []
    classes = {}
