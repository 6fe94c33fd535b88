

# ---- KeyError: keys, columns and fields that the program really has.

def key_error(source, line, key):
    """KeyError: a key of the data that is nearly the same, a counter, a default that stands elsewhere."""
    nodes = [n for n in source.at(line, ast.Subscript) if isinstance(getattr(n, "ctx", None), (ast.Load, ast.Store)) or True]
    literal = [n for n in nodes if const(index(n), (str, int)) == key and isinstance(n.ctx, ast.Load)]
    node = literal[0] if literal and len({source.seg(n) for n in literal}) == 1 else None
    if node is not None:
        known = value_of(node.value, source)
        if isinstance(known, Many) and isinstance(node.value, ast.Name) is False:
            known = None
        named = dotted(node.value)
        if isinstance(known, Dict) and isinstance(key, str):
            csv_path = getattr(known, "csv", None)
            if csv_path:
                csv_findings(source, known, key, csv_path)
            hit = near(key, known.keys, lambda other: fits_use(source, node, settle(known.items.get(other))))
            literal_keys = known.node.keys if known.node is not None and isinstance(known.node, ast.Dict) else []
            slips = [k for k in literal_keys if const(k) and near(const(k), [key]) == key]
            if len(slips) == 1 and isinstance(key, str) and count_word(key) > count_word(const(slips[0])) == 1 and key not in known.keys:
                other = quoted(source.seg(slips[0]) or "", key)
                if other:
                    swap("misspelt-in-data", "%s has %r once, the program reads %r %d times" % (known.of, const(slips[0]), key, count_word(key)), source, (slips[0], other))
            beside = hit or near(key, known.keys, lambda other: True)
            if (beside or known.keys) and known.of != "the environment":
                P.out.append("nearby=%s has %s" % (known.of, repr(beside) if beside else ", ".join(repr(k) for k in list(known.keys)[:8])))
            if hit and known.of != "the environment" and not stored(source, key) and not in_data(key):
                text = quoted(source.seg(index(node)) or "", hit)
                times = count_word(key), count_word(hit)
                if known.node is not None and isinstance(known.node, ast.Dict) and times[0] > times[1] and times[1] == 1:
                    at = [k for k in known.node.keys if const(k) == hit]
                    other = quoted(source.seg(at[0]) or "", key) if at else None
                    if other:
                        swap("misspelt-in-data", "%s has %r once, the program reads %r %d times" % (known.of, hit, key, times[0]), source, (at[0], other))
                if text:
                    swap("near-key", "%s has %r, and nothing writes %r" % (known.of, hit, key), source, *[(index(n), text) for n in literal])
            if key in known.keys:
                return
        other_default(source, node, key, named)
        return
    for name in nodes:  # names[key] += …, groups[key].append(…)
        accumulate(source, name)
    for call in source.at(line, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format" and const(call.func.value) is not None:
            format_key(source, call, key)
    unquoted = [n for n in nodes if isinstance(index(n), ast.Name) and isinstance(n.ctx, ast.Load)]
    if len(unquoted) == 1 and isinstance(key, (int, str)):
        known = value_of(unquoted[0].value, source)
        if isinstance(known, Dict) and known.keys and not isinstance(known, Frame):
            if isinstance(key, int) and all(isinstance(k, str) for k in known.keys) and str(key) in known.keys:
                swap("key-type", "all keys of %s are text, %r is among them" % (known.of, str(key)), source, (index(unquoted[0]), "str(%s)" % source.seg(index(unquoted[0]))))
            if isinstance(key, str) and all(isinstance(k, int) for k in known.keys) and key.isdigit() and int(key) in known.keys:
                swap("key-type", "all keys of %s are numbers, %s is among them" % (known.of, key), source, (index(unquoted[0]), "int(%s)" % source.seg(index(unquoted[0]))))


def stored(source, key):
    """Does the program itself write this key, here or in another file?"""
    if key in stored_in(source):
        return True
    if not isinstance(key, str):
        return False
    for path in project_files():
        if os.path.abspath(path) != os.path.abspath(source.path):
            try:
                if re.search(r"""(['"])%s\1""" % re.escape(key), read_text(path)) and key in stored_in(Source(path)):
                    return True
            except (SyntaxError, ValueError, OSError):
                pass
    return False


def stored_in(source):
    """The keys that a file writes."""
    keys = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            keys.add(const(index(node), (str, int)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("setdefault", "pop") and node.args:
            keys.add(const(node.args[0], (str, int)))
        elif isinstance(node, ast.Dict):
            keys |= {const(k, (str, int)) for k in node.keys if k is not None}
        elif isinstance(node, ast.Call) and (dotted(node.func) == "dict" or isinstance(node.func, ast.Attribute) and node.func.attr == "update"):
            keys |= {k.arg for k in node.keywords}
    return keys - {None}


def csv_findings(source, row, key, path):
    """A header that is there but read wrongly: byte order mark, blanks, another delimiter."""
    with open(path, "rb") as handle:
        head = handle.read(4096)
    opened = row.opened
    first = head.split(b"\n")[0]
    if head.startswith(b"\xef\xbb\xbf") and row.keys and row.keys[0].lstrip("\ufeff").strip('"') == key or (head.startswith(b"\xef\xbb\xbf") and key in row.keys):
        encoding(source, opened, "utf-8-sig", "bom", "%s starts with a byte order mark, so its first column is read as '\\ufeff%s'" % (row.of, key))
    stripped = [k.strip() for k in row.keys]
    call = row.node
    if key in stripped and all(k[0:1] == " " for k in row.keys[1:]) and row.keys[0] == stripped[0] and all(k.lstrip() == s for k, s in zip(row.keys, stripped)):
        swap("blank-after-delimiter", "every column name of %s after the first starts with a blank" % row.of, source, (call.args[-1], source.seg(call.args[-1]) + ", skipinitialspace=True"))
    for mark, shown in ((";", '";"'), ("\t", '"\\t"'), ("|", '"|"')):
        cells = header(path, mark)
        if len(row.keys) == 1 and len(cells) > 1 and key in [c.strip('"\ufeff ') for c in cells]:
            swap("delimiter", "the columns of %s are separated by %s" % (row.of, shown), source, (call.args[-1], source.seg(call.args[-1]) + ", delimiter=" + shown))


SECRET = re.compile(r"(?i)passw|pwd|token|secret|credential|api_?key|private|auth|dsn|database_url")


def other_default(source, node, key, named):
    """The same key of the same thing is read with a default elsewhere, and that default is worked with."""
    if named is None or isinstance(node.ctx, ast.Store) or SECRET.search(str(key)):
        return
    environment = full(node.value, source) == "os.environ"
    defaults = {}
    for call in ast.walk(source.tree):
        if not isinstance(call, ast.Call):
            continue
        name = full(call.func, source)
        get = isinstance(call.func, ast.Attribute) and call.func.attr == "get" and dotted(call.func.value) == named and same_thing(source, call.func.value, node.value)
        hit = get or (environment and name in ("os.getenv", "os.environ.get"))
        if hit and len(call.args) == 2 and const(call.args[0], (str, int)) == key and isinstance(call.args[1], (ast.Constant, ast.List, ast.Dict)):
            if shown_or_tested(source, call) or environment and not const(call.args[1]):
                continue
            defaults[source.seg(call.args[1])] = call
    if len(defaults) == 1:
        text, call = next(iter(defaults.items()))
        if text and const(call.args[1], type(None)) is None and not (isinstance(call.args[1], ast.Constant) and call.args[1].value is None):
            swap("default-elsewhere", "line %d reads the same key with the default %s" % (call.lineno, text), source,
                 (node, "%s.get(%s, %s)" % (source.seg(node.value), source.seg(index(node)), text)))


def same_thing(source, one, other):
    """Do two expressions of one text stand for one object: a variable of one function, a global, one attribute of self, a parameter that gets the same variable everywhere?"""
    names = [n for n in (one, other)]
    while all(isinstance(n, ast.Attribute) for n in names):
        names = [n.value for n in names]
    if not all(isinstance(n, ast.Name) for n in names) or names[0].id != names[1].id:
        return False
    if names[0].id in ("self", "cls"):
        return source.klass(one) is source.klass(other)
    found = [source.resolve(n.id, n) for n in names]
    if found[0][1] is found[1][1]:
        loops = [[b for b in f[0] if b[0] == "loop"] for f in found]
        return not any(loops) or loops[0] == loops[1]
    handed = [handed_over(source, names[0].id, f) for f in found]
    return None not in handed and handed[0] == handed[1]


def handed_over(source, name, resolved):
    """The global variable behind a parameter, where every caller in the file hands over the same one."""
    bound, scope = resolved
    if [b[0] for b in bound] != ["param"] or not isinstance(scope, FUNCTIONS):
        return name if isinstance(scope, ast.Module) else None
    args = [a.arg for a in scope.args.args]
    if name not in args:
        return None
    given = set()
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", None)) == scope.name:
            place = args.index(name) - (1 if args[0] in ("self", "cls") else 0)
            value = call.args[place] if place < len(call.args) else None
            if not isinstance(value, ast.Name):
                return None
            inner = source.resolve(value.id, value)
            given.add(value.id if isinstance(inner[1], ast.Module) else handed_over(source, value.id, inner) if inner[1] is not scope else None)
    return given.pop() if len(given) == 1 else None


def empty_dict(source, node):
    """Is this name an empty dict that only accumulates?"""
    if not isinstance(node, ast.Name):
        return False
    found, _ = source.resolve(node.id, node)
    values = [n for how, n in found if how == "value"]
    return len(found) == 1 and len(values) == 1 and ((isinstance(values[0], ast.Dict) and not values[0].keys) or (
        isinstance(values[0], ast.Call) and dotted(values[0].func) == "dict" and not values[0].args and not values[0].keywords))


def accumulate(source, node):
    """`d[k] += 1` and `d[k].append(x)` on a dict that starts empty."""
    if not empty_dict(source, node.value):
        return
    adds = only_collects(source, node.value)
    if adds is None:
        return
    parent = source.parent.get(node)
    name, key = source.seg(node.value), source.seg(index(node))
    if isinstance(parent, ast.AugAssign) and parent.target is node and isinstance(parent.op, (ast.Add, ast.Sub)) and name and key and adds:
        text = isinstance(parent.value, (ast.JoinedStr,)) or const(parent.value) is not None
        start = '""' if text else "[]" if isinstance(parent.value, ast.List) else "0"
        sign = "+" if isinstance(parent.op, ast.Add) else "-"
        value = source.seg(parent.value)
        if value:
            if sign == "-" and isinstance(parent.value, (ast.BinOp, ast.IfExp)):
                value = "(" + value + ")"
            swap("counter", "`%s` starts empty and only accumulates" % name, source, (parent, "%s[%s] = %s.get(%s, %s) %s %s" % (name, key, name, key, start, sign, value)))
    if isinstance(parent, ast.Attribute) and parent.attr in ("append", "extend", "add", "update") and name and key:
        start = "set()" if parent.attr == "add" else "[]" if parent.attr in ("append", "extend") else None
        if start and isinstance(source.parent.get(parent), ast.Call):
            swap("grouping", "`%s` starts empty and its values are collected with `%s`" % (name, parent.attr), source, (node, "%s.setdefault(%s, %s)" % (name, key, start)))
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store) and name and key:
        swap("grouping", "`%s` starts empty and its values are filled by key" % name, source, (node, "%s.setdefault(%s, {})" % (name, key)))


def only_collects(source, node):
    """Is a dict nothing but a collection that grows by its keys? None where something else fills it: then an unknown key is a mistake. True where it is added to."""
    _, scope = source.resolve(node.id, node)
    adds = False
    for name in ast.walk(scope):
        if not isinstance(name, ast.Name) or name.id != node.id or isinstance(name.ctx, ast.Store):
            continue
        if source.resolve(node.id, name)[1] is not scope:
            continue
        up = source.parent.get(name)
        if isinstance(up, ast.Subscript) and up.value is name:
            outer = source.parent.get(up)
            if isinstance(outer, ast.AugAssign) and outer.target is up:
                adds = adds or isinstance(outer.op, ast.Add)
            elif isinstance(up.ctx, (ast.Store, ast.Del)):
                return None
        elif isinstance(up, ast.Attribute) and up.attr in ("update", "setdefault", "pop", "popitem", "clear", "fromkeys"):
            return None
        elif isinstance(up, (ast.Call, ast.keyword)):
            call = up if isinstance(up, ast.Call) else source.parent.get(up)
            called = dotted(call.func) or ""
            if not (is_builtin(called) or "." in called and called.partition(".")[0] in imported(source)):
                found = source.resolve(called, call)[0] if called else []
                if len(found) != 1 or found[0][0] != "def" or any(isinstance(n, ast.Subscript) and isinstance(n.ctx, (ast.Store, ast.Del)) or isinstance(n, ast.Attribute) and n.attr in ("update", "setdefault") for n in ast.walk(found[0][1])):
                    return None
        elif isinstance(up, ast.Assign) and up.value is name:
            return None
    return adds


def format_key(source, call, key):
    """str.format: a misspelt field, or braces that were meant as text."""
    text = const(call.func.value)
    if any(k.arg is None for k in call.keywords):
        return
    given = [k.arg for k in call.keywords]
    seg = source.seg(call.func.value)
    if not seg or not isinstance(key, str):
        return
    if re.match(r"^\w+$", key):
        hit = near(key, given)
        if hit and "{" + hit not in text:
            new = re.sub(r"\{" + re.escape(key) + r"(?=[}!:.\[])", "{" + hit, seg)
            swap("format-field", "the call gives `%s`, the text asks for `%s`" % (hit, key), source, (call.func.value, new))
    elif key.strip()[:1] in ('"', "'", "") or "\n" in key:
        fields = re.findall(r"\{(\w*)\}", text)
        if fields and all(f in given or f == "" or f.isdigit() for f in fields):
            def brace(match):
                return match.group(0) if re.match(r"^\{\w*([!:][^{}]*)?\}$", match.group(0)) and re.match(r"^\{(\w*)", match.group(0)).group(1) in given + [""] else None
            new, depth = "", 0
            for part in re.split(r"(\{\w*\})", seg):
                if re.match(r"^\{\w*\}$", part) and (part[1:-1] in given):
                    new += part
                else:
                    new += part.replace("{", "\x01\x01").replace("}", "\x02\x02")
            swap("format-braces", "only %s are fields of the text, the other braces are text" % ", ".join("{%s}" % g for g in given), source, (call.func.value, new.replace("\x01", "{").replace("\x02", "}")))


def column_error(source, line, name):
    """pandas: KeyError of a column."""
    for node in source.at(line, ast.Constant):
        if node.value == name:
            holder = source.parent.get(node)
            frame = None
            for up in [holder] + list(source.chain(holder)):
                if isinstance(up, ast.Subscript):
                    frame = value_of(up.value, source)
                    break
                if isinstance(up, ast.Call) and isinstance(up.func, ast.Attribute):
                    frame = value_of(up.func.value, source)
                    break
            if isinstance(frame, Frame) and name not in frame.keys:
                assigned = any(isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and const(index(n)) == name for n in ast.walk(source.tree))
                made = [const(index(n)) for n in ast.walk(source.tree) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and const(index(n))]
                whole = source.parent.get(node)
                whole = source.parent.get(whole) if whole.__class__.__name__ == "Index" else whole
                hit = near(name, list(frame.keys) + made, lambda other: use_of(source, whole) == "number")
                if in_data(name):
                    hit = None
                if not hit:
                    P.out.append("nearby=%s has %s" % (frame.of, ", ".join(repr(k) for k in frame.keys[:8])))
                text = quoted(source.seg(node) or "", hit) if hit else None
                if text and not assigned:
                    swap("near-column", "%s has the column %r" % (frame.of, hit), source, (node, text))
