

# ---- IndexError and ValueError: rows, numbers and dates as the data really are.

def index_error(source, line, message):
    """IndexError: off by one in the loop, blank lines of a file."""
    if "sys.argv" in source.lines[line - 1]:
        say("argument-missing", "the program takes an argument that was not given")
    for node in source.at(line, ast.Subscript):
        base = dotted(node.value)
        inner = index(node)
        if base and isinstance(inner, ast.Call) and dotted(inner.func) == "len" and len(inner.args) == 1 and dotted(inner.args[0]) == base:
            swap("last-element", "the last element of `%s` has the index len(%s) - 1" % (base, base), source, (inner, "-1"))
        variable = inner.id if isinstance(inner, ast.Name) else None
        shift = 0
        if isinstance(inner, ast.BinOp) and isinstance(inner.left, ast.Name) and isinstance(inner.op, ast.Add) and const(inner.right, int) == 1:
            variable, shift = inner.left.id, 1
        if not base or not variable:
            continue
        for up in source.chain(node):
            if isinstance(up, ast.For) and dotted(up.target) == variable and isinstance(up.iter, ast.Call) and dotted(up.iter.func) == "range":
                args = up.iter.args
                stop = args[-1] if len(args) <= 2 else args[1]
                start = const(args[0], int) if len(args) > 1 else 0
                text = source.seg(stop)
                if text is None:
                    return
                used = {dotted(n.value) for n in ast.walk(up) if isinstance(n, ast.Subscript) and variable in names_in(index(n))}
                offsets = [n for n in ast.walk(up) if isinstance(n, ast.Subscript) and dotted(n.value) == base and isinstance(index(n), ast.BinOp)]
                if re.sub(r"\s", "", text) == "len(%s)+1" % base and shift == 0 and start == 0 and not offsets:
                    swap("off-by-one", "the indexes of `%s` end at len(%s) - 1" % (base, base), source, (stop, "len(%s)" % base))
                if re.sub(r"\s", "", text) == "len(%s)" % base and shift == 1 and start == 0:
                    swap("off-by-one", "the loop looks one element ahead", source, (stop, "len(%s) - 1" % base))
                return
            if isinstance(up, ast.While) and isinstance(up.test, ast.Compare) and len(up.test.ops) == 1 and isinstance(up.test.ops[0], ast.LtE) and dotted(up.test.left) == variable:
                right = up.test.comparators[0]
                if re.sub(r"\s", "", source.seg(right) or "") == "len(%s)" % base and shift == 0:
                    swap("off-by-one", "the indexes of `%s` end at len(%s) - 1" % (base, base), source, (up.test, "%s < %s" % (variable, source.seg(right))))
                return
    blank_lines(source, line)


def blank_lines(source, line):
    """Rows are short because the file has blank lines."""
    loops = [n for n in ast.walk(source.tree) if isinstance(n, ast.For) and n.lineno < line <= n.end_lineno]
    if not loops:
        return
    loop = max(loops, key=lambda n: n.lineno)
    opened = open_path(loop.iter, source)
    reader = isinstance(loop.iter, ast.Call) and full(loop.iter.func, source) == "csv.reader" and loop.iter.args
    if reader:
        opened = open_path(loop.iter.args[0], source)
    if isinstance(loop.iter, ast.Name) and not opened:
        found, _ = source.resolve(loop.iter.id, loop)
        values = [n for how, n in found if how == "value"]
        if len(values) == 1 and isinstance(values[0], ast.Call) and full(values[0].func, source) == "csv.reader":
            reader = True
            opened = open_path(values[0].args[0], source)
    path = opened and opened[0] and where(opened[0])
    if not path or not isinstance(loop.target, ast.Name):
        return
    rows = read_text(path).split("\n")
    if rows and rows[-1] == "":
        rows.pop()
    blank = [r for r in rows if not r.strip()]
    name = loop.target.id
    wanted = [const(index(n), int) for n in source.at(line, ast.Subscript)]
    wanted = [w for w in wanted if w is not None and w >= 0]
    if not blank or (not wanted and not any(isinstance(n, ast.Assign) and isinstance(n.targets[0], (ast.Tuple, ast.List)) for n in source.at(line, ast.Assign))):
        return
    mark = ","
    splits = [n for n in ast.walk(loop) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "split" and name in names_in(n.func)]
    if splits:
        mark = const(splits[0].args[0]) if splits[0].args else None
    elif not reader:
        return
    widths = {len(r.split(mark)) for r in rows if r.strip()}
    need = max(wanted) + 1 if wanted else None
    if need is not None and min(widths or {0}) < need or len(widths) != 1:
        return
    first = loop.body[0]
    indent = re.match(r"\s*", source.lines[first.lineno - 1]).group(0)
    if first.lineno == loop.lineno or "\t" in indent:
        return
    test = "not %s" % name if reader else "not %s.strip()" % name
    step = indent[len(re.match(r"\s*", source.lines[loop.lineno - 1]).group(0)):] or "    "
    say("blank-lines", "%s has %d blank line(s); all others have %d fields" % (os.path.relpath(path), len(blank), widths.pop()), "before", first.lineno, source.lines[first.lineno - 1].strip(), "%sif %s: continue" % (indent, test))


def value_error(source, line, message):
    """int() and float() of dirty text, unpacking, dates."""
    found = re.match(r"invalid literal for int\(\) with base 10: (.*)$", message) or re.match(r"could not convert string to float: (.*)$", message)
    if found:
        try:
            text = ast.literal_eval(found.group(1))
        except (ValueError, SyntaxError):
            return
        if isinstance(text, str):
            dirty_number(source, line, text, "int" if message.startswith("invalid literal") else "float")
        return
    if message.startswith("too many values to unpack"):
        unpack_dict(source, line)
        return
    if message.startswith(("not enough values to unpack", "need more than")):
        blank_lines(source, line)
        return
    found = re.match(r"time data '(.*)' does not match format '(.*)'$", message)
    if found:
        date_format(source, line, found.group(1), found.group(2))
        return
    if message.startswith("mutable default <class"):
        mutable_default(source, message)
        return
    if message.startswith("I/O operation on closed file"):
        return
    if message.startswith("dict contains fields not in fieldnames"):
        return


def dirty_number(source, line, text, kind):
    calls = [n for n in source.at(line, ast.Call) if dotted(n.func) == kind and len(n.args) == 1 and not n.keywords]
    call = only(calls)
    if call is None:
        if len(calls) > 1:
            exact = [c for c in calls if const(c.args[0]) == text]
            call = only(exact)
        if call is None:
            return
    arg = source.seg(call.args[0])
    if not arg:
        return
    simple = isinstance(call.args[0], (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant))
    arg = arg if simple else "(" + arg + ")"
    value = text.strip()
    if re.match(r"^[-+]?\d{1,3}(,\d{3})+$", value) and (kind == "int" or re.match(r"^[-+]?\d{1,3}(,\d{3}){2,}$", value) or thousands_elsewhere(source)):
        swap("thousands", "%r has commas between groups of three digits" % text, source, (call.args[0], arg + '.replace(",", "")'))
    if re.match(r"^[-+]?\d{1,3}(,\d{3})+\.\d+$", value) and kind == "float":
        swap("thousands", "%r has commas between groups of three digits and a decimal point" % text, source, (call.args[0], arg + '.replace(",", "")'))
    if re.match(r"^[-+]?\d{1,3}([ \u00a0\u202f]\d{3})+$", value) and kind == "int":
        return
    found = re.match(r"^([$\u20ac\u00a3])\s?\d+(\.\d+)?$", value)
    if found and (kind == "float" or "." not in value):
        swap("currency", "%r has a currency sign" % text, source, (call.args[0], '%s.lstrip("%s")' % (arg, found.group(1)) if not value[1:2].isspace() else '%s.replace("%s", "")' % (arg, found.group(1))))
    if re.match(r"^0[xX][0-9a-fA-F]+$", value) and kind == "int":
        swap("base", "%r is hexadecimal; base 0 takes each number as its prefix says" % text, source, (call, "int(%s, 0)" % source.seg(call.args[0])))
    if re.match(r"^[-+]?\d+(,\d+)?(?:)$", value) and kind == "float" and re.match(r"^[-+]?\d+,(\d{1,2}|\d{4,})$", value):
        swap("decimal-comma", "%r has a decimal comma" % text, source, (call.args[0], arg + '.replace(",", ".")'))
    if value == "":
        other_conversion(source, call, kind)


def thousands_elsewhere(source):
    return '.replace(",", "")' in source.text or ".replace(',', '')" in source.text


def other_conversion(source, call, kind):
    """An empty field: does the program say elsewhere what empty means? (`int(x or 0)`)"""
    hits = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == kind and len(node.args) == 1 and isinstance(node.args[0], ast.BoolOp) and isinstance(node.args[0].op, ast.Or) and len(node.args[0].values) == 2:
            default = source.seg(node.args[0].values[1])
            same = dotted_key(node.args[0].values[0], source) == dotted_key(call.args[0], source)
            if default and same:
                hits.add(default)
    if len(hits) == 1:
        swap("empty-elsewhere", "the same value is read with `or %s` elsewhere" % list(hits)[0], source, (call.args[0], source.seg(call.args[0]) + " or " + list(hits)[0]))


def dotted_key(node, source):
    return re.sub(r"^\w+", "_", source.seg(node) or "")


def unpack_dict(source, line):
    for loop in source.at(line, (ast.For, ast.comprehension) if False else ast.For):
        if isinstance(loop.target, ast.Tuple) and len(loop.target.elts) == 2 and isinstance(loop.iter, (ast.Name, ast.Attribute)):
            known = value_of(loop.iter, source)
            if isinstance(known, Dict) and not isinstance(known, Frame):
                swap("items", "`%s` is a dict; its pairs are .items()" % source.seg(loop.iter), source, (loop.iter, source.seg(loop.iter) + ".items()"))


DATES = [(r"^\d{4}-\d{2}-\d{2}$", ["%Y-%m-%d"]), (r"^\d{4}/\d{2}/\d{2}$", ["%Y/%m/%d"]), (r"^\d{2}/\d{2}/\d{4}$", ["%d/%m/%Y", "%m/%d/%Y"]), (r"^\d{2}\.\d{2}\.\d{4}$", ["%d.%m.%Y"]), (r"^\d{2}-\d{2}-\d{4}$", ["%d-%m-%Y", "%m-%d-%Y"]),
         (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$", ["%Y-%m-%d %H:%M"]), (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", ["%Y-%m-%d %H:%M:%S"]), (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$", ["%Y-%m-%dT%H:%M:%S"]), (r"^\d{8}$", ["%Y%m%d"])]


def date_format(source, line, text, form):
    """Does one format fit all values that the program has? Only where the value is written in the program."""
    import datetime
    call = only([n for n in source.at(line, ast.Call) if (full(n.func, source) or "").endswith("strptime") and len(n.args) == 2])
    if call is None or const(call.args[1]) != form:
        return
    values = {text}
    if const(call.args[0]) is None:
        column = call.args[0]
        known = None
        if isinstance(column, ast.Subscript):
            known = value_of(column.value, source)
        if not getattr(known, "csv", None):
            return
        import csv
        rows = list(csv.DictReader(io.StringIO(read_text(known.csv)), delimiter=known.delimiter))
        values = {(r.get(const(index(column))) or "").strip() for r in rows}
        if text not in values:
            return
    fits = []
    for pattern, forms in DATES:
        if all(re.match(pattern, v) for v in values):
            for candidate in forms:
                try:
                    for v in values:
                        datetime.datetime.strptime(v, candidate)
                    fits.append(candidate)
                except ValueError:
                    pass
    if len(fits) == 1:
        new = quoted(source.seg(call.args[1]), fits[0])
        if new:
            swap("date-format", "every value has the form %s, and no other form fits them all" % fits[0], source, (call.args[1], new))


def mutable_default(source, message):
    found = re.match(r"mutable default <class '(list|dict|set)'> for field (\w+) is not allowed", message)
    if not found:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == found.group(2) and node.value is not None and isinstance(source.parent.get(node), ast.ClassDef):
            text = source.seg(node.value)
            empty = text in ("[]", "{}", "list()", "dict()", "set()")
            call = "dataclasses.field" if "dataclasses" in imported(source) and "field" not in imported(source) else "field"
            if text:
                swap("mutable-default", "the message says so: every instance needs its own %s" % found.group(1), source, (node.value, "%s(default_factory=%s)" % (call, found.group(1) if empty else "lambda: " + text)))
