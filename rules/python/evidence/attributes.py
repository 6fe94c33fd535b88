

# ---- AttributeError: attributes of classes, modules and built-in types.

FOREIGN = {
    "list": {"push": "append", "add": "append", "push_back": "append", "addAll": "extend", "appendAll": "extend", "concat": "extend", "unshift": None, "delete": "remove"},
    "set": {"append": "add", "push": "add", "insert": "add", "delete": "discard"},
    "str": {"trim": "strip", "trimStart": "lstrip", "trimEnd": "rstrip", "toUpperCase": "upper", "toLowerCase": "lower", "toUpper": "upper", "toLower": "lower", "to_upper": "upper", "to_lower": "lower", "startsWith": "startswith", "endsWith": "endswith", "indexOf": "find", "replaceAll": "replace", "strip_tags": None, "has_suffix": "endswith"},
    "dict": {"iteritems": "items", "iterkeys": "keys", "itervalues": "values", "viewitems": "items", "viewkeys": "keys", "viewvalues": "values", "entries": "items"},
    "deque": {"push": "append", "add": "append", "enqueue": "append", "dequeue": "popleft"},
}


BUILTIN = {"str": str, "list": list, "dict": dict, "set": set, "tuple": tuple, "int": int, "float": float, "bytes": bytes}


def attribute_error(source, line, kind, attr, hint):
    """'X' object has no attribute 'y'."""
    nodes = [n for n in source.at(line, ast.Attribute) if n.attr == attr]
    if kind == "NoneType" and len(nodes) > 1:
        # What is known to be something is not the None.
        nodes = [n for n in nodes if not isinstance(value_of(n.value, source), (Dict, Many, Obj, Kind))]
    if not nodes:
        return
    node = nodes[0]
    if len(nodes) > 1 and len({source.seg(n.value) for n in nodes}) > 1:
        return
    parent = source.parent.get(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    base = source.seg(node.value)
    old = source.seg(node)
    if base is None or old is None:
        return

    def rename(verdict, because, new):
        swap(verdict, because, source, *[(n, source.seg(n.value) + "." + new) for n in nodes])

    if kind == "NoneType":
        none_cause(source, node.value, attr, node)
        return
    if kind == "coroutine":
        awaitable(source, node.value)
        return
    if kind in ("dict", "OrderedDict") and attr == "has_key" and call is not None and len(call.args) == 1:
        swap("py2-has-key", "Python 3 has no has_key", source, (call, "%s in %s" % (source.seg(call.args[0]), base)))
    if attr in FOREIGN.get(kind, {}) and FOREIGN[kind][attr] and call is not None:
        new = FOREIGN[kind][attr]
        rename("py2-method" if attr.startswith(("iter", "view")) else "other-language", "a Python %s calls it `%s`" % (kind, new), new)
    if kind in ("list", "str", "tuple", "set", "dict") and attr in ("length", "size", "count_items", "len"):
        target = call if call is not None and not call.args else node if call is None else None
        if target is not None:
            swap("other-language", "the length of a %s is len()" % kind, source, (target, "len(%s)" % base))
    if kind in ("list", "str", "tuple", "set", "dict", "dict_keys") and attr in ("contains", "includes", "has", "contains_key", "containsKey", "hasKey") and call is not None and len(call.args) == 1:
        outer = source.parent.get(call)
        text = "%s in %s" % (source.seg(call.args[0]), base)
        if isinstance(outer, ast.UnaryOp) and isinstance(outer.op, ast.Not):
            swap("other-language", "a Python %s is asked with `in`" % kind, source, (outer, "%s not in %s" % (source.seg(call.args[0]), base)))
        swap("other-language", "a Python %s is asked with `in`" % kind, source, (call, text if isinstance(outer, (ast.If, ast.While, ast.Assign, ast.Return)) else "(" + text + ")"))
    if attr in ("toString", "to_string") and call is not None and not call.args and kind in ("int", "float", "list", "dict", "bool"):
        swap("other-language", "the text of a %s is str()" % kind, source, (call, "str(%s)" % base))
    if kind == "str" and attr == "decode" and call is not None:
        swap("py2-decode", "a str of Python 3 is text already", source, (call, base))
    if kind == "bytes" and attr == "encode" and call is not None:
        swap("already-bytes", "the value is bytes already", source, (call, base))
    if kind in ("dict_keys", "dict_values", "dict_items") and attr in ("sort", "reverse", "append", "index", "pop", "remove") and isinstance(node.value, ast.Name):
        found, _ = source.resolve(node.value.id, node)
        values = [n for how, n in found if how == "value"]
        if len(values) == 1 and len(found) == 1 and isinstance(values[0], ast.Call):
            swap("view-as-list", "`%s` is used as a list" % node.value.id, source, (values[0], "list(%s)" % source.seg(values[0])))
    if kind in ("generator", "listiterator", "file", "TextIOWrapper", "_io.TextIOWrapper", "csv.reader", "_csv.reader", "zip", "map", "filter", "dict_keyiterator") and attr == "next" and call is not None and not call.args:
        swap("py2-next", "iterators of Python 3 are advanced with next()", source, (call, "next(%s)" % base))
    if kind in ("dict", "Namespace_"):
        known = value_of(node.value, source)
        if isinstance(known, Dict) and attr in known.keys and call is None:
            swap("key-as-attribute", "%s has the key %r" % (known.of, attr), source, (node, "%s[%s]" % (base, '"%s"' % attr)))
    if kind in ("builtin_function_or_method", "method", "function"):
        target = node.value
        if isinstance(target, ast.Attribute) and target.attr in ("items", "keys", "values", "read", "readline", "readlines", "split", "strip", "lower", "upper", "copy", "json", "splitlines", "title", "capitalize", "rstrip", "lstrip", "read_text"):
            swap("missing-call", "`%s` is a method that is not called" % target.attr, source, (target, source.seg(target) + "()"))
        if isinstance(target, ast.Name):
            found, _ = source.resolve(target.id, node)
            if len(found) == 1 and found[0][0] == "def" and isinstance(found[0][1], FUNCTIONS):
                args = found[0][1].args
                if not args.args and not args.kwonlyargs:
                    swap("missing-call", "`%s` is a function that is not called" % target.id, source, (target, target.id + "()"))
    names = None
    origin = ""
    if kind in BUILTIN:
        names, origin = [n for n in dir(BUILTIN[kind]) if not n.startswith("_")], "Python's own %s" % kind
    elif field_names(source, node, kind):
        names, origin = field_names(source, node, kind)
    else:
        found = find_class(kind.split(".")[-1], source) or installed_class(kind.split(".")[-1], source)
        if found:
            names, complete = attributes(found[0], found[1])
            origin = "class %s" % found[0].name
            if not complete and not hint:
                names = list(names)
    if names is not None:
        klass = None if kind in BUILTIN else find_class(kind.split(".")[-1], source) or installed_class(kind.split(".")[-1], source)

        def proven(other):
            if klass and any(isinstance(m, FUNCTIONS) and m.name == other for m in klass[0].body):
                return call is not None and count_word(other) == 1
            return fits_use(source, node, attribute_value(source, node, other))

        hit = near(attr, names, (lambda other: call is not None) if kind in BUILTIN else proven, kind in BUILTIN)
        if hit and not kind_fits(source, node, call, hit, klass, kind):
            hit = None
        if hint and hit and hint != hit:
            hit = hint if hint in names and distance(hint, attr) <= distance(hit, attr) else hit
        if hit and len(hit) == len(attr) <= 6 and sorted(hit) != sorted(attr):
            return  # clone and close, read and load: another word rather than a slip
        if hit:
            times = count_word(attr), count_word(hit)
            found = klass if klass and os.path.abspath(klass[1].path).startswith(os.getcwd() + os.sep) and "site-packages" not in klass[1].path else None
            if found and times[0] > times[1] and times[1] == 1 and hit not in [n.name for n in found[0].body if isinstance(n, FUNCTIONS)]:
                spots = [n for n in ast.walk(found[0]) if isinstance(n, ast.Attribute) and n.attr == hit]
                if len(spots) == 1:
                    swap("misspelt-definition", "`%s` is written once, `%s` is used %d times" % (hit, attr, times[0]), found[1], (spots[0], found[1].seg(spots[0].value) + "." + attr))
            rename("near-attribute", "%s has `%s`" % (origin, hit), hit)
    elif hint and near(attr, [hint]) == hint and not hint.startswith("_") and not (call is None and use_of(source, node) in ("tested", "shown")):
        rename("near-attribute", "the interpreter knows `%s`" % hint, hint)
    if kind == "Flask" or "." in kind:
        return


def field_names(source, node, kind):
    """(names, whose) of a value whose fields are listed where it is made: argparse, namedtuple, SimpleNamespace."""
    if kind == "Namespace":
        names = set()
        for owner in [source] + callers_of_parsers(source):
            for call in ast.walk(owner.tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("add_argument", "add_subparsers", "set_defaults"):
                    dest = next((const(k.value) for k in call.keywords if k.arg == "dest"), None)
                    flags = [const(a) for a in call.args if const(a)]
                    long = [f for f in flags if f.startswith("--")] or flags
                    names |= {k.arg for k in call.keywords} if call.func.attr == "set_defaults" else {dest or (long[0].lstrip("-").replace("-", "_") if long else None)}
        names -= {None}
        return (names, "the command line") if names else None
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and (full(call.func, source) or "") == "collections.namedtuple" and len(call.args) > 1 and const(call.args[0]) == kind:
            fields = call.args[1]
            listed = [const(e) for e in getattr(fields, "elts", [])] or re.split(r"[\s,]+", const(fields) or "")
            return ([n for n in listed if n] + ["_replace", "_asdict", "_fields"], "namedtuple %s" % kind)
    if kind.endswith("SimpleNamespace") and isinstance(node.value, ast.Name):
        values = [n for how, n in source.resolve(node.value.id, node)[0] if how == "value"]
        if len(values) == 1 and isinstance(values[0], ast.Call) and (full(values[0].func, source) or "").endswith("SimpleNamespace"):
            return ([k.arg for k in values[0].keywords if k.arg], "the namespace of line %d" % values[0].lineno)
    return None


def installed_class(name, source):
    """(class, source) in the installed packages that the file imports, by reading them."""
    if name in P.classes:
        return P.classes[name]
    P.classes[name] = None
    pattern = re.compile(r"(?m)^class %s\b" % re.escape(name))
    standard, seen, hits = standard_modules(), 0, []
    for package in sorted({v.partition(".")[0] for v in imported(source).values()}):
        if package in standard or module_file(package, source):
            continue
        try:
            spec = importlib.util.find_spec(package)
        except (ImportError, ValueError, AttributeError):
            continue
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            continue
        for root, folders, files in os.walk(os.path.dirname(spec.origin) if spec.submodule_search_locations else ""):
            folders[:] = sorted(f for f in folders if f not in ("tests", "test", "__pycache__", "locale"))
            for path in sorted(os.path.join(root, f) for f in files if f.endswith(".py")):
                seen += 1
                if seen > 400:
                    return None
                text = read_text(path)
                if pattern.search(text):
                    try:
                        other = Source(path)
                    except (SyntaxError, ValueError, OSError):
                        continue
                    hits += [(n, other) for n in other.tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    P.classes[name] = hits[0] if len(hits) == 1 else None
    return P.classes[name]


def attribute_value(source, node, attr):
    """What another attribute of the same thing holds."""
    base = value_of(node.value, source)
    if not isinstance(base, Obj):
        return None
    values = [n.value for m in base.klass.body for n in ast.walk(m) if isinstance(n, ast.Assign) and any(
        isinstance(t, ast.Attribute) and t.attr == attr and dotted(t.value) == "self" for t in n.targets)]
    return value_of(values[0], base.source) if len(values) == 1 else None


def kind_fits(source, node, call, hit, klass, kind):
    """A method is called or handed on, data is read: a test of a method is always true, and no data can be called."""
    if klass:
        methods = [m for m in klass[0].body if isinstance(m, FUNCTIONS) and m.name == hit]
        method = bool(methods) and not any((dotted(d.func if isinstance(d, ast.Call) else d) or "").rpartition(".")[2] in ("property", "cached_property", "setter", "hybrid_property") for m in methods for d in m.decorator_list)
        data = not methods and any(isinstance(n, ast.Attribute) and n.attr == hit and isinstance(n.ctx, ast.Store) and isinstance(source_value(n, klass[1]), (ast.Constant, ast.List, ast.Dict, ast.ListComp, ast.JoinedStr, ast.BinOp)) for n in ast.walk(klass[0]))
    elif kind in BUILTIN:
        method, data = callable(getattr(BUILTIN[kind], hit, None)), False
    else:
        return True
    if method and call is None:
        return use_of(source, node) in ("given", "stored") and not isinstance(source.parent.get(node), ast.Return) or isinstance(node.ctx, ast.Store)
    return not (data and call is not None)


def source_value(node, source):
    """What is assigned to a target."""
    up = source.parent.get(node)
    return up.value if isinstance(up, (ast.Assign, ast.AnnAssign)) else None


def unittest_alias(source, attr):
    table = dict(assertEquals="assertEqual", assertNotEquals="assertNotEqual", assert_="assertTrue", assertAlmostEquals="assertAlmostEqual", assertNotAlmostEquals="assertNotAlmostEqual",
                 assertRegexpMatches="assertRegex", assertNotRegexpMatches="assertNotRegex", assertRaisesRegexp="assertRaisesRegex", failUnlessEqual="assertEqual", failIfEqual="assertNotEqual",
                 failUnless="assertTrue", failIf="assertFalse", failUnlessRaises="assertRaises", assertItemsEqual="assertCountEqual", failUnlessAlmostEqual="assertAlmostEqual", failIfAlmostEqual="assertNotAlmostEqual")
    if attr in table and re.search(r"\bself\." + attr + r"\b", source.text):
        say("unittest-alias", "unittest removed `%s`; `%s` is the same" % (attr, table[attr]), "rename", 0, "self." + attr, "self." + table[attr])


def module_attribute(source, line, module, attr, hint):
    """module 'm' has no attribute 'x'."""
    nodes = [n for n in source.at(line, ast.Attribute) if n.attr == attr and isinstance(n.ctx, ast.Load)]
    shadow = module_file(module.split(".")[0], source)
    standard = standard_modules()
    if shadow and (module in standard or os.path.abspath(shadow) == os.path.abspath(source.path)):
        say("shadowed", "%s hides the module `%s` that is meant" % (os.path.relpath(shadow), module))
    if not nodes:
        return
    node = nodes[0]
    base = source.seg(node.value)
    if base is None:
        return
    swap_all = [(n, None) for n in nodes]
    if module == "datetime" and attr in ("now", "utcnow", "today", "strptime", "fromtimestamp", "fromisoformat", "combine", "utcfromtimestamp"):
        inner = "date" if attr == "today" and False else "datetime"
        swap("class-in-module", "`%s` is a method of the class datetime in the module datetime" % attr, source, (node, "%s.%s.%s" % (base, inner, attr)))
    if shadow:
        try:
            other = Source(shadow)
        except (SyntaxError, ValueError, OSError):
            return
        called = isinstance(source.parent.get(node), ast.Call) and source.parent[node].func is node
        functions = {n.name for n in other.tree.body if isinstance(n, FUNCTIONS)}
        hit = near(attr, defined(other), lambda other_name: called and other_name in functions and count_word(other_name) == 1)
        if hit and not (hit in functions and not called and use_of(source, node) in ("tested", "shown", "number")):
            swap("near-attribute", "%s defines `%s`" % (os.path.relpath(shadow), hit), source, *[(n, source.seg(n.value) + "." + hit) for n in nodes])
        return
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        spec = None
    if spec is None:
        return
    try:
        if spec.submodule_search_locations and importlib.util.find_spec(module + "." + attr):
            statement = "import %s.%s" % (module, attr)
            for n in source.tree.body:
                if isinstance(n, ast.Import) and len(n.names) == 1 and n.names[0].name == module and not n.names[0].asname:
                    say("submodule", "`%s.%s` is a module of its own that nobody imports" % (module, attr), "after", n.lineno, source.lines[n.lineno - 1].strip(), statement)
    except (ImportError, ValueError, AttributeError):
        pass
    third = module.split(".")[0] not in standard and spec.origin and spec.origin.endswith(".py")
    if third and module + "." + attr not in MOVED:
        names = {n for n in defined(Source(spec.origin)) if not n.startswith("_")} | ({hint} if hint else set())
        hit = near(attr, names) if attr not in names else None
        if hit and (not hint or hint == hit):
            swap("near-attribute", "%s as it is installed has `%s`" % (module, hit), source, *[(n, source.seg(n.value) + "." + hit) for n in nodes])
        return
    if module.split(".")[0] in standard or spec.origin in ("built-in", "frozen"):
        names = [n for n in dir(importlib.import_module(module)) if not n.startswith("_")]
        called = isinstance(source.parent.get(node), ast.Call) and source.parent[node].func is node
        hit = near(attr, names, lambda other: called, True)
        if hit and callable(getattr(sys.modules.get(module), hit, None)) and not called and use_of(source, node) in ("tested", "shown", "number"):
            return
        if hit and (not hint or hint == hit) and module + "." + attr not in MOVED:
            swap("near-attribute", "the module %s has `%s`" % (module, hit), source, *[(n, source.seg(n.value) + "." + hit) for n in nodes])


def type_attribute(source, line, owner, attr):
    """type object 'datetime.datetime' has no attribute 'datetime'."""
    if owner != "datetime.datetime":
        klass = find_class(owner.split(".")[-1], source)
        if klass:
            names, _ = attributes(klass[0], klass[1])
            hit = near(attr, names)
            nodes = [n for n in source.at(line, ast.Attribute) if n.attr == attr]
            if hit and nodes:
                swap("near-attribute", "class %s has `%s`" % (owner, hit), source, *[(n, source.seg(n.value) + "." + hit) for n in nodes])
        return
    nodes = [n for n in source.at(line, ast.Attribute) if n.attr == attr and isinstance(n.value, ast.Name)]
    if not nodes or not source.seg(nodes[0]):
        return
    node = nodes[0]
    if attr == "datetime":
        swap("class-in-module", "`from datetime import datetime` imports the class already", source, (node, source.seg(node.value)))
    if attr in ("timedelta", "timezone", "date", "time"):
        if attr in imported(source):
            swap("class-in-module", "`%s` is imported by itself" % attr, source, (node, attr))
        else:
            swap("class-in-module", "`%s` is a class beside datetime" % attr, source, (node, attr))
