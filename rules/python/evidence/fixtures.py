

# ---- pytest: a fixture that a test asks for by a misspelt name.

def fixture(source, line, name, meant):
    """The parameter of the test and every use of it take the fixture's name."""
    spots = [f for f in ast.walk(source.tree) if isinstance(f, FUNCTIONS) and f.lineno <= line <= f.end_lineno and name in source.params(f)]
    spots = [f for f in spots if f.lineno == line] or spots
    function = only(spots)
    if function is None or meant in source.params(function) or near(name, [meant], lambda other: True) != meant:
        return
    if any(isinstance(n, ast.Name) and n.id == meant for n in ast.walk(function)):
        return
    if any(isinstance(d, ast.Call) and any(isinstance(c, ast.Constant) and isinstance(c.value, str) and name in re.split(r"\s*,\s*", c.value) for c in ast.walk(d)) for d in function.decorator_list):
        return  # the name of a parameter of the test's own table
    arguments = [a for a in function.args.args + function.args.kwonlyargs if a.arg == name]
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    if any(isinstance(n.ctx, ast.Store) for n in uses):
        return
    P.edits = []
    for node in arguments + uses:
        start = source.column(node.lineno, node.col_offset) + 1
        P.edits.append({"file": P.shown, "line": node.lineno, "column": start, "end_line": node.lineno, "end_column": start + len(name), "old": name, "new": meant})
    say("fixture", "pytest has the fixture `%s`" % meant, "ranges")
