

# ---- TypeError and changes during iteration: the one conversion that the program evidently means.

def type_error(source, line, message):
    """TypeError and its many faces."""
    found = re.match(r"'NoneType' object is not (subscriptable|iterable|callable)|'NoneType' object has no attribute '__getitem__'|object of type 'NoneType' has no len|unsupported operand type\(s\) for [^|:]+: .*NoneType|argument of type 'NoneType' is not|cannot unpack non-iterable NoneType|'NoneType' object does not support item", message)
    if found:
        seen = set()
        for node in source.at(line, (ast.Subscript, ast.For, ast.Call, ast.BinOp, ast.Compare, ast.Assign)):
            targets = [node.value] if isinstance(node, ast.Subscript) else [node.iter] if isinstance(node, ast.For) else [node.left, node.right] if isinstance(node, ast.BinOp) else [node.left] + node.comparators if isinstance(node, ast.Compare) else [node.value] if isinstance(node, ast.Assign) else ([node.func] + node.args)
            for target in targets:
                if isinstance(target, (ast.Name, ast.Call)) and id(target) not in seen:
                    seen.add(id(target))
                    none_cause(source, target, "", node)
        return
    if re.match(r"can only concatenate str \(not \"(int|float|bool|datetime\.\w+|Decimal|decimal\.Decimal|PosixPath)\"\) to str|must be str, not (int|float)|cannot concatenate 'str' and '(int|float)' objects|unsupported operand type\(s\) for \+: '(int|float)' and 'str'|Can't convert '(int|float)' object to str", message):
        text_plus_number(source, line, message)
    if re.match(r"unsupported operand type\(s\) for (\+=|-=|\*|-|/|\+): '(int|float|str)' and '(str|int|float)'", message):
        number_from_text(source, line, message)
    found = re.match(r"'(<|>|<=|>=)' not supported between instances of '(str|int|float)' and '(str|int|float)'", message)
    if found:
        compare_text(source, line, found.group(2), found.group(3))
    if re.match(r"sequence item \d+: expected (str instance|string), (int|float|bool|NoneType|Path|PosixPath) found", message) and "NoneType" not in message:
        call = only([n for n in source.at(line, ast.Call) if isinstance(n.func, ast.Attribute) and n.func.attr == "join" and len(n.args) == 1 and (const(n.func.value) is not None or isinstance(n.func.value, ast.Name))])
        if call is not None:
            swap("join-text", "`join` takes text; the elements are %s" % message.split(", ")[1].split(" ")[0], source, (call.args[0], "map(str, %s)" % source.seg(call.args[0])))
    if re.match(r"(Strings|Unicode-objects) must be encoded before hashing", message):
        encode_argument(source, line, ("hashlib", "hmac"), "hash")
    if message.startswith("a bytes-like object is required, not 'str'"):
        bytes_wanted(source, line)
    if message.startswith("write() argument must be str, not bytes"):
        mode_of_file(source, line, "b")
    if message.startswith("File must be opened in binary mode"):
        mode_of_file(source, line, "b")
    if "iterator should return strings, not bytes" in message:
        mode_of_file(source, line, "t")
    if re.match(r"(list|tuple|string|str|bytes) indices must be integers( or slices)?, not '?float", message) or message.startswith(("'float' object cannot be interpreted as an integer", "slice indices must be integers")):
        true_division(source, line)
    found = re.match(r"'(dict_keys|dict_values|dict_items|map|filter|zip|range|generator|reversed)' object (is not subscriptable|does not support indexing)|object of type '(map|filter|zip|generator)' has no len", message)
    if found:
        view_index(source, line, found.group(1) or found.group(3))
    if re.match(r"'(builtin_function_or_method|method|function)' object is not (iterable|subscriptable)", message):
        not_called(source, line)
    if re.match(r"'(list|tuple|dict|set)' object is not callable", message):
        called_container(source, line)
    if message.startswith("'module' object is not callable"):
        module_called(source, line)
    if message.startswith("'int' object is not iterable"):
        range_missing(source, line)
    if message.startswith(("'type' object is not subscriptable", "unsupported operand type(s) for |: 'type' and", "unsupported operand type(s) for |: '_GenericAlias'", "'ABCMeta' object is not subscriptable")):
        future_annotations(source, line)
    if message.startswith("unsupported operand type(s) for |: 'dict' and 'dict'"):
        node = only([n for n in source.at(line, ast.BinOp) if isinstance(n.op, ast.BitOr)])
        if node is not None and source.seg(node.left) and source.seg(node.right):
            swap("dict-union", "this Python has no `|` for dicts", source, (node, "{**%s, **%s}" % (source.seg(node.left), source.seg(node.right))))
    if re.match(r"unhashable type: 'list'", message):
        for node in source.at(line, ast.Subscript):
            if isinstance(index(node), ast.List) and source.seg(index(node)):
                text = source.seg(index(node))[1:-1]
                swap("list-as-key", "a key cannot be a list; a tuple holds the same", source, (index(node), "(%s%s)" % (text, "," if len(index(node).elts) == 1 else "")))
    if message.startswith("'coroutine' object"):
        for node in source.at(line, (ast.Subscript, ast.For)):
            awaitable(source, node.value if isinstance(node, ast.Subscript) else node.iter)
    if message.startswith(("unsupported operand type(s) for *: 'decimal.Decimal' and 'float'", "unsupported operand type(s) for *: 'float' and 'decimal.Decimal'", "unsupported operand type(s) for +: 'decimal.Decimal' and 'float'", "unsupported operand type(s) for -: 'decimal.Decimal' and 'float'", "unsupported operand type(s) for /: 'decimal.Decimal' and 'float'")):
        node = only([n for n in source.at(line, ast.BinOp) if const(n.left, float) is not None or const(n.right, float) is not None])
        if node is not None:
            side = node.left if const(node.left, float) is not None else node.right
            swap("decimal-literal", "the other side is a Decimal", source, (side, 'Decimal("%s")' % source.seg(side)))
    if message.startswith("can't concat str to bytes") or re.match(r"can only concatenate str \(not \"bytes\"\) to str", message):
        bytes_plus_text(source, line)


def text_plus_number(source, line, message):
    nodes = [n for n in source.at(line, ast.BinOp) if isinstance(n.op, ast.Add)]
    top = [n for n in nodes if not (isinstance(source.parent.get(n), ast.BinOp) and isinstance(source.parent[n].op, ast.Add))]
    chain = only(top)
    if chain is None:
        return
    parts, todo = [], [chain]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            todo += [node.right, node.left]
        else:
            parts.append(node)
    literals = [p for p in parts if const(p) is not None or isinstance(p, ast.JoinedStr)]
    if not literals or all((const(p) or "x").strip().lstrip("-").replace(".", "", 1).isdigit() for p in literals):
        return
    bad = []
    for part in parts:
        known = value_of(part, source)
        name = known.name if isinstance(known, Kind) else None
        if part in literals or name == "str":
            continue
        if name in ("int", "float", "bool") or const(part, (int, float)) is not None:
            bad.append(part)
        elif name is None and not isinstance(known, (Many, Dict)):
            bad.append(part)
    # Unknown parts are only touched where they are the sole suspect; str() of text is harmless.
    certain = [p for p in bad if isinstance(value_of(p, source), Kind)]
    chosen = certain or bad
    if len(chosen) >= 1 and (certain or len(bad) == 1):
        changes = []
        for part in chosen:
            text = source.seg(part)
            if not text:
                return
            changes.append((part, "str(%s)" % (text[1:-1] if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text)))
        swap("number-in-text", "a number is joined to the text %s" % source.seg(literals[0]), source, *changes)


def number_from_text(source, line, message):
    """`total += row["amount"]` where total is a number and the row is text."""
    statement = only([n for n in source.at(line, ast.AugAssign)])
    if statement is None:
        return
    base, extra = value_of(statement.target, source), statement.value
    start = only([n for how, n in source.resolve(statement.target.id, statement)[0] if how == "value"]) if isinstance(statement.target, ast.Name) else None
    kind = None
    if start is not None and isinstance(start, ast.Constant) and isinstance(start.value, (int, float)):
        kind = "float" if isinstance(start.value, float) else "int"
    if kind is None or not isinstance(extra, ast.Subscript):
        return
    row = value_of(extra.value, source)
    column = const(index(extra))
    if not getattr(row, "csv", None) or column not in row.keys:
        return
    import csv
    values = [(r.get(column) or "").strip() for r in csv.DictReader(io.StringIO(read_text(row.csv)), delimiter=row.delimiter)]
    if any(re.match(r"^0\d", v) for v in values) or re.search(r"(?i)(^|_)(id|code|zip|phone|postcode|plz|number|no|nr|sku|ean|isbn)$", column):
        return  # a name made of digits, not an amount
    if all(re.match(r"^[-+]?\d+$", v) for v in values):
        kind = kind if kind == "float" else "int"
    elif all(re.match(r"^[-+]?\d+(\.\d+)?$", v) for v in values):
        kind = "float"
    else:
        return
    swap("text-in-number", "every %r of %s is a number, and `%s` starts as one" % (column, row.of, source.seg(statement.target)), source, (extra, "%s(%s)" % (kind, source.seg(extra))))


def compare_text(source, line, left, right):
    """A number is compared with what a person typed."""
    node = only([n for n in source.at(line, ast.Compare) if len(n.ops) == 1])
    if node is None:
        return
    sides = [(node.left, left, node.comparators[0], right), (node.comparators[0], right, node.left, left)]
    for text, kind, number, other in sides:
        if kind != "str" or other == "str":
            continue
        origin = text
        if isinstance(text, ast.Name):
            found, _ = source.resolve(text.id, text)
            values = [n for how, n in found if how == "value"]
            if len(values) != 1 or len(found) != 1:
                return
            origin = values[0]
        name = full(origin.func, source) if isinstance(origin, ast.Call) else None
        argv = isinstance(origin, ast.Subscript) and full(origin.value, source) in ("sys.argv", "os.environ")
        wanted = "float" if other == "float" else "int"
        uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and isinstance(text, ast.Name) and n.id == text.id and isinstance(n.ctx, ast.Load)]
        if (name in ("input", "os.getenv", "os.environ.get") or argv) and source.seg(origin):
            if name in ("os.getenv", "os.environ.get") and len(origin.args) < 2:
                return
            swap("typed-text", "what is typed or passed is text; it is compared with a number", source, (origin, "%s(%s)" % (wanted, source.seg(origin))))


def encode_argument(source, line, modules, what):
    calls = [n for n in source.at(line, ast.Call) if (full(n.func, source) or "").split(".")[0] in modules and n.args]
    call = only(calls)
    if call is None:
        calls = [n for n in source.at(line, ast.Call) if isinstance(n.func, ast.Attribute) and n.func.attr == "update" and len(n.args) == 1]
        call = only(calls)
    if call is not None:
        bad = [a for a in call.args if not (isinstance(a, ast.Constant) and isinstance(a.value, bytes)) and not (isinstance(a, ast.Call) and isinstance(a.func, ast.Attribute) and a.func.attr == "encode")]
        arg = bad[0] if bad else None
        if arg is not None and source.seg(arg) and len(call.args) == 1:
            text = source.seg(arg)
            text = text if isinstance(arg, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.JoinedStr)) else "(" + text + ")"
            swap("encode", "a %s is computed over bytes; text becomes bytes by encoding it" % what, source, (arg, text + ".encode()"))


def bytes_wanted(source, line):
    calls = source.at(line, ast.Call)
    for call in calls:
        name = full(call.func, source) or ""
        if name.split(".")[0] in ("base64", "zlib", "gzip", "binascii") and len(call.args) >= 1 and value_of(call.args[0], source) is None or name.split(".")[0] in ("base64", "zlib", "binascii") and isinstance(value_of(call.args[0], source), Kind) and value_of(call.args[0], source).name == "str":
            text = source.seg(call.args[0])
            if text and isinstance(call.args[0], (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.JoinedStr)):
                swap("encode", "%s takes bytes; text becomes bytes by encoding it" % name, source, (call.args[0], text + ".encode()"))
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("split", "replace", "startswith", "endswith", "strip", "splitlines", "count", "find"):
            output_text(source, call.func.value)
    for node in source.at(line, ast.Compare):
        if isinstance(node.ops[0], ast.In):
            output_text(source, node.comparators[0])
    mode_of_file(source, line, "t")
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("send", "sendall", "sendto") and call.args and source.seg(call.args[0]):
            known = value_of(call.args[0], source)
            if isinstance(known, Kind) and known.name == "str":
                swap("encode", "a socket takes bytes", source, (call.args[0], ("%s.encode()" if isinstance(call.args[0], (ast.Name, ast.Constant, ast.JoinedStr, ast.Call)) else "(%s).encode()") % source.seg(call.args[0])))


def output_text(source, node):
    """The output of subprocess is used as text."""
    target = node
    if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr"):
        target = node.value
    if isinstance(target, ast.Name):
        found, _ = source.resolve(target.id, target)
        values = [n for how, n in found if how == "value"]
        if len(values) != 1 or len(found) != 1:
            return
        target = values[0]
    if isinstance(target, ast.Call) and full(target.func, source) in ("subprocess.check_output", "subprocess.run", "subprocess.Popen") and target.args:
        if any(k.arg in ("text", "encoding", "universal_newlines") for k in target.keywords):
            return
        last = target.keywords[-1].value if target.keywords else target.args[-1]
        text = source.seg(last)
        if text:
            swap("output-as-text", "the output of the command is used as text", source, (last, text + ", text=True"))


def bytes_plus_text(source, line):
    node = only([n for n in source.at(line, ast.BinOp) if isinstance(n.op, ast.Add)])
    if node is None:
        return
    for side in (node.left, node.right):
        other = node.right if side is node.left else node.left
        if isinstance(side, ast.Constant) and isinstance(side.value, bytes) and isinstance(other, ast.Constant) and isinstance(other.value, str):
            return
        if isinstance(other, ast.Constant) and isinstance(other.value, str):
            output_text(source, side)


def true_division(source, line):
    spots = []
    for node in source.at(line, (ast.Subscript, ast.Call)):
        inner = [index(node)] if isinstance(node, ast.Subscript) else node.args if dotted(node.func) in ("range", "randint", "random.randint", "chr", "random.randrange", "round_") else []
        for part in inner:
            for found in ast.walk(part):
                if isinstance(found, ast.BinOp) and isinstance(found.op, ast.Div) and found not in spots:
                    spots.append(found)
        for part in inner:
            if isinstance(part, ast.Name):
                bound, _ = source.resolve(part.id, part)
                values = [n for how, n in bound if how == "value"]
                if len(bound) == 1 and len(values) == 1 and isinstance(values[0], ast.BinOp) and isinstance(values[0].op, ast.Div):
                    spots.append(values[0])
            if isinstance(part, ast.Slice):
                for bound in (part.lower, part.upper):
                    if isinstance(bound, ast.Name):
                        found, _ = source.resolve(bound.id, bound)
                        values = [n for how, n in found if how == "value"]
                        if len(found) == 1 and len(values) == 1 and isinstance(values[0], ast.BinOp) and isinstance(values[0].op, ast.Div) and values[0] not in spots:
                            spots.append(values[0])
    node = only(spots)
    if node is not None and source.seg(node.left) and source.seg(node.right):
        swap("true-division", "`/` always gives a float; a position is a whole number", source, (node, "%s // %s" % (source.seg(node.left), source.seg(node.right))))


def view_index(source, line, kind):
    method = {"dict_keys": "keys", "dict_values": "values", "dict_items": "items"}.get(kind)
    for node in source.at(line, (ast.Subscript, ast.Call)):
        target = node.value if isinstance(node, ast.Subscript) else node.args[0] if dotted(node.func) == "len" and node.args else None
        if target is None:
            continue
        origin = target
        if isinstance(target, ast.Name):
            found, _ = source.resolve(target.id, target)
            values = [n for how, n in found if how == "value"]
            if len(found) != 1 or len(values) != 1:
                continue
            origin = values[0]
        fits = isinstance(origin, ast.Call) and (isinstance(origin.func, ast.Attribute) and origin.func.attr == method or dotted(origin.func) == kind)
        if kind == "generator":
            fits = isinstance(origin, ast.GeneratorExp)
        if fits and source.seg(origin):
            text = source.seg(origin)
            new = "[%s]" % text[1:-1] if kind == "generator" and text[:1] == "(" else "list(%s)" % text
            swap("view-as-list", "a %s is read once, in order; a list has positions and a length" % kind, source, (origin, new))


def not_called(source, line):
    known = ("items", "keys", "values", "read", "readlines", "split", "splitlines", "json", "copy", "iterrows", "itertuples", "read_text", "strip", "iterdir", "fetchall", "all")
    spots = []
    for node in source.at(line, (ast.For, ast.Subscript, ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.SetComp, ast.Call)):
        if isinstance(node, ast.For):
            target = [node.iter]
        elif isinstance(node, ast.Subscript):
            target = [node.value]
        elif isinstance(node, ast.Call):
            target = node.args if dotted(node.func) in ("list", "sorted", "len", "dict", "enumerate", "set", "sum", "max", "min") else []
        else:
            target = [g.iter for g in node.generators]
        spots += [t for t in target if isinstance(t, ast.Attribute) and t.attr in known and t not in spots]
    node = only(spots)
    if node is not None:
        swap("missing-call", "`%s` is a method that is not called" % node.attr, source, (node, source.seg(node) + "()"))


def called_container(source, line):
    spots = []
    for call in source.at(line, ast.Call):
        if isinstance(call.func, ast.Name) and len(call.args) == 1 and not call.keywords and not is_builtin(call.func.id):
            known = value_of(call.func, source)
            if isinstance(known, (Many, Dict)):
                spots.append(call)
    call = only(spots)
    if call is not None:
        swap("index-brackets", "`%s` is a container; its elements are reached with []" % call.func.id, source, (call, "%s[%s]" % (call.func.id, source.seg(call.args[0]))))


def module_called(source, line):
    for call in source.at(line, ast.Call):
        if isinstance(call.func, ast.Name):
            target = imported(source).get(call.func.id)
            if target == call.func.id:
                try:
                    module = importlib.import_module(target) if not module_file(target, source) and target in standard_modules() else None
                except ImportError:
                    module = None
                if module is not None and callable(getattr(module, target, None)):
                    swap("class-in-module", "the module %s holds a function of its own name" % target, source, (call.func, "%s.%s" % (target, target)))
                path = module_file(target, source)
                if path:
                    names = defined(Source(path))
                    same = [n for n in names if n.lower() == target.lower()]
                    if len(same) == 1:
                        swap("class-in-module", "%s defines `%s`" % (os.path.relpath(path), same[0]), source, (call.func, "%s.%s" % (target, same[0])))


def range_missing(source, line):
    for loop in source.at(line, ast.For):
        counted = isinstance(loop.iter, ast.Call) and dotted(loop.iter.func) == "len" or const(loop.iter, int) is not None
        if isinstance(loop.iter, ast.Name):
            found, _ = source.resolve(loop.iter.id, loop.iter)
            values = [n for how, n in found if how == "value"]
            counted = len(found) == 1 and len(values) == 1 and (const(values[0], int) is not None or isinstance(values[0], ast.Call) and dotted(values[0].func) in ("len", "int"))
        if counted and source.seg(loop.iter):
            swap("range", "a number is not a sequence; the loop counts to it", source, (loop.iter, "range(%s)" % source.seg(loop.iter)))


def future_annotations(source, line):
    if sys.version_info < (3, 7) and not P.reexec:
        return
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return
    inside = False
    for function in [n for n in ast.walk(source.tree) if isinstance(n, FUNCTIONS)]:
        marks = [a.annotation for a in function.args.args + function.args.kwonlyargs if a.annotation] + ([function.returns] if function.returns else [])
        inside = inside or any(m.lineno <= line <= m.end_lineno for m in marks)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign) and node.annotation.lineno <= line <= node.annotation.end_lineno:
            klass = source.klass(node)
            inside = inside or klass is None or not (klass.bases or klass.decorator_list)
    if not inside:
        return
    body = source.tree.body
    if const(getattr(body[0], "value", None)) is not None and isinstance(body[0], ast.Expr):
        say("new-annotations", "this Python evaluates annotations and does not know this form; with the future import it keeps them as text", "after", body[0].end_lineno, source.lines[body[0].end_lineno - 1].strip(), "from __future__ import annotations")
    start = min([body[0].lineno] + [d.lineno for d in getattr(body[0], "decorator_list", [])])
    say("new-annotations", "this Python evaluates annotations and does not know this form; with the future import it keeps them as text", "before", start, source.lines[start - 1].strip(), "from __future__ import annotations")


def changed_during_iteration(source, line):
    """RuntimeError: … changed size during iteration."""
    loops = [n for n in ast.walk(source.tree) if isinstance(n, ast.For) and n.lineno == line] or [n for n in ast.walk(source.tree) if isinstance(n, ast.For) and n.lineno <= line <= n.end_lineno]
    loop = loops[0] if len(loops) == 1 else None
    if loop is None:
        return
    text = source.seg(loop.iter)
    name = dotted(loop.iter) or (dotted(loop.iter.func.value) if isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Attribute) and loop.iter.func.attr in ("keys", "items", "values") else None)
    if not text or not name:
        return
    changes = [n for n in ast.walk(loop) if (isinstance(n, ast.Subscript) and isinstance(n.ctx, (ast.Del, ast.Store)) and dotted(n.value) == name) or (isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and dotted(n.func.value) == name and n.func.attr in ("pop", "remove", "add", "discard", "update", "setdefault", "popitem", "append", "clear"))]
    grows = [n for n in changes if isinstance(n, ast.Call) and n.func.attr in ("add", "update", "append", "setdefault") or isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
    if changes:
        swap("changed-while-iterating", "line %d changes `%s` while the loop runs over it; the loop takes a copy" % (changes[0].lineno, name), source, (loop.iter, "list(%s)" % text))
