

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
    standard = getattr(sys, "stdlib_module_names", sys.builtin_module_names)
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
        hit = near(name, names)
        if hit:
            rename_import(source, node, alias, hit, "%s defines `%s`" % (os.path.relpath(path), hit))
            return
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
        return
    if module.split(".")[0] in standard and module + "." + name not in MOVED:
        try:
            names = [n for n in dir(importlib.import_module(module)) if not n.startswith("_")]
        except ImportError:
            return
        if name not in names:
            hit = near(name, names)
            if hit and (not hint or hint == hit):
                rename_import(source, node, alias, hit, "the module %s has `%s`" % (module, hit))


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
