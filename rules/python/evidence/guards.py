

# ---- None that the program knows elsewhere: the same question is asked, and answered, in another place.

def guard_elsewhere(source, name, call):
    """`m = PATTERN.match(line)` without the test that the same call has everywhere else."""
    asked = source.seg(call.func)
    assign = source.statement(call)
    if not asked or not isinstance(name, ast.Name) or not isinstance(assign, ast.Assign) or assign.value is not call or dotted(assign.targets[0]) != name.id:
        return
    if isinstance(call.func, ast.Name) and is_builtin(call.func.id):
        return
    answers = []
    for other in ast.walk(source.tree):
        if not (isinstance(other, ast.Assign) and other is not assign and isinstance(other.value, ast.Call) and source.seg(other.value.func) == asked and dotted(other.targets[0])):
            continue
        guard = following(source, other)
        if isinstance(guard, ast.If) and tests_for_none(guard.test, dotted(other.targets[0])) and not guard.orelse:
            answers.append((other, guard))
        else:
            return  # asked without a test elsewhere too: no custom of this program
    if not answers:
        return
    bodies = {source.seg(g.body[0]) if len(g.body) == 1 else None for _, g in answers}
    if len(bodies) != 1 or None in bodies:
        return
    body = answers[0][1].body[0]
    function = source.scope(assign)
    if isinstance(body, ast.Continue):
        block = source.parent.get(assign)
        if not isinstance(block, (ast.For, ast.While)) or assign not in block.body:
            return
    elif isinstance(body, ast.Return):
        # What one function answers is no answer of another: it must be this one's own, or of the same kind.
        here = [n for n in source.own(function) if isinstance(n, ast.Return)] if isinstance(function, FUNCTIONS) else []
        same = [n for n in here if source.seg(n) == source.seg(body)]
        if not same or not (body.value is None or isinstance(body.value, ast.Constant) or source.seg(body.value) in ("[]", "{}", "()", '""')):
            return
    else:
        return
    test = re.sub(r"(?<![\w.])%s(?!\w)" % re.escape(dotted(answers[0][0].targets[0])), name.id, source.seg(answers[0][1].test) or "")
    indent = re.match(r"\s*", source.lines[assign.lineno - 1]).group(0)
    model = answers[0][1]
    step = " " * max(2, model.body[0].col_offset - model.col_offset) if model.body[0].lineno != model.lineno else None
    if not test or "\t" in indent:
        return
    text = "\n%sif %s:%s%s" % (indent, test, "\n" + indent + step if step else " ", source.seg(body))
    last = source.lines[assign.end_lineno - 1]
    shown = P.shown if source is P.source else os.path.relpath(source.path)
    P.edits = [{"file": shown, "line": assign.end_lineno, "column": len(last) + 1, "end_line": assign.end_lineno, "end_column": len(last) + 1, "old": "", "new": text}]
    say("none-guard", "line %d asks `%s` too, and answers None with `%s`" % (answers[0][0].lineno, asked, source.seg(body)), "ranges")


def following(source, statement):
    """The statement after another one in its block."""
    block = source.parent.get(statement)
    for field in ("body", "orelse", "finalbody"):
        rows = getattr(block, field, None)
        if isinstance(rows, list) and statement in rows:
            place = rows.index(statement) + 1
            return rows[place] if place < len(rows) else None
    return None


def tests_for_none(test, name):
    """`not m`, `m is None`, `m == None`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return dotted(test.operand) == name
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Is, ast.Eq)) and dotted(test.left) == name and isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None


def default_beside(source, call):
    """`cfg.get("db").get("host")`, where the same key of the same thing is read with a default elsewhere."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "get" and len(call.args) == 1 and not call.keywords and const(call.args[0], (str, int)) is not None):
        return
    named = dotted(call.func.value)
    if not named:
        return
    found = {}
    for other in ast.walk(source.tree):
        if not (isinstance(other, ast.Call) and other is not call and isinstance(other.func, ast.Attribute) and other.func.attr == "get" and dotted(other.func.value) == named and other.args and const(other.args[0], (str, int)) == const(call.args[0], (str, int))):
            continue
        up = source.parent.get(other)
        if len(other.args) == 2 and source.seg(other.args[1]) in ("{}", "[]", "dict()", "list()", '""', "''", "()"):
            found["%s, %s)" % (source.seg(call)[:-1], source.seg(other.args[1]))] = other
        elif isinstance(up, ast.BoolOp) and isinstance(up.op, ast.Or) and up.values[0] is other and len(up.values) == 2 and source.seg(up.values[1]) in ("{}", "[]", '""', "''", "()"):
            found["(%s or %s)" % (source.seg(call), source.seg(up.values[1]))] = other
    if len(found) == 1:
        text, other = next(iter(found.items()))
        if text and source.seg(call) and same_object(source, other.func.value, call.func.value):
            swap("none-default", "line %d reads the same key as `%s`" % (other.lineno, source.seg(source.parent[other]) if text.startswith("(") else source.seg(other)), source, (call, text))


def same_object(source, one, other):
    """Is one expression text the same object in both places?"""
    while isinstance(one, ast.Attribute) and isinstance(other, ast.Attribute):
        one, other = one.value, other.value
    if not isinstance(one, ast.Name) or not isinstance(other, ast.Name):
        return False
    if one.id in ("self", "cls"):
        return source.klass(one) is source.klass(other)
    first, second = source.resolve(one.id, one), source.resolve(other.id, other)
    return first[1] is second[1] and first[0] == second[0]
