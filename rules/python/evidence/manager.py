

# ---- Which distribution, in which version, by whose word: requirements, manifests and lock files.

OPTIONS = re.compile(r"^\s*(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host|-c|--constraint|--require-hashes|--pre|--no-binary|--only-binary)\b|\s--hash=", re.M)


def plain(name):
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_of(text):
    """(name, extras and specifier, applies here) of one requirement."""
    text = re.split(r"\s+#|\s+--hash|\s+\\$", text.strip())[0].strip()
    found = re.match(r"^([A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*(?:\(\s*([^)]*)\s*\)|([^;@]*))\s*(@[^;]*)?(?:;(.*))?$", text)
    if not found:
        return None
    name, extras, braced, bare, url, marker = found.groups()
    spec = re.sub(r"\s+", "", braced or bare or "")
    applies = True
    if marker:
        try:
            from pip._vendor.packaging.markers import Marker
            applies = bool(Marker(marker.strip()).evaluate({"extra": ""})) or "extra" in marker
        except Exception:
            applies = True
    return name, (extras or "").replace(" ", "") + spec, applies, bool(url)


def caret(spec):
    """Poetry's ^1.2 and ~1.2 as every index understands them."""
    spec = re.sub(r"\s+", "", spec)
    found = re.match(r"^([\^~])(\d+)(?:\.(\d+))?(?:\.(\d+))?$", spec)
    if not found:
        return "" if spec in ("*", "") else "==" + spec if re.match(r"^\d[\w.]*(\.\*)?$", spec) else spec
    sign, parts = found.group(1), [int(p) for p in found.groups()[1:] if p is not None]
    if sign == "~":
        upper = parts[:2] if len(parts) > 1 else parts[:1]
    else:
        lead = next((i for i, p in enumerate(parts) if p), len(parts) - 1)
        upper = parts[:lead + 1]
    upper = upper[:-1] + [upper[-1] + 1]
    return ">=%s,<%s" % (".".join(map(str, parts)), ".".join(map(str, upper)))


def toml(path):
    try:
        import tomllib as reader
    except ImportError:
        try:
            from pip._vendor import tomli as reader
        except ImportError:
            return {}
    try:
        return reader.loads(read_text(path))
    except Exception:
        return {}


def requirement_files():
    """The requirements files of the project: the plain one first."""
    names = [f for f in os.listdir(".") if re.match(r"(?i)^(requirements[\w.-]*|[\w-]*requirements)\.(txt|in)$", f)]
    if os.path.isdir("requirements"):
        names += ["requirements/" + f for f in os.listdir("requirements") if f.endswith((".txt", ".in"))]
    return sorted(names, key=lambda f: (f != "requirements.txt", f.endswith(".in"), f))


def declared_in_files(dist):
    """What the manifests say about a distribution: (requirement, file, extra, private, applies)."""
    for path in requirement_files():
        text = read_text(path)
        for line in text.replace("\\\n", " ").split("\n"):
            found = requirement_of(line) if line.strip() and not line.strip().startswith(("#", "-")) else None
            if found and plain(found[0]) == dist:
                if OPTIONS.search(text):
                    P.out.append("options=" + path)
                yield found[0] + found[1], path, "", found[3], found[2]
    data = toml("pyproject.toml") if os.path.isfile("pyproject.toml") else {}
    project, tool = data.get("project", {}), data.get("tool", {})
    private = bool([s for s in tool.get("poetry", {}).get("source", []) + tool.get("pdm", {}).get("source", []) + tool.get("uv", {}).get("index", []) if "pypi.org" not in str(s.get("url", "pypi.org"))] or tool.get("uv", {}).get("index-url"))
    groups = [("", project.get("dependencies", []))] + list(project.get("optional-dependencies", {}).items()) + [("", g) for g in data.get("dependency-groups", {}).values()] + [("", tool.get("uv", {}).get("dev-dependencies", []))] + [("", g) for g in tool.get("pdm", {}).get("dev-dependencies", {}).values()]
    for extra, listed in groups:
        for text in listed if isinstance(listed, list) else []:
            found = requirement_of(text) if isinstance(text, str) else None
            if found and plain(found[0]) == dist:
                yield found[0] + found[1], "pyproject.toml", extra, private or found[3], found[2]
    poetry = tool.get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})] + [g.get("dependencies", {}) for g in poetry.get("group", {}).values()]
    for table in tables:
        for name, spec in table.items():
            if plain(name) == dist:
                where_from = isinstance(spec, dict) and any(k in spec for k in ("git", "path", "url", "source"))
                version = spec.get("version", "*") if isinstance(spec, dict) else spec if isinstance(spec, str) else "*"
                extras = "[%s]" % ",".join(spec["extras"]) if isinstance(spec, dict) and spec.get("extras") else ""
                yield name + extras + caret(version), "pyproject.toml", "", private or where_from, True
    data = toml("Pipfile") if os.path.isfile("Pipfile") else {}
    private = any("pypi.org" not in str(s.get("url", "")) for s in data.get("source", []))
    for table in (data.get("packages", {}), data.get("dev-packages", {})):
        for name, spec in table.items():
            if plain(name) == dist:
                where_from = isinstance(spec, dict) and any(k in spec for k in ("git", "path", "url", "index"))
                version = spec.get("version", "*") if isinstance(spec, dict) else spec
                yield name + ("" if version == "*" else version.replace(" ", "")), "Pipfile", "", private or where_from, True
    if os.path.isfile("setup.py"):
        try:
            for node in ast.walk(Source("setup.py").tree):
                if isinstance(node, ast.keyword) and node.arg in ("install_requires", "extras_require", "tests_require"):
                    for text in ast.walk(node.value):
                        found = requirement_of(const(text)) if const(text) else None
                        if found and plain(found[0]) == dist:
                            yield found[0] + found[1], "setup.py", "", found[3], found[2]
        except (SyntaxError, ValueError, OSError):
            pass
    if os.path.isfile("setup.cfg"):
        for line in read_text("setup.cfg").split("\n"):
            found = requirement_of(line) if line[:1].isspace() and line.strip() else None
            if found and plain(found[0]) == dist:
                yield found[0] + found[1], "setup.cfg", "", found[3], found[2]


def locked_version(dist):
    """(version, file) of a lock file."""
    for path in ("poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"):
        if os.path.isfile(path):
            found = [(n, v) for n, v in re.findall(r'(?m)^name = "([^"]+)"\s*\nversion = "([^"]+)"', read_text(path)) if plain(n) == dist]
            if len(found) == 1:
                return found[0][1], path
    if os.path.isfile("Pipfile.lock"):
        try:
            data = json.loads(read_text("Pipfile.lock"))
        except ValueError:
            data = {}
        for section in ("default", "develop"):
            for name, entry in data.get(section, {}).items():
                if plain(name) == dist and isinstance(entry, dict) and str(entry.get("version", "")).startswith("=="):
                    return entry["version"][2:], "Pipfile.lock"
    return None, None


def manager(dist):
    """Which tool keeps this project's packages, and which requirement it would install."""
    import shutil
    wanted = plain(dist)
    data = read_text("pyproject.toml") if os.path.isfile("pyproject.toml") else ""
    in_conda = os.path.isdir(os.path.join(os.environ.get("HEAL_EVIDENCE_PREFIX") or sys.prefix, "conda-meta"))
    tool = next((name for name, here in (
        ("conda", in_conda),
        ("poetry", os.path.isfile("poetry.lock") or "[tool.poetry" in data),
        ("pdm", os.path.isfile("pdm.lock") or "[tool.pdm" in data),
        ("pipenv", os.path.isfile("Pipfile")),
        ("uv", os.path.isfile("uv.lock") or "[tool.uv" in data),
        ("conda", os.path.isfile("environment.yml") or os.path.isfile("environment.yaml"))) if here), "pip")
    P.out.append("manager=" + tool)
    if in_conda:
        P.out.append("in_conda=yes")
    if shutil.which(tool):
        P.out.append("has_manager=yes")
    P.out.append("syncs=" + {"poetry": "poetry install", "pdm": "pdm sync", "pipenv": "pipenv sync", "uv": "uv sync", "conda": "conda env update -f environment.yml", "pip": "python -m pip install -r requirements.txt"}[tool])
    P.out.append("adds=" + {"poetry": "poetry add", "pdm": "pdm add", "pipenv": "pipenv install", "uv": "uv add", "conda": "conda install", "pip": "python -m pip install"}[tool] + " " + dist)
    entries = list(declared_in_files(wanted))
    applying = [e for e in entries if e[4]]
    if entries and not applying:
        P.out.append("excluded=" + entries[0][1])
        return
    version, lock = locked_version(wanted)
    if any(e[3] for e in applying):
        P.out.append("private=" + applying[0][1])
        return
    if version:
        P.out.append("wanted=%s==%s" % (dist, version))
        P.out.append("wanted_by=" + lock)
    elif applying:
        P.out.append("wanted=" + applying[0][0])
        P.out.append("wanted_by=" + applying[0][1])
        if applying[0][2]:
            P.out.append("extra=" + applying[0][2])
