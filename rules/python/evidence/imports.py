

# ---- ImportError: names that modules of the project and the standard library really have.

def import_name(source, line, name, module, hint):
    """cannot import name 'x' from 'm'."""
    nodes = [n for n in source.at(line, ast.ImportFrom)]
    node = only(nodes)
    if node is None:
        return
    if not module:
        module = node.module or ""
    alias = only([a for a in node.names if a.name == name])
    if alias is None:
        return
    dots = "." * (node.level or 0)
    path = module_file(module, source) if not node.level else None
    if node.level:
        base = os.path.dirname(os.path.abspath(source.path))
        for _ in range(node.level - 1):
            base = os.path.dirname(base)
        stem = os.path.join(base, *(node.module or "").split("."))
        path = next((p for p in (stem + ".py", os.path.join(stem, "__init__.py")) if os.path.isfile(p)), None)
    standard = standard_modules()
    if path and module in standard and not node.level:
        say("shadowed", "%s hides the standard module `%s`" % (os.path.relpath(path), module))
    if path:
        if os.path.abspath(path) == os.path.abspath(source.path):
            say("imports-itself", "%s imports from itself" % os.path.relpath(path))
        try:
            other = Source(path)
        except (SyntaxError, ValueError, OSError):
            return
        names = defined(other)
        if name in names:
            say("circular", "%s defines `%s`, but it is still being loaded: it imports %s in turn" % (os.path.relpath(path), name, os.path.relpath(source.path)))
        homes = []
        for candidate in project_files():
            if candidate in (path, source.path):
                continue
            try:
                third = Source(candidate)
            except (SyntaxError, ValueError, OSError):
                continue
            if any(isinstance(n, FUNCTIONS + (ast.ClassDef,)) and n.name == name for n in third.tree.body):
                homes.append(candidate)
        if len(homes) == 1 and len(node.names) == 1 and not node.level:
            relative = os.path.relpath(homes[0], os.path.dirname(os.path.abspath(path)))
            sibling = relative[:-3].replace(os.sep, ".")
            new = ".".join(module.split(".")[:-1] + [sibling]) if not relative.startswith("..") else None
            if new and re.match(r"^[\w.]+$", new) and module_file(new, source) == homes[0]:
                edit = source.lines[node.lineno - 1].strip()
                say("moved-in-project", "only %s defines `%s`" % (os.path.relpath(homes[0]), name), "replace", node.lineno, edit, re.sub(r"^from\s+\S+", "from " + new, edit))
        hit = near(name, names, lambda other: count_word(other) == 1)
        if hit:
            rename_import(source, node, alias, hit, "%s defines `%s`" % (os.path.relpath(path), hit))
            return
        return
    if module.split(".")[0] in standard and module + "." + name not in MOVED:
        try:
            names = [n for n in dir(importlib.import_module(module)) if not n.startswith("_")]
        except ImportError:
            return
        if name not in names:
            hit = near(name, names, lambda other: hint == other, True)
            if hit and (not hint or hint == hit):
                rename_import(source, node, alias, hit, "the module %s has `%s`" % (module, hit))
    elif module.split(".")[0] not in standard and module + "." + name not in MOVED:
        installed_name(source, node, alias, module, name, hint)


def installed_name(source, node, alias, module, name, hint):
    """A near name that an installed module says it has, read from its text."""
    try:
        spec = importlib.util.find_spec(module.split(".")[0])
        folder = os.path.dirname(spec.origin) if spec and spec.origin else None
    except (ImportError, ValueError, AttributeError):
        return
    if not folder:
        return
    stem = os.path.join(folder, *module.split(".")[1:])
    path = next((p for p in (os.path.join(stem, "__init__.py"), stem + ".py", spec.origin if "." not in module else "") if p.endswith(".py") and os.path.isfile(p)), None)
    if path is None:
        return
    try:
        names = {n for n in defined(Source(path)) if not n.startswith("_")}
    except (SyntaxError, ValueError, OSError):
        return
    if name in names:
        return
    hit = near(name, names)
    if hit and (not hint or hint == hit):
        rename_import(source, node, alias, hit, "%s as it is installed has `%s`" % (module, hit))


def rename_import(source, node, alias, new, because):
    """`from m import lod` -> `from m import load`; the uses keep their name only if it was given with `as`."""
    line = source.lines[node.lineno - 1]
    if node.lineno != node.end_lineno:
        rows = [i for i in range(node.lineno, node.end_lineno + 1) if re.search(r"\b" + re.escape(alias.name) + r"\b", source.lines[i - 1])]
        if len(rows) != 1:
            return
        line_number = rows[0]
        line = source.lines[line_number - 1]
    else:
        line_number = node.lineno
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == alias.name]
    correct = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == new]
    head, mark, tail = line.partition(" import ") if line_number == node.lineno and " import " in line else ("", "", line)
    if alias.asname or not uses:
        changed = re.sub(r"\b" + re.escape(alias.name) + r"\b", new, tail, 1)
        say("near-import", because, "replace", line_number, line.strip(), (head + mark + changed).strip())
    elif all(isinstance(n.ctx, ast.Load) for n in uses) and not correct:
        if len(re.findall(r"(?<![\w.])" + re.escape(alias.name) + r"\b", source.text)) == len(uses) + 1:
            say("near-import", because, "rename", 0, alias.name, new)
        at = re.search(r"(?<!\w)" + re.escape(alias.name) + r"(?!\w)", tail)
        column = len(head + mark) + at.start() + 1
        shown = P.shown if source is P.source else os.path.relpath(source.path)
        P.edits = [{"file": shown, "line": line_number, "column": column, "end_line": line_number, "end_column": column + len(alias.name), "old": alias.name, "new": new}]
        for n in uses:
            start = source.span(n)[1] + 1
            P.edits.append({"file": shown, "line": n.lineno, "column": start, "end_line": n.lineno, "end_column": start + len(alias.name), "old": alias.name, "new": new})
        say("near-import", because, "ranges")


def module_missing(source, line, module):
    """No module named 'm': what is it, where could it be, and what surrounds the interpreter?"""
    top = module.split(".")[0]
    surroundings(top)
    here = os.path.dirname(os.path.abspath(source.path))
    nodes = [n for n in source.at(line, (ast.Import, ast.ImportFrom)) if not getattr(n, "level", 0)]
    written = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            written |= {node.module or ""} | {(node.module or "") + "." + a.name for a in node.names}
        else:
            written |= {a.name for a in node.names}
    node = only([n for n in nodes if any(w == module or w.startswith(module + ".") for w in written)])
    if node is None:
        in_settings(source, module)
        return
    P.out.append("written=yes")
    roots = [here] if here == os.getcwd() else [here, os.getcwd()]
    if "." in module:
        parent, _, child = module.rpartition(".")
        home = module_file(parent, source)
        if home and os.path.basename(home) == "__init__.py":
            folder = os.path.dirname(home)
            hit = near(child, modules_in(folder), lambda other: gives(parent + "." + other, node, source))
            if hit and not gives(parent + "." + hit, node, source):
                return
            if hit:
                rename_module(source, node, module, parent + "." + hit, "%s is there" % os.path.relpath(os.path.join(folder, hit)))
            return
        if home:
            say("not-a-package", "%s is a module, not a package" % os.path.relpath(home))
    local = set()
    for root in roots:
        local |= modules_in(root)
    own = os.path.splitext(os.path.basename(source.path))[0]
    hit = near(top, local - {own, "__init__", "__main__", "setup", "conftest"}, lambda other: gives(other, node, source))
    if hit and not gives(hit, node, source):
        hit = None
    if hit and "." not in module:
        rename_module(source, node, top, hit, "%s is there" % (hit if os.path.isdir(os.path.join(here, hit)) else hit + ".py"), "misspelt-local-module")
    packaged = any(os.path.isfile(f) for f in ("pyproject.toml", "setup.py", "setup.cfg"))
    src = os.path.join(os.getcwd(), "src")
    if top in modules_in(src):
        if packaged:
            say("project-not-installed", "src/%s is this project's own package, which is not installed" % top)
        P.out.append("root=" + src)
        say("outside-path", "src/%s is there, but src is not on the import path" % top)
    up = here
    for _ in range(3):
        if here != os.getcwd() and top in modules_in(up) and up != here:
            P.out.append("root=" + up)
            say("outside-path", "%s is there, but that folder is not on the import path" % os.path.relpath(os.path.join(up, top)))
        if up == os.getcwd() or os.path.dirname(up) == up:
            break
        up = os.path.dirname(up)
    if top in modules_in(os.getcwd()) and here != os.getcwd():
        P.out.append("root=" + os.getcwd())
        say("outside-path", "%s is there, but that folder is not on the import path" % os.path.relpath(top))
    standard = [n for n in standard_modules() if not n.startswith("_")]
    hit = near(top, standard, None, True) if not top[-1:].isdigit() else None
    if hit and distance(top, hit) == 1 and len(top) > 3 and "." not in module:
        rename_module(source, node, top, hit, "the standard library has `%s`" % hit, "misspelt-standard-module")
    hit = near(top, installed_modules(), None, True) if not top[-1:].isdigit() else None
    if hit and distance(top, hit) == 1 and len(top) > 3 and not top.startswith(hit) and "." not in module:
        rename_module(source, node, top, hit, "`%s` is installed" % hit, "misspelt-installed-module")


def gives(module, node, source):
    """Has a module of the project every name that the import takes from it?"""
    path = module_file(module, source)
    if path is None:
        return True
    try:
        names = defined(Source(path))
    except (SyntaxError, ValueError, OSError):
        return False
    folder = os.path.dirname(path) if os.path.basename(path) == "__init__.py" else None
    if isinstance(node, ast.ImportFrom):
        return all(a.name == "*" or a.name in names or folder and a.name in modules_in(folder) or "__getattr__" in names for a in node.names)
    wanted = {source.parent[n].attr for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id in {a.asname or a.name for a in node.names} and isinstance(source.parent.get(n), ast.Attribute)}
    return wanted <= names or folder is not None or "." in module


def in_settings(source, module):
    """The module is not imported by a statement but named in a text (INSTALLED_APPS, DJANGO_SETTINGS_MODULE): one text of the project, and a near module."""
    spots = []
    for path in project_files():
        text = read_text(path)
        if module not in text:
            continue
        try:
            other = source if os.path.abspath(path) == os.path.abspath(source.path) else Source(path)
        except (SyntaxError, ValueError, OSError):
            continue
        spots += [(other, n) for n in ast.walk(other.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and (n.value == module or n.value.startswith(module + "."))]
    if len(spots) != 1:
        return
    owner, node = spots[0]
    parent, _, child = module.rpartition(".")
    home = os.path.join(os.getcwd(), *parent.split(".")) if parent else os.getcwd()
    hit = near(child, modules_in(home) - {"manage", "setup", "conftest"})
    if hit:
        new = (parent + "." if parent else "") + hit
        text = quoted(owner.seg(node) or "", new + node.value[len(module):])
        rest = new + node.value[len(module):]
        if text and (rest == new or module_file(rest, source) or module_file(rest.rpartition(".")[0], source)):
            swap("misspelt-local-module", "%s is there, and %s names it in a text" % (hit, os.path.relpath(owner.path)), owner, (node, text))


def surroundings(top):
    """Facts about the interpreter that heal needs before it installs anything."""
    import sysconfig
    if P.reexec:
        P.out += os.environ.get("HEAL_EVIDENCE_FACTS", "").split("\n")
        return
    venv = sys.prefix != getattr(sys, "base_prefix", sys.prefix)
    managed = os.path.isfile(os.path.join(sysconfig.get_path("stdlib") or "", "EXTERNALLY-MANAGED"))
    P.out.append("managed=" + ("yes" if managed and not venv else "no"))
    P.out.append("pip=" + ("yes" if importlib.util.find_spec("pip") else "no"))
    P.out.append("python=%d.%d" % sys.version_info[:2])
    try:
        from importlib import metadata
    except ImportError:
        return
    have = {}
    for found in metadata.distributions():
        name = found.metadata["Name"]
        if name:
            have[re.sub(r"[-_.]+", "-", name).lower()] = found.version
    listed = ",".join("%s==%s" % pair for pair in sorted(have.items()))
    if len(listed) < 4000:
        P.out.append("installed=" + (listed or "none==0"))
    if os.path.isfile("requirements.txt"):
        wanted = re.findall(r"(?m)^\s*([A-Za-z0-9][\w.-]*)", read_text("requirements.txt"))
        lacking = [w for w in wanted if re.sub(r"[-_.]+", "-", w).lower() not in have]
        if len(lacking) > 1:
            P.out.append("lacking=%d" % len(lacking))


def modules_in(folder):
    """Names that can be imported from a folder."""
    names = set()
    if os.path.isdir(folder):
        for entry in os.listdir(folder):
            path = os.path.join(folder, entry)
            if entry.endswith(".py") and os.path.isfile(path):
                names.add(entry[:-3])
            elif entry.isidentifier() and os.path.isdir(path) and (os.path.isfile(os.path.join(path, "__init__.py")) or any(f.endswith(".py") for f in os.listdir(path))):
                names.add(entry)
    return names


def installed_modules():
    """Top-level names of what is installed."""
    names = set()
    for folder in sys.path:
        if folder.endswith(("site-packages", "dist-packages")) and os.path.isdir(folder):
            names |= {n for n in modules_in(folder) if not n.startswith("_")}
    return names


def rename_module(source, node, old, new, because, verdict="misspelt-local-module"):
    """The import takes the right name; its uses follow where they use the wrong one."""
    if node.lineno != node.end_lineno and not isinstance(node, ast.ImportFrom):
        return
    line = source.lines[node.lineno - 1]
    simple = isinstance(node, ast.Import) and "." not in old and any(a.name == old and not a.asname for a in node.names)
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == old]
    right = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == new]
    changed = re.sub(r"(?<![\w.])" + re.escape(old) + r"(?!\w)", new, line, 1)
    if changed == line:
        return
    if simple and uses:
        if right or not all(isinstance(n.ctx, ast.Load) for n in uses):
            return
        if len(re.findall(r"(?<![\w.])" + re.escape(old) + r"(?!\w)", source.text)) == len(uses) + 1:
            say(verdict, because, "rename", 0, old, new)
        return
    say(verdict, because, "replace", node.lineno, line.strip(), changed.strip())


def relative_start(source):
    """How a file of a package is started: `python -m package.module`, from the folder that holds the package."""
    folder, parts = os.path.dirname(os.path.abspath(source.path)), [os.path.splitext(os.path.basename(source.path))[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    if len(parts) == 1:
        parts.insert(0, os.path.basename(folder))
        folder = os.path.dirname(folder)
    if parts[-1] == "__main__":
        parts.pop()
    if all(p.isidentifier() for p in parts):
        P.out.append("started=" + ".".join(parts))
        P.out.append("from=" + os.path.relpath(folder))


def moved_import(source, line, module, name, home, called):
    """`from m import a, b` where one of the names has moved: that one gets a line of its own, or the line is renamed where it is alone."""
    node = only([n for n in source.at(line, ast.ImportFrom) if n.module == module and not n.level])
    alias = only([a for a in node.names if a.name == name]) if node is not None else None
    if alias is None or len(node.names) < 2:
        return
    gone = [alias]
    if home == "collections.abc":
        import collections.abc
        gone = [a for a in node.names if hasattr(collections.abc, a.name) and not hasattr(importlib.import_module("collections"), a.name)] or gone
    def words(aliases, rename=False):
        new = lambda a: called if rename and a is alias else a.name
        kept = lambda a: a.asname or (a.name if new(a) != a.name else None)
        return ", ".join(new(a) + (" as " + kept(a) if kept(a) else "") for a in aliases)
    rest = [a for a in node.names if a not in gone]
    first, last = source.lines[node.lineno - 1], source.lines[node.end_lineno - 1]
    indent = re.match(r"\s*", first).group(0)
    if ";" in first or "\\" in first or any("#" in source.lines[i - 1] for i in range(node.lineno, node.end_lineno + 1)):
        return
    moved = "from %s import %s" % (home, words(gone, True))
    if not rest:
        new = moved
    else:
        inner = source.lines[node.lineno - 1:node.end_lineno]
        if node.lineno == node.end_lineno:
            kept = "from %s import %s" % (module, ("(%s)" if first.rstrip().endswith(")") else "%s") % words(rest))
        else:
            # One name a line stays one name a line.
            rows = [r for r in inner[1:-1] if not re.match(r"^\s*(%s)(\s+as\s+\w+)?\s*,?\s*$" % "|".join(re.escape(a.name) for a in gone), r)]
            if len(rows) != len(inner) - 2 - len(gone):
                return
            kept = "\n".join([first.strip()] + rows + [last])
        new = kept + "\n" + indent + moved
    span = {"line": node.lineno, "column": len(indent) + 1, "end_line": node.end_lineno, "end_column": len(last) + 1}
    old = "\n".join([first[len(indent):]] + source.lines[node.lineno:node.end_lineno])
    P.edits = [dict(span, file=P.shown, old=old, new=new)]
    say("moved-import", "%s has %s, and the line imports more than that" % (home, " and ".join("`%s`" % (called if a is alias else a.name) for a in gone)), "ranges")
