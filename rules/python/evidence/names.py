

# ---- NameError and UnboundLocalError: names that are near, imports that are missing.

STANDARD = {
    "OrderedDict": "collections", "defaultdict": "collections", "Counter": "collections", "namedtuple": "collections", "deque": "collections", "ChainMap": "collections",
    "Path": "pathlib", "PurePath": "pathlib", "Decimal": "decimal", "Fraction": "fractions", "partial": "functools", "reduce": "functools", "wraps": "functools", "lru_cache": "functools", "cached_property": "functools", "total_ordering": "functools", "singledispatch": "functools",
    "dataclass": "dataclasses", "field": "dataclasses", "asdict": "dataclasses", "astuple": "dataclasses", "Enum": "enum", "IntEnum": "enum", "auto": "enum", "ABC": "abc", "abstractmethod": "abc", "ABCMeta": "abc",
    "Optional": "typing", "List": "typing", "Dict": "typing", "Tuple": "typing", "Set": "typing", "Union": "typing", "Any": "typing", "Callable": "typing", "Iterable": "typing", "Iterator": "typing", "Generator": "typing", "Type": "typing", "TypeVar": "typing", "NamedTuple": "typing", "Sequence": "typing", "Mapping": "typing", "Generic": "typing", "Literal": "typing", "Protocol": "typing", "TypedDict": "typing", "Final": "typing", "ClassVar": "typing", "cast": "typing", "TYPE_CHECKING": "typing", "Awaitable": "typing", "AsyncIterator": "typing",
    "timedelta": "datetime", "timezone": "datetime", "sleep": "time", "perf_counter": "time", "sqrt": "math", "ceil": "math", "floor": "math", "pi": "math", "log10": "math", "randint": "random", "shuffle": "random", "uniform": "random",
    "deepcopy": "copy", "pprint": "pprint", "pformat": "pprint", "StringIO": "io", "BytesIO": "io", "chain": "itertools", "groupby": "itertools", "combinations": "itertools", "permutations": "itertools", "islice": "itertools", "zip_longest": "itertools", "accumulate": "itertools", "itemgetter": "operator", "attrgetter": "operator",
    "contextmanager": "contextlib", "suppress": "contextlib", "ExitStack": "contextlib", "Thread": "threading", "ThreadPoolExecutor": "concurrent.futures", "ProcessPoolExecutor": "concurrent.futures", "as_completed": "concurrent.futures", "urlparse": "urllib.parse", "urljoin": "urllib.parse", "urlencode": "urllib.parse", "urlopen": "urllib.request", "uuid4": "uuid", "ArgumentParser": "argparse", "Namespace": "argparse", "ConfigParser": "configparser", "dedent": "textwrap", "mean": "statistics", "median": "statistics", "stdev": "statistics", "TemporaryDirectory": "tempfile", "NamedTemporaryFile": "tempfile", "mkdtemp": "tempfile", "Mock": "unittest.mock", "MagicMock": "unittest.mock", "patch": "unittest.mock", "TestCase": "unittest", "ZipFile": "zipfile", "b64encode": "base64", "b64decode": "base64", "md5": "hashlib", "sha256": "hashlib", "SimpleNamespace": "types", "bisect_left": "bisect", "bisect_right": "bisect", "insort": "bisect", "heappush": "heapq", "heappop": "heapq", "heapify": "heapq", "getpass": "getpass", "glob": "glob", "ZoneInfo": "zoneinfo", "quote": "urllib.parse", "escape": "html", "copyfile": "shutil", "rmtree": "shutil", "getLogger": "logging",
}


ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sns": "seaborn", "tf": "tensorflow", "nx": "networkx", "sp": "scipy", "mpl": "matplotlib", "ET": "xml.etree.ElementTree", "st": "streamlit", "xr": "xarray", "pl": "polars", "sm": "statsmodels.api", "px": "plotly.express", "go": "plotly.graph_objects", "mp": "multiprocessing", "tk": "tkinter"}


PY2 = {"xrange": "range", "raw_input": "input", "unicode": "str", "basestring": "str", "long": "int", "unichr": "chr"}


WORDS = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None", "TRUE": "True", "FALSE": "False", "NULL": "None", "undefined": "None"}


def name_error(source, line, name, hint):
    """NameError: name 'x' is not defined."""
    nodes = [n for n in source.at(line, ast.Name) if n.id == name and isinstance(n.ctx, ast.Load)]
    if not nodes:
        return
    node = nodes[0]
    if name in WORDS:
        swap("other-language", "Python writes %s" % WORDS[name], source, *[(n, WORDS[name]) for n in nodes])
    if name in PY2:
        again = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == name]
        whole = re.findall(r"(?<!\w)%s(?!\w)" % name, source.text)
        if all(isinstance(n.ctx, ast.Load) for n in again) and len(whole) == len(again):
            say("py2-name", "Python 3 calls it `%s`" % PY2[name], "rename", 0, name, PY2[name])
        if all(isinstance(n.ctx, ast.Load) for n in again):
            ranges("py2-name", "Python 3 calls it `%s`" % PY2[name], source, [(n, PY2[name]) for n in again])
    attribute = {source.parent[n].attr for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == name and isinstance(source.parent.get(n), ast.Attribute)}
    called = isinstance(source.parent.get(node), ast.Call) and source.parent[node].func is node
    nested = isinstance(source.parent.get(node), ast.Attribute)
    if name == "self":
        function = source.scope(node)
        if isinstance(function, FUNCTIONS) and isinstance(source.parent.get(function), ast.ClassDef) and not function.decorator_list:
            head = source.lines[function.lineno - 1]
            new = re.sub(r"(def\s+%s\s*\()\s*" % re.escape(function.name), r"\1self, ", head, 1)
            new = new.replace("(self, )", "(self)")
            if new != head and not function.args.args[:1] == ["self"]:
                say("missing-self", "`%s` is a method and uses self" % function.name, "replace", function.lineno, head.strip(), new.strip())
        return
    klass = source.klass(node)
    if klass is not None and "self" in source.params(source.scope(node)):
        own, _ = attributes(klass, source)
        if name in own and (called or not nested or True):
            swap("missing-self", "class %s has `%s`, and no such global exists" % (klass.name, name), source, *[(n, "self." + name) for n in nodes])
    visible = set(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__) | defined(source)
    scope = source.scope(node)
    while not isinstance(scope, ast.Module):
        visible |= {n.id for n in source.own(scope) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | set(source.params(scope))
        visible |= {n.name for n in source.own(scope) if isinstance(n, FUNCTIONS + (ast.ClassDef,))}
        scope = source.scope(scope)
    if name in visible:
        return
    loops = {n for up in source.chain(node) if isinstance(up, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)) for g in up.generators for n in names_in(g.target)}
    visible |= loops
    subscript = source.parent.get(node)
    if subscript.__class__.__name__ == "Index":
        subscript = source.parent.get(subscript)
    if isinstance(subscript, ast.Subscript) and index(subscript) is node:
        known = value_of(subscript.value, source)
        if isinstance(known, Dict) and name in known.keys:
            swap("unquoted-key", "%s has the key %r" % (known.of, name), source, (node, '"%s"' % name))
    functions = {n.name for n in ast.walk(source.tree) if isinstance(n, FUNCTIONS)}
    hit = near(name, [v for v in visible if not v.startswith("__")], lambda other: other in functions and called and count_word(other) == 1)
    if hit and is_builtin(hit) and not called and hit not in source.binds(hit, source.tree) and use_of(source, node) != "given":
        hit = None
    is_exception = bool(re.match(r"^[A-Z]\w*(Error|Exception|Warning)$", name))
    exact_import = name in STANDARD and (called or not nested or name in ("Path", "Counter"))
    standard = standard_modules()
    if name == "datetime" and nested:
        if attribute & {"datetime", "timedelta", "date", "timezone"} and not attribute & {"now", "strptime", "utcnow", "fromisoformat"}:
            add_import("missing-import", "`datetime.%s` belongs to the standard module datetime" % sorted(attribute)[0], "import datetime", source)
        elif attribute & {"now", "strptime", "utcnow", "fromisoformat", "today", "combine", "fromtimestamp"}:
            add_import("missing-import", "`datetime.%s` is a method of the class datetime" % sorted(attribute)[0], "from datetime import datetime", source)
        return
    if name == "date" and nested and attribute & {"today", "fromisoformat"}:
        add_import("missing-import", "`date` is a class of the module datetime", "from datetime import date", source)
    if exact_import and not nested:
        add_import("missing-import", "`%s` stands in the standard module %s" % (name, STANDARD[name]), "from %s import %s" % (STANDARD[name], name), source)
    if name == "Path" or (name in STANDARD and nested and name in ("Counter", "Path", "Decimal", "Enum", "chain")):
        add_import("missing-import", "`%s` stands in the standard module %s" % (name, STANDARD[name]), "from %s import %s" % (STANDARD[name], name), source)
    if nested and (name in standard or (not standard and importlib.util.find_spec(name))) and not name.startswith("_"):
        try:
            module = importlib.import_module(name)
            whole = all(hasattr(module, a) or importlib.util.find_spec(name + "." + a) for a in attribute)
        except (ImportError, ValueError, AttributeError):
            whole = False
        if whole:
            deep = [a for a in attribute if not hasattr(module, a)]
            add_import("missing-import", "`%s` is a standard module and has everything that is used of it" % name, "import %s" % (name + "." + deep[0] if len(deep) == 1 else name), source)
    if nested and name in ALIASES and installed(ALIASES[name].split(".")[0]):
        add_import("missing-import", "`%s` is what everyone calls %s, which is installed" % (name, ALIASES[name]), "import %s as %s" % (ALIASES[name], name), source)
    if nested and installed(name) and name not in standard and (declared_here(name) or count_import(name)):
        add_import("missing-import", "%s is installed and the project uses it" % name, "import %s" % name, source)
    if hit and not (name[:1].isupper() and not hit[:1].isupper() and not name.isupper()):
        because = "`%s` is defined here" % hit
        everywhere = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == name]
        stored_times = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == hit]
        if all(isinstance(n.ctx, ast.Load) for n in everywhere):
            definitions = [n for n in stored_times if isinstance(n.ctx, ast.Store)]
            if len(everywhere) > 1 and len(stored_times) == 1 and len(definitions) == 1 and not is_builtin(hit):
                swap("misspelt-definition", "`%s` is assigned once and never used, `%s` is used %d times" % (hit, name, len(everywhere)), source, (definitions[0], name))
            if hint and hint != hit and distance(hint, name) < distance(hit, name):
                return
            swap("near-name", because, source, *[(n, hit) for n in nodes])
    homes = []
    for path in project_files():
        if os.path.abspath(path) != os.path.abspath(source.path):
            try:
                other = Source(path)
            except (SyntaxError, ValueError, OSError):
                continue
            if any(isinstance(n, FUNCTIONS + (ast.ClassDef,)) and n.name == name for n in other.tree.body):
                homes.append(path)
    if len(homes) == 1 and len(name) > 2:
        here = os.path.dirname(os.path.abspath(source.path))
        relative = os.path.relpath(homes[0], here)
        module = relative[:-3].replace(os.sep, ".")
        if not relative.startswith("..") and re.match(r"^[\w.]+$", module) and not os.path.basename(homes[0]).startswith(("test_", "__")):
            inside = os.path.exists(os.path.join(here, "__init__.py"))
            if not inside:
                add_import("missing-import", "only %s defines `%s`" % (os.path.relpath(homes[0]), name), "from %s import %s" % (module, name), source)


def installed(name):
    try:
        return importlib.util.find_spec(name) is not None and not module_file(name, P.source)
    except (ImportError, ValueError, AttributeError):
        return False


def count_import(name):
    pattern = re.compile(r"^\s*(import|from)\s+" + re.escape(name) + r"\b", re.M)
    return any(pattern.search(read_text(p)) for p in project_files())


def declared_here(name):
    for path in ("requirements.txt", "pyproject.toml", "setup.py", "setup.cfg"):
        if os.path.isfile(path) and re.search(r"(?i)\b" + re.escape(name) + r"\b", read_text(path)):
            return True
    return False


def unbound(source, line, name):
    """UnboundLocalError: a global that the function changes."""
    node = only([n for n in source.at(line, ast.Name) if n.id == name][:1])
    if node is None:
        return
    function = source.scope(node)
    if not isinstance(function, FUNCTIONS):
        return
    local = source.binds(name, function)
    statement = source.statement(node)
    accumulates = isinstance(statement, ast.AugAssign) and dotted(statement.target) == name or (
        isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == name and name in names_in(statement.value))
    if not accumulates or name in source.params(function):
        return
    outer = source.scope(function)
    word = "global"
    if isinstance(outer, FUNCTIONS) and source.binds(name, outer):
        word = "nonlocal"
    elif not [b for b in source.binds(name, source.tree) if b[0] in ("value",)]:
        near_name = near(name, [n.id for n in source.own(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)] + source.params(function))
        return
    first = function.body[0]
    if const(getattr(first, "value", None)) is not None and len(function.body) > 1:
        first = function.body[1]
    if first.lineno == function.lineno:
        return
    indent = re.match(r"\s*", source.lines[first.lineno - 1]).group(0)
    if "\t" in indent:
        return
    say("missing-" + word, "`%s` is set outside of `%s` and changed in it" % (name, function.name), "before", first.lineno, source.lines[first.lineno - 1].strip(), "%s%s %s" % (indent, word, name))
