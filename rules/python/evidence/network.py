

# ---- Network: the one call that failed, repeated with growing waits in the program itself.

READS = ("get", "head", "options")


def network(source, line):
    """Only calls that read are repeated: a second POST may order twice."""
    calls = [c for c in source.at(line, ast.Call) if isinstance(c.func, ast.Attribute) and c.func.attr in READS]
    known = [c for c in calls if (full(c.func, source) or "").partition(".")[0] in ("requests", "httpx") or session_of(source, c)]
    call = only(known)
    if call is None or not source.seg(call):
        return
    if re.search(r"(?i)\bretry|Retrying|stop_after_attempt|max_retries", source.text):
        return  # the program repeats already, in its own way
    session = session_of(source, call)
    if session is not None:
        through_session(source, session)
        return
    library = (full(call.func, source) or "").partition(".")[0]
    local = dotted(call.func).partition(".")[0]
    if imported(source).get(local) != library:
        return
    errors = "(%s.ConnectionError, %s.Timeout)" % (local, local) if library == "requests" else "%s.TransportError" % local
    if importable("tenacity") and wanted_here("tenacity"):
        text = source.seg(call)
        inner = ", ".join([source.seg(call.func)] + [source.seg(a) or "" for a in call.args] + [source.seg(k.value) and (k.arg or "**") + ("=" if k.arg else "") + source.seg(k.value) or "" for k in call.keywords])
        if ", ," in inner or inner.endswith(", "):
            return
        edits = [change_of(source, call, "tenacity.Retrying(stop=tenacity.stop_after_attempt(4), wait=tenacity.wait_exponential(max=10), retry=tenacity.retry_if_exception_type(%s), reraise=True)(%s)" % (errors, inner))]
        tell(source, edits, ["tenacity"], "the project has tenacity")
        return
    statement = source.statement(call)
    if not isinstance(statement, (ast.Assign, ast.Return, ast.Expr)) or statement.lineno != statement.end_lineno or ";" in source.lines[statement.lineno - 1]:
        return
    if isinstance(statement, ast.Assign) and (statement.value is not call or len(statement.targets) != 1):
        return
    whole = source.lines[statement.lineno - 1]
    indent = re.match(r"\s*", whole).group(0)
    if "\t" in indent:
        return
    step = "    "
    rows = ["for attempt in range(4):", step + "try:", step * 2 + whole.strip()]
    rows += [] if isinstance(statement, ast.Return) else [step * 2 + "break"]
    rows += [step + "except %s:" % errors, step * 2 + "if attempt == 3:", step * 3 + "raise", step * 2 + "time.sleep(2 ** attempt)"]
    new = ("\n" + indent).join(rows)
    edits = [{"file": P.shown, "line": statement.lineno, "column": len(indent) + 1, "end_line": statement.lineno, "end_column": len(whole) + 1, "old": whole[len(indent):], "new": new}]
    if "attempt" in source.text:
        return
    tell(source, edits, ["time"], "the call only reads, so it may be repeated")


def session_of(source, call):
    """The assignment `session = requests.Session()` behind `session.get(…)`."""
    base = call.func.value
    if not isinstance(base, ast.Name):
        return None
    found, _ = source.resolve(base.id, base)
    values = [n for how, n in found if how == "value"]
    if len(found) == 1 and len(values) == 1 and isinstance(values[0], ast.Call) and full(values[0].func, source) in ("requests.Session", "requests.session"):
        statement = source.statement(values[0])
        return statement if isinstance(statement, ast.Assign) else None
    return None


def through_session(source, statement):
    name = dotted(statement.targets[0])
    last = source.lines[statement.end_lineno - 1]
    indent = re.match(r"\s*", source.lines[statement.lineno - 1]).group(0)
    if not name:
        return
    text = "".join('\n%s%s.mount("%s", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=1)))' % (indent, name, scheme) for scheme in ("http://", "https://"))
    edits = [{"file": P.shown, "line": statement.end_lineno, "column": len(last) + 1, "end_line": statement.end_lineno, "end_column": len(last) + 1, "old": "", "new": text}]
    tell(source, edits, ["from requests.adapters import HTTPAdapter", "from urllib3.util.retry import Retry"], "the session repeats what only reads (urllib3's Retry)")


def change_of(source, node, text):
    span = source.span(node)
    return {"file": P.shown, "line": span[0], "column": span[1] + 1, "end_line": span[0], "end_column": span[2] + 1, "old": source.seg(node), "new": text}


def importable(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def wanted_here(name):
    """Does the project itself use or declare a distribution?"""
    files = [f for f in ("requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile") if os.path.isfile(f)]
    pattern = re.compile(r"(?im)^\W*(?:import |from )?" + re.escape(name) + r"\b")
    return any(pattern.search(read_text(f)) for f in files + project_files())


def tell(source, edits, modules, because):
    """The finding, with the imports that it needs."""
    have = imported(source)
    rows = [m if " " in m else "import " + m for m in modules if " " in m and m.split()[-1] not in have or " " not in m and have.get(m) != m]
    if rows:
        place = import_line("", source)
        if not place:
            return
        at = place[1] if place[0] == "before" else place[1] + 1
        if at > len(source.lines):
            return
        edits.append({"file": P.shown, "line": at, "column": 1, "end_line": at, "end_column": 1, "old": "", "new": "\n".join(rows) + "\n"})
    P.edits = edits
    say("repeat", because, "ranges")
