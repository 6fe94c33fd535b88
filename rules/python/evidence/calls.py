

# ---- TypeError of calls: keyword names, self, abstract methods.

def call_error(source, line, message):
    """TypeError of a call."""
    found = re.match(r"(?:[\w.<>]+\.)?(\w+)\(\) got an unexpected keyword argument '(\w+)'", message)
    if found:
        keyword_argument(source, line, found.group(1), found.group(2), message)
    found = re.match(r"(?:(\w+)\.)?(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given", message)
    if found:
        missing_self(source, line, found.group(2), int(found.group(3)), int(found.group(4)))
    if re.match(r"load\(\) missing 1 required positional argument: 'Loader'", message):
        call = only([n for n in source.at(line, ast.Call) if full(n.func, source) == "yaml.load" and len(n.args) == 1 and not n.keywords])
        if call is not None:
            swap("yaml-loader", "yaml.load needs a loader; for plain data it is safe_load", source, (call.func, "yaml.safe_load" if dotted(call.func) == "yaml.load" else dotted(call.func)[:-4] + "safe_load"))
    found = re.match(r"Can't instantiate abstract class (\w+) (?:with abstract methods?|without an implementation for abstract methods?) '?(\w+)'?$", message)
    if found:
        abstract(source, found.group(1), found.group(2))


def keyword_argument(source, line, function, name, message):
    """f() got an unexpected keyword argument: a near one in the signature."""
    spots = [(c, k) for c in source.at(line, ast.Call) for k in c.keywords if k.arg == name]
    if not spots:
        return
    call, given = spots[0]
    names = None
    origin = ""
    target, owner = None, source
    if isinstance(call.func, ast.Name):
        found, _ = source.resolve(call.func.id, call)
        if len(found) == 1 and found[0][0] == "def":
            target = found[0][1]
    if target is None:
        hit = project_name(full(call.func, source) or "", source)
        if hit:
            target, owner = hit
    if target is None and isinstance(call.func, ast.Attribute):
        base = value_of(call.func.value, source)
        if isinstance(base, Obj):
            target = only([m for m in base.klass.body if isinstance(m, FUNCTIONS) and m.name == call.func.attr])
            owner = base.source
    if isinstance(target, ast.ClassDef):
        init = [m for m in target.body if isinstance(m, FUNCTIONS) and m.name == "__init__"]
        if init:
            names, origin = owner.params(init[0]), "%s.__init__" % target.name
        elif any("dataclass" in (dotted(d if not isinstance(d, ast.Call) else d.func) or "") for d in target.decorator_list):
            names, origin = [n.target.id for n in target.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)], "dataclass %s" % target.name
    elif isinstance(target, FUNCTIONS):
        names, origin = owner.params(target), "`%s`" % target.name
    if names is None:
        table = {("error_bad_lines", "False"): ("on_bad_lines", '"skip"'), ("warn_bad_lines", "True"): ("on_bad_lines", '"warn"')}
        key = (name, source.seg(given.value))
        if key in table and (full(call.func, source) or "").startswith("pandas.read_"):
            new = table[key]
            say_keyword(source, call, given, new[0] + "=" + new[1], "pandas calls it %s=%s" % new)
        dotted_name = full(call.func, source)
        module, _, last = (dotted_name or "").rpartition(".")
        if (not module and is_builtin(last)) or module.split(".")[0] in standard_modules():
            import inspect
            try:
                thing = getattr(importlib.import_module(module or "builtins"), last)
                names, origin = [p for p in inspect.signature(thing).parameters], "`%s`" % dotted_name
            except (ImportError, AttributeError, ValueError, TypeError):
                return
        else:
            return
    taken = [k.arg for k in call.keywords]
    hit = near(name, [n for n in names if n not in taken and n not in ("self", "cls")])
    if hit:
        say_keyword(source, call, given, hit + "=" + (source.seg(given.value) or ""), "%s has the parameter `%s`" % (origin, hit))


def say_keyword(source, call, given, new, because):
    value = source.span(given.value)
    if not value:
        return
    text = source.lines[value[0] - 1]
    head = text[:value[1]]
    found = re.search(r"\b" + given.arg + r"\s*=\s*$", head)
    if found:
        say("near-keyword", because, "replace", value[0], text.strip(), (text[:found.start()] + new + text[value[2]:]).strip())


def missing_self(source, line, name, takes, given):
    """A method without self."""
    if given != takes + 1:
        return
    spots = [n for n in ast.walk(source.tree) if isinstance(n, FUNCTIONS) and n.name == name and isinstance(source.parent.get(n), ast.ClassDef)]
    owner = source
    if not spots:
        for path in project_files():
            try:
                other = Source(path)
            except (SyntaxError, ValueError, OSError):
                continue
            more = [n for n in ast.walk(other.tree) if isinstance(n, FUNCTIONS) and n.name == name and isinstance(other.parent.get(n), ast.ClassDef)]
            if more:
                spots += more
                owner = other
    function = only(spots)
    if function is None or function.decorator_list:
        return
    args = [a.arg for a in function.args.args]
    if len(args) != takes or args[:1] in (["self"], ["cls"], ["mcs"]):
        return
    head = owner.lines[function.lineno - 1]
    new = re.sub(r"(def\s+%s\s*\(\s*)" % re.escape(name), r"\1self" + (", " if args else ""), head, 1)
    if new != head and ")" in head:
        say("missing-self", "`%s` is a method of %s and has no self" % (name, owner.parent[function].name), "replace", function.lineno, head.strip(), new.strip(), file=None if owner is P.source else os.path.relpath(owner.path))


def abstract(source, name, method):
    found = find_class(name, source)
    if not found:
        return
    klass, owner = found
    own = [m for m in klass.body if isinstance(m, FUNCTIONS)]
    hit = near(method, [m.name for m in own])
    if hit and count_word(hit) == 1:
        node = only([m for m in own if m.name == hit])
        head = owner.lines[node.lineno - 1]
        new = re.sub(r"(def\s+)%s\b" % re.escape(hit), r"\g<1>" + method, head, 1)
        say("near-method", "class %s writes `%s`, its base asks for `%s`" % (name, hit, method), "replace", node.lineno, head.strip(), new.strip(), file=None if owner is P.source else os.path.relpath(owner.path))
