

# ---- Files: paths, folders, encodings.

def unicode_decode(source, line, message):
    """UnicodeDecodeError while reading a file of the program."""
    found = re.match(r"'([\w-]+)' codec can't decode byte 0x([0-9a-f]{2})", message)
    if not found:
        return
    spots = []
    for node in source.at(line, (ast.Call, ast.Name, ast.For, ast.Attribute)):
        opened = open_path(node, source)
        if opened and opened[0] and where(opened[0]):
            spots.append((opened[0], opened[2]))
        if isinstance(node, ast.Call):
            name = full(node.func, source) or ""
            if name.startswith("pandas.read_") and node.args:
                path = text_of(node.args[0], source)
                if path and where(path):
                    spots.append((path, node))
            if isinstance(node.func, ast.Attribute) and node.func.attr == "read_text":
                path = text_of(node.func.value, source)
                if path and where(path):
                    spots.append((path, node))
        if isinstance(node, ast.Name):
            bound, _ = source.resolve(node.id, node)
            for how, n in bound:
                if how == "value" and isinstance(n, ast.Call) and n.args and full(n.func, source) in ("csv.reader", "csv.DictReader"):
                    opened = open_path(n.args[0], source)
                    if opened and opened[0] and where(opened[0]):
                        spots.append((opened[0], opened[2]))
    unique = {id(call): (path, call) for path, call in spots}
    if len(unique) != 1:
        return
    path, call = next(iter(unique.values()))
    with open(where(path), "rb") as handle:
        raw = handle.read(LIMIT)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding(source, call, "utf-16", "encoding-utf16", "%s starts with the byte order mark of UTF-16" % path)
    try:
        raw.decode("utf-8")
        encoding(source, call, "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8", "encoding-utf8", "%s is valid UTF-8" % path)
        return
    except UnicodeDecodeError:
        pass
    name = western(raw)
    if name:
        encoding(source, call, name, "encoding-western", "%s is not UTF-8; every other byte is a Western European letter inside a word" % path)


WESTERN = set("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝŸ")


SIGNS = set("€£°§«»“”‘’–—…·±²³½¼µ©®™¡¿ºª\u00a0")


def western(raw):
    """cp1252 where all high bytes are letters in words, or signs."""
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    high = [i for i, c in enumerate(text) if ord(c) > 127]
    if not high or len(high) > max(3, len(text) // 4) or b"\x00" in raw:
        return None
    letters = 0
    for i in high:
        c = text[i]
        if c in WESTERN:
            letters += 1
            around = text[max(0, i - 1):i] + text[i + 1:i + 2]
            if not any(a.isascii() and a.isalpha() for a in around):
                return None
            if sum(1 for a in text[max(0, i - 2):i + 3] if a in WESTERN) > 2:
                return None
        elif c not in SIGNS:
            return None
    return "cp1252" if letters else None


def json_error(source, line, message):
    """json.load of a file that starts with a byte order mark."""
    if "Unexpected UTF-8 BOM" in message:
        for node in source.at(line, (ast.Call, ast.Name)):
            opened = open_path(node, source)
            if opened:
                encoding(source, opened[2], "utf-8-sig", "bom", "the file starts with a byte order mark")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "read_text":
                encoding(source, node, "utf-8-sig", "bom", "the file starts with a byte order mark")


def file_missing(source, line, path):
    """A path that is nearly there, or the folder of an output that is not."""
    target = os.path.join(os.getcwd(), path)
    folder = os.path.dirname(target)
    spots = [n for n in source.at(line, ast.Constant) if isinstance(n.value, str)]
    exact = [n for n in spots if os.path.normpath(n.value) == os.path.normpath(path)]
    writes = False
    for node in source.at(line, (ast.Call,)):
        opened = open_path(node, source)
        if opened and opened[1][:1] in ("w", "a", "x"):
            writes = True
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("write_text", "write_bytes", "to_csv", "to_excel", "to_json", "to_parquet", "savefig", "save", "touch", "to_pickle"):
            writes = True
        if full(node.func, source) in ("os.mkdir", "logging.FileHandler", "sqlite3.connect", "shutil.copy", "shutil.copyfile", "shutil.move", "logging.handlers.RotatingFileHandler"):
            writes = full(node.func, source) != "shutil.copy" and not full(node.func, source).startswith("shutil") or os.path.exists(text_of(node.args[0], source) or "")
    if writes and not os.path.isdir(folder):
        inside = os.path.realpath(folder).startswith(os.path.realpath(os.getcwd()) + os.sep)
        if inside:
            missing = near(os.path.basename(folder), os.listdir(os.path.dirname(folder))) if os.path.isdir(os.path.dirname(folder)) else None
            if missing is None:
                P.out.append("folder=" + os.path.relpath(folder))
                say("output-folder", "line %d writes a file into a folder that does not exist yet" % line)
        return
    if writes:
        return
    if not exact:
        exact = [n for n in ast.walk(source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and os.path.normpath(n.value) == os.path.normpath(path)]
    if len(exact) != 1:
        base = [n for n in ast.walk(source.tree) if isinstance(n, ast.Constant) and n.value == os.path.basename(path)]
        exact = base if len(base) == 1 and os.path.isdir(folder) else []
        if not exact:
            return
    node = exact[0]
    if os.path.isdir(folder):
        hit = near(os.path.basename(path), [f for f in os.listdir(folder) if os.path.isfile(os.path.join(folder, f)) and os.path.splitext(f)[1].lower() == os.path.splitext(path)[1].lower()])
        if hit:
            text = quoted(source.seg(node) or "", node.value[:len(node.value) - len(os.path.basename(node.value))] + hit)
            if text:
                swap("near-path", "%s is there" % os.path.join(os.path.dirname(path), hit), source, (node, text))
        beside = os.path.join(os.path.dirname(os.path.abspath(source.path)), path)
        return
    parent = os.path.dirname(folder)
    if os.path.isdir(parent):
        hit = near(os.path.basename(folder), [f for f in os.listdir(parent) if os.path.isdir(os.path.join(parent, f))])
        if hit and os.path.exists(os.path.join(parent, hit, os.path.basename(path))):
            text = quoted(source.seg(node) or "", os.path.normpath(os.path.join(os.path.dirname(os.path.dirname(node.value)), hit, os.path.basename(node.value))))
            if text:
                swap("near-path", "%s is there" % os.path.join(os.path.dirname(os.path.dirname(path)), hit, os.path.basename(path)), source, (node, text))


def file_exists(source, line):
    """A folder that is there already; where the folder is a lock, a run of its own or a backup, that is the answer and no fault."""
    if re.search(r"(?i)lock|mutex|pid|guard|running|claim|backup|snapshot|archive|run[_-]?\d|run_?id|version|release", source.lines[line - 1]):
        return
    call = only([n for n in source.at(line, ast.Call) if full(n.func, source) in ("os.mkdir", "os.makedirs")])
    if call is not None and len(call.args) == 1 and not call.keywords and source.seg(call):
        path = text_of(call.args[0], source)
        if path is not None and os.path.isdir(path) and not single_use(path):
            swap("folder-exists", "the folder is there already, and that is all the line is for", source, (call, "%s.makedirs(%s, exist_ok=True)" % (dotted(call.func).rpartition(".")[0] or "os", source.seg(call.args[0]))))
    call = only([n for n in source.at(line, ast.Call) if isinstance(n.func, ast.Attribute) and n.func.attr == "mkdir" and full(n.func, source) != "os.mkdir"])
    if call is not None and source.seg(call) and not any(k.arg == "exist_ok" for k in call.keywords):
        last = call.keywords[-1].value if call.keywords else call.args[-1] if call.args else None
        path = text_of(call.func.value, source)
        if path is None or not os.path.isdir(path) or single_use(path):
            return
        if last is None:
            swap("folder-exists", "the folder is there already, and that is all the line is for", source, (call, source.seg(call)[:-1] + "exist_ok=True)"))
        elif source.seg(last):
            swap("folder-exists", "the folder is there already, and that is all the line is for", source, (last, source.seg(last) + ", exist_ok=True"))


def single_use(path):
    """Does a folder's name say that it belongs to one run, version or holder?"""
    return bool(re.search(r"(?i)\d|lock|mutex|pid$|backup|snapshot|archive|release", os.path.basename(os.path.normpath(path))))
