

# ---- None and coroutines: where a value went missing (missing return, work in place, missing await).

def none_cause(source, node, used, at):
    """Why is this expression None? A missing return, or a method that works in place."""
    call = node
    if isinstance(node, ast.Name):
        found, scope = source.resolve(node.id, node)
        if len(found) == 1 and found[0][0] == "def" and isinstance(found[0][1], FUNCTIONS):
            # A function is None only where a decorator gave nothing back.
            for decorator in found[0][1].decorator_list:
                name = decorator.func if isinstance(decorator, ast.Call) else decorator
                made, _ = source.resolve(name.id, name) if isinstance(name, ast.Name) else ([], None)
                if len(made) == 1 and made[0][0] == "def" and isinstance(made[0][1], FUNCTIONS):
                    missing_return(source, made[0][1])
            return
        values = [n for how, n in found if how == "value"]
        calls = [v for v in values if isinstance(v, ast.Call)]
        inplace = [v for v in values if isinstance(v, ast.Call) and isinstance(v.func, ast.Attribute) and v.func.attr in INPLACE]
        if len(inplace) == 1:
            in_place(source, inplace[0], node.id)
            return
        if len(calls) != 1 or len(values) != len(found):
            return
        call = calls[0]
    if isinstance(call, ast.Await if hasattr(ast, "Await") else ()):
        call = call.value
    if not isinstance(call, ast.Call):
        return
    default_beside(source, call)
    if isinstance(call.func, ast.Attribute) and call.func.attr in INPLACE:
        in_place(source, call, None)
        return
    function, owner = None, source
    if isinstance(call.func, ast.Name):
        found, _ = source.resolve(call.func.id, call)
        if len(found) == 1 and found[0][0] == "def" and isinstance(found[0][1], FUNCTIONS):
            function = found[0][1]
        else:
            hit = project_name(full(call.func, source) or "", source)
            if hit and isinstance(hit[0], FUNCTIONS):
                function, owner = hit
    elif isinstance(call.func, ast.Attribute):
        base = value_of(call.func.value, source)
        if isinstance(base, Obj):
            found = [m for m in base.klass.body if isinstance(m, FUNCTIONS) and m.name == call.func.attr]
            if len(found) == 1:
                function, owner = found[0], base.source
        else:
            hit = project_name(full(call.func, source) or "", source)
            if hit and isinstance(hit[0], FUNCTIONS):
                function, owner = hit
    if function is not None:
        missing_return(owner, function)
    guard_elsewhere(source, node, call)


def in_place(source, call, name):
    """`xs = xs.sort()` and its family."""
    method = call.func.attr
    base = source.seg(call.func.value)
    parent = source.parent.get(call)
    text = source.seg(call)
    if base is None or text is None:
        return
    because = "`%s` changes %s in place and returns None" % (method, "the list" if method in ("sort", "reverse", "append", "extend", "insert") else "it")
    if method == "shuffle":
        base = source.seg(call.args[0]) if call.args else None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = source.seg(parent.targets[0])
        if target == base:
            swap("in-place", because, source, (parent, text))
        elif method == "sort" and target and isinstance(call.func.value, ast.Name):
            later = [n for n in source.own(source.scope(call)) if isinstance(n, ast.Name) and n.id == base and n.lineno > parent.lineno]
            if not later:
                rest = ", ".join(source.seg(k.value) and "%s=%s" % (k.arg, source.seg(k.value)) for k in call.keywords)
                swap("in-place", because, source, (call, "sorted(%s%s)" % (base, ", " + rest if rest else "")))
        elif method == "reverse" and target and isinstance(call.func.value, ast.Name):
            later = [n for n in source.own(source.scope(call)) if isinstance(n, ast.Name) and n.id == base and n.lineno > parent.lineno]
            if not later:
                swap("in-place", because, source, (call, "%s[::-1]" % base))
        elif method in ("update", "append", "extend", "add") and target and isinstance(call.func.value, ast.Name) and len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
            later = [n for n in source.own(source.scope(call)) if isinstance(n, ast.Name) and n.id == base and n.lineno > parent.lineno]
            looped = any(isinstance(up, (ast.For, ast.While)) for up in source.chain(call))
            outer, known = source.resolve(base, call)[1], value_of(call.func.value, source)
            given = source.seg(call.args[0])
            new = None
            if method == "update" and isinstance(known, Dict) and not isinstance(known, Frame) and isinstance(value_of(call.args[0], source), Dict):
                new = "{**%s, **%s}" % (base, given)
            elif method == "append" and isinstance(known, Many) and isinstance(known.node, (ast.List, ast.ListComp)):
                new = "%s + [%s]" % (base, given)
            if new and given and not later and not looped and outer is source.scope(call):
                swap("in-place", because, source, (call, new))
    elif isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is call and method in ("sort", "reverse") and not call.args:
        rest = ", ".join("%s=%s" % (k.arg, source.seg(k.value)) for k in call.keywords)
        swap("in-place", because, source, (call, ("sorted(%s%s)" % (base, ", " + rest if rest else "")) if method == "sort" else "reversed(%s)" % base))
    elif isinstance(parent, ast.Return) and method in ("sort", "reverse") and not call.args:
        rest = ", ".join("%s=%s" % (k.arg, source.seg(k.value)) for k in call.keywords)
        swap("in-place", because, source, (call, ("sorted(%s%s)" % (base, ", " + rest if rest else "")) if method == "sort" else "%s[::-1]" % base))


def missing_return(source, function):
    """A function that builds a value and falls off its end."""
    own = list(source.own(function))
    returns = [n for n in own if isinstance(n, ast.Return)]
    if any(r.value is not None for r in returns):
        values = [r for r in returns if r.value is not None]
        if len(values) == 1 and isinstance(values[0].value, ast.Call) and isinstance(values[0].value.func, ast.Attribute) and values[0].value.func.attr in INPLACE:
            in_place(source, values[0].value, None)
        return
    if returns or any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own):
        return
    body = function.body
    last = body[-1]
    pure = (ast.BinOp, ast.Compare, ast.BoolOp, ast.Dict, ast.List, ast.Tuple, ast.ListComp, ast.DictComp, ast.SetComp, ast.JoinedStr, ast.Subscript, ast.IfExp, ast.Name, ast.GeneratorExp)
    file = None if source is P.source else os.path.relpath(source.path)
    if isinstance(last, ast.Expr) and isinstance(last.value, pure) and not (len(body) == 1 and const(last.value) is not None):
        line = source.lines[last.lineno - 1].strip()
        if last.lineno != function.lineno:
            say("missing-return", "the last line of `%s` computes a value that nobody gets" % function.name, "replace", last.lineno, line, "return " + line, file=file)
        return
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Await if hasattr(ast, "Await") else ()):
        return
    stores, reads = {}, {}
    for node in own:
        if isinstance(node, ast.Name):
            (stores if isinstance(node.ctx, ast.Store) else reads).setdefault(node.id, []).append(node)
    for node in own:
        if isinstance(node, FUNCTIONS):
            stores.setdefault(node.name, []).append(node)
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                    reads.setdefault(inner.id, []).append(inner)
    if any(isinstance(n, (ast.Global, ast.Nonlocal)) for n in own):
        return
    params = set(source.params(function))
    loop = {n for l in own if isinstance(l, (ast.For, ast.comprehension)) for n in names_in(l.target)}
    unused = []
    for name, places in stores.items():
        if name in params or name in loop or name.startswith("_"):
            continue
        consumed = False
        for read in reads.get(name, []):
            up = source.parent.get(read)
            grand = source.parent.get(up)
            mutates = isinstance(up, ast.Attribute) and up.attr in MUTATORS and isinstance(grand, ast.Call) and grand.func is up and isinstance(source.parent.get(grand), ast.Expr)
            fills = isinstance(up, ast.Subscript) and up.value is read and (isinstance(up.ctx, ast.Store) or isinstance(grand, ast.AugAssign))
            regroup = isinstance(up, ast.Subscript) and up.value is read and isinstance(grand, ast.Attribute) and grand.attr in MUTATORS
            setter = isinstance(up, ast.Attribute) and isinstance(up.ctx, ast.Store)
            statement = source.statement(read)
            itself = isinstance(statement, (ast.Assign, ast.AugAssign)) and names_in(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target) == {name}
            inside = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript) and dotted(statement.targets[0].value) == name
            tests = any(isinstance(a, (ast.If, ast.While)) and read in list(ast.walk(a.test)) for a in source.chain(read))
            if not (mutates or fills or setter or regroup or itself or inside or tests):
                consumed = True
        if not consumed:
            unused.append(name)
    if len(unused) != 1:
        return
    name = unused[0]
    end = body[-1].end_lineno
    indent = re.match(r"\s*", source.lines[body[0].lineno - 1]).group(0)
    if body[0].lineno == function.lineno or "\t" in indent:
        return
    say("missing-return", "`%s` builds `%s`, uses it for nothing else, and returns nothing" % (function.name, name), "after", end, source.lines[end - 1].strip(), indent + "return " + name, file=file)


def awaitable(source, node):
    """A coroutine that is used without await."""
    target = node
    if isinstance(node, ast.Name):
        found, _ = source.resolve(node.id, node)
        values = [n for how, n in found if how == "value"]
        if len(values) != 1 or len(found) != 1:
            return
        target = values[0]
    if isinstance(target, ast.Call) and isinstance(source.scope(target), ast.AsyncFunctionDef):
        text = source.seg(target)
        callee = target.func.id if isinstance(target.func, ast.Name) else target.func.attr if isinstance(target.func, ast.Attribute) else ""
        defs = [n for n in ast.walk(source.tree) if isinstance(n, ast.AsyncFunctionDef) and n.name == callee]
        if text and defs:
            parent = source.parent.get(target)
            bare = isinstance(parent, (ast.Assign, ast.Return, ast.Expr, ast.AnnAssign))
            swap("missing-await", "`%s` is a coroutine function" % callee, source, (target, "await " + text if bare else "(await " + text + ")"))
