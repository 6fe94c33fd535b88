

# ---- Entry: which question to ask for which exception.

def dispatch(source, message, line):
    kind, _, rest = message.partition(": ")
    kind = kind.rpartition(".")[2]
    rest = rest.strip()
    hint = None
    found = re.search(r"\. Did you mean:? '([\w.]+)'\??", rest)
    if found:
        hint = found.group(1)
    if kind == "Fixture":
        fixture(source, line, *rest.split())
    elif kind == "MovedImport":
        moved_import(source, line, *rest.split())
    elif kind == "Network":
        network(source, line)
    elif kind == "Manager":
        manager(rest)
    elif kind == "RelativeImport":
        relative_start(source)
    elif kind == "KeyError":
        found = re.match(r"^\"\['(.+)'\] not (?:in index|found in axis)\"$", rest)
        if found:
            column_error(source, line, found.group(1))
            return
        try:
            key = ast.literal_eval(rest)
        except (ValueError, SyntaxError):
            return
        if isinstance(key, str):
            column_error(source, line, key)
        if isinstance(key, (str, int)):
            key_error(source, line, key)
            enum = [n for n in source.at(line, ast.Subscript) if const(index(n)) == key and isinstance(n.value, ast.Name)]
            if enum:
                klass = find_class(enum[0].value.id, source)
                if klass and any("Enum" in (dotted(b) or "") for b in klass[0].bases):
                    hit = near(key, attributes(klass[0], klass[1])[0])
                    text = quoted(source.seg(index(enum[0])) or "", hit) if hit else None
                    if text:
                        swap("near-member", "%s has the member %s" % (klass[0].name, hit), source, (index(enum[0]), text))
    elif kind == "AttributeError":
        found = re.match(r"^(?:partially initialized )?module '([\w.]+)' has no attribute '(\w+)'", rest)
        if found:
            module = {"posixpath": "os.path", "ntpath": "os.path"}.get(found.group(1), found.group(1))
            module_attribute(source, line, module, found.group(2), hint)
            return
        found = re.match(r"^type object '([\w.]+)' has no attribute '(\w+)'", rest)
        if found:
            type_attribute(source, line, found.group(1), found.group(2))
            return
        found = re.match(r"^'([\w.]+)' object has no attribute '(\w+)'", rest)
        if found:
            unittest_alias(source, found.group(2))
            attribute_error(source, line, found.group(1), found.group(2), hint)
            return
        rest = re.sub(r"\. Did you mean: '\w+'\?$", "", rest)
        if re.match(r"^\w+$", rest):
            lazily = [n for n in source.at(line, ast.Attribute) if n.attr == rest and isinstance(n.value, ast.Name) and imported(source).get(n.value.id)]
            if lazily:
                module_attribute(source, line, imported(source)[lazily[0].value.id], rest, hint)
            nodes = [n for n in source.at(line, ast.Attribute) if n.attr == rest and isinstance(n.value, ast.Name)]
            klass = find_class(nodes[0].value.id, source) if nodes else None
            if klass:
                hit = near(rest, attributes(klass[0], klass[1])[0])
                if hit:
                    swap("near-member", "%s has the member %s" % (klass[0].name, hit), source, (nodes[0], source.seg(nodes[0].value) + "." + hit))
    elif kind == "NameError":
        found = re.match(r"^(?:global )?name '(\w+)' is not defined", rest)
        if found:
            name_error(source, line, found.group(1), hint)
    elif kind == "UnboundLocalError":
        found = re.search(r"local variable '(\w+)'", rest)
        if found:
            unbound(source, line, found.group(1))
    elif kind == "IndexError":
        index_error(source, line, rest)
    elif kind == "ValueError":
        value_error(source, line, rest)
    elif kind == "TypeError":
        (type_error if "type_error" in globals() else call_error)(source, line, rest)
    elif kind == "RuntimeError" and re.match(r"^(dictionary (changed size|keys changed)|Set changed size|deque mutated|OrderedDict mutated)", rest):
        changed_during_iteration(source, line)
    elif kind == "UnicodeDecodeError":
        unicode_decode(source, line, rest)
    elif kind == "UnicodeEncodeError":
        for node in source.at(line, (ast.Call, ast.Name)):
            opened = open_path(node, source)
            if opened and opened[1][:1] in ("w", "a", "x") and "b" not in opened[1]:
                encoding(source, opened[2], "utf-8", "encoding-write", "the text holds characters that this encoding does not have; UTF-8 has all")
    elif kind == "JSONDecodeError":
        json_error(source, line, rest)
    elif kind in ("ModuleNotFoundError", "ImportError") and re.match(r"^No module named '?[\w.]+'?", rest):
        module_missing(source, line, re.match(r"^No module named '?([\w.]+)'?", rest).group(1))
    elif kind == "ImportError":
        found = re.match(r"^cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'([\w.]+)')?", rest)
        if found:
            import_name(source, line, found.group(1), found.group(2), hint)
    elif kind in ("FileNotFoundError", "IOError", "OSError"):
        found = re.match(r"^\[Errno 2\] No such file or directory: '(.*?)'(?: -> .*)?$", rest)
        if found:
            file_missing(source, line, found.group(1))
    elif kind == "FileExistsError":
        file_exists(source, line)
    elif kind == "Error" and "iterator should return strings" in rest:
        mode_of_file(source, line, "t")


def main(argv):
    if sys.version_info < (3, 8):
        import shutil
        import subprocess
        for name in ("python3", "/usr/bin/python3", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python3.8"):
            newer = shutil.which(name) if hasattr(shutil, "which") and os.environ.get("HEAL_EVIDENCE") != "again" else None
            # A shim may stand in for a version that is not there.
            if newer and subprocess.call([newer, "-I", "-c", "import sys; sys.exit(sys.version_info < (3, 8))"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
                os.environ["HEAL_EVIDENCE"] = "again"
                os.environ["HEAL_EVIDENCE_PREFIX"] = sys.prefix
                if "surroundings" in globals():
                    # The facts are about the interpreter that failed, not about the one that reads the source.
                    surroundings("")
                    os.environ["HEAL_EVIDENCE_FACTS"] = "\n".join(P.out)
                os.execv(newer, [newer, "-I", "-c", SCRIPT] + argv)
        return
    P.reexec = os.environ.get("HEAL_EVIDENCE") == "again"
    if len(argv) < 3 or not argv[2].isdigit():
        return
    message, path, line = argv[0], os.path.expanduser(argv[1]), int(argv[2])
    try:
        incident = {} if sys.stdin is None or sys.stdin.isatty() else json.loads(sys.stdin.read() or "{}")
        P.argv, P.frames = incident.get("argv") or [], incident.get("frames") or []
    except (ValueError, OSError):
        pass
    message = re.sub(r"^[E|\s\u2502]+(?=[A-Za-z_.]+(?:Error|Exception|Warning))", "", message)
    try:
        P.shown = path
        P.source = Source(path)
        if 0 < line <= len(P.source.lines):
            dispatch(P.source, message, line)
    except Done:
        pass
    except (SyntaxError, ValueError, OSError, RecursionError, KeyError, AttributeError, TypeError, IndexError, NameError):
        if os.environ.get("HEAL_EVIDENCE_DEBUG"):
            raise
    if P.out:
        sys.stdout.write("\n".join(P.out) + "\n")


SCRIPT = ""
if __name__ == "__main__":
    try:
        with open("/proc/self/cmdline", "rb") as handle:
            words = handle.read().split(b"\0")
        SCRIPT = words[words.index(b"-c") + 1].decode()
    except (OSError, ValueError):
        pass
    main(sys.argv[1:])
