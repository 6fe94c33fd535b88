//! Finding packs in their layers and making one rule set of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{Document, Problem};
use super::model::{Cause, EnvironmentKey, Override, Pack, Rule, Severity, Table as TableModel};
use super::set::{Layer, LoadedPack, LoadedRule, Origin, RuleSet};
use super::tables::{Table, Tables};
use super::{embedded, trust};
use crate::world::World;
use crate::yaml::Span;

/// Where packs are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Leave the built-in packs out.
    pub without_built_in: bool,
    /// Read the cases inside the built-in rules too: only a check wants them.
    pub examples: bool,
    /// The system's folder.
    pub system: Option<PathBuf>,
    /// The user's folder.
    pub user: Option<PathBuf>,
    /// The project's folder.
    pub project: Option<PathBuf>,
    /// Files or folders named by the caller.
    pub given: Vec<PathBuf>,
    /// The project's packs are trusted whatever their hash (`--trust-project`).
    pub trust_project: bool,
}

impl Sources {
    /// The usual places for a project.
    #[must_use]
    pub fn usual(world: &dyn World, project: &Path) -> Self {
        let config = world
            .env("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| world.env("HOME").map(|home| PathBuf::from(home).join(".config")));
        Self {
            system: Some(PathBuf::from("/etc/heal/rules.d")),
            user: config.map(|c| c.join("heal/rules")),
            project: Some(project.join(".heal/rules")),
            ..Self::default()
        }
    }
}

/// A file that was read, with its layer.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What was read.
    pub document: Document,
    /// Where it came from.
    pub origin: Origin,
    /// Texts of the tables beside it, by their path as written; `Err` says why one cannot be read.
    pub table_files: BTreeMap<String, Result<String, String>>,
}

/// Packs as read and the rule set made of them.
#[derive(Debug, Clone, Default)]
pub struct Packs {
    /// Every file, in the order of its layers.
    pub files: Vec<Loaded>,
    /// The rules in force. Files with errors are left out of it.
    pub rules: RuleSet,
    /// Problems between packs: index of the file, problem.
    pub cross: Vec<(usize, Problem)>,
}

impl Packs {
    /// The first error of any file or between files, as `file:line:column: [code] message`.
    #[must_use]
    pub fn first_error(&self) -> Option<String> {
        self.errors().next()
    }

    /// All errors, each as `file:line:column: [code] message`.
    pub fn errors(&self) -> impl Iterator<Item = String> + '_ {
        let own = self
            .files
            .iter()
            .flat_map(|f| f.document.problems.iter().map(move |p| (f, p)));
        let cross = self
            .cross
            .iter()
            .filter_map(|(index, p)| self.files.get(*index).map(|f| (f, p)));
        own.chain(cross).filter(|(_, p)| p.is_error()).map(|(f, p)| {
            let (line, column) = f.document.line_column(p.span.start);
            let help = p.help.first().map(|h| format!("; {h}")).unwrap_or_default();
            format!(
                "{}:{line}:{column}: [{}] {}{help}",
                f.document.file.display(),
                p.code,
                p.title
            )
        })
    }
}

/// Reads all packs and makes a rule set.
#[must_use]
pub fn load(world: &dyn World, sources: &Sources) -> Packs {
    let mut files = Vec::new();
    if !sources.without_built_in {
        for (name, text) in embedded::packs(sources.examples) {
            let mut loaded = read_text(Path::new(name), text, Layer::BuiltIn, true);
            let folder = Path::new(name).parent().unwrap_or(Path::new("")).to_path_buf();
            loaded.table_files = tables_of(&loaded.document, |table| {
                embedded::file(&folder.join(table).to_string_lossy())
                    .map(str::to_owned)
                    .ok_or_else(|| "there is no such built-in table".to_owned())
            });
            files.push(loaded);
        }
    }
    for (layer, folder) in [
        (Layer::System, &sources.system),
        (Layer::User, &sources.user),
        (Layer::Project, &sources.project),
    ] {
        if let Some(folder) = folder {
            for file in yaml_files(world, folder) {
                files.push(read_file(
                    world,
                    &file,
                    layer,
                    layer != Layer::Project || sources.trust_project,
                ));
            }
        }
    }
    for given in &sources.given {
        if world.is_dir(given) {
            for file in yaml_files(world, given) {
                files.push(read_file(world, &file, Layer::Given, true));
            }
        } else {
            files.push(read_file(world, given, Layer::Given, true));
        }
    }
    assemble(files)
}

/// The packs in a folder: its `*.yaml` and `*.yml`, by name. Hidden files are editors' leftovers.
fn yaml_files(world: &dyn World, folder: &Path) -> Vec<PathBuf> {
    let entries = world.read_dir(folder).unwrap_or_default();
    entries
        .into_iter()
        .filter(|path| {
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let known = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
            known && !name.starts_with('.') && world.is_file(path)
        })
        .collect()
}

/// Reads one pack file of a layer.
#[must_use]
pub fn read_file(world: &dyn World, file: &Path, layer: Layer, trusted: bool) -> Loaded {
    let refuse = |code, message: String| Loaded {
        document: Document::unreadable(file, code, message),
        origin: Origin {
            layer,
            file: file.to_path_buf(),
            hash: String::new(),
            trusted: false,
        },
        table_files: BTreeMap::new(),
    };
    // A pack of gigabytes is a mistake; it is refused before it is read.
    const LARGEST: u64 = 64 << 20;
    match world.stat(file) {
        Ok(meta) if meta.len > LARGEST => {
            return refuse(
                "E004",
                format!("the file has {} bytes; at most {LARGEST} are read", meta.len),
            );
        }
        Ok(meta) if !meta.is_file() => return refuse("E004", "this is not a regular file".to_owned()),
        _ => {}
    }
    let bytes = match world.read(file) {
        Ok(bytes) => bytes,
        Err(error) => return refuse("E004", format!("cannot be read: {error}")),
    };
    let text = match crate::yaml::decode_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => return refuse("E004", error.message),
    };
    let mut loaded = read_text(file, text, layer, trusted);
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    loaded.table_files = tables_of(&loaded.document, |table| {
        world
            .read_to_string(&folder.join(table))
            .map_err(|error| error.to_string())
    });
    // What lies beside a pack decides with it: a script or table that changed is another pack.
    if !loaded.table_files.is_empty() {
        let mut hasher = blake3::Hasher::new();
        hasher.update(text.as_bytes());
        for (name, content) in &loaded.table_files {
            hasher.update(&[0]).update(name.as_bytes()).update(&[0]);
            hasher.update(content.as_deref().unwrap_or_default().as_bytes());
        }
        loaded.origin.hash = hasher.finalize().to_hex().to_string();
    }
    if layer == Layer::Project && !trusted {
        loaded.origin.trusted = trust::is_trusted(world, file, &loaded.origin.hash);
    }
    loaded
}

fn read_text(file: &Path, text: &str, layer: Layer, trusted: bool) -> Loaded {
    Loaded {
        document: Document::read(file, text),
        // Hashing megabytes of built-in packs at every start would be for nothing: they cannot change.
        origin: Origin {
            layer,
            file: file.to_path_buf(),
            hash: if layer == Layer::BuiltIn {
                String::new()
            } else {
                blake3::hash(text.as_bytes()).to_hex().to_string()
            },
            trusted,
        },
        table_files: BTreeMap::new(),
    }
}

fn tables_of(
    document: &Document,
    read: impl Fn(&str) -> Result<String, String>,
) -> BTreeMap<String, Result<String, String>> {
    let mut texts = BTreeMap::new();
    if let Some(pack) = &document.pack {
        let tables = pack.tables.values().filter_map(|table| match table {
            TableModel::File { file } => Some(file),
            TableModel::Inline(_) => None,
        });
        for file in tables.chain(pack.probes.values().flat_map(|p| p.script.iter())) {
            {
                let text = if file.starts_with('/') || file.split('/').any(|p| p == "..") {
                    Err("a table lies beside its pack".to_owned())
                } else {
                    read(file)
                };
                texts.insert(file.clone(), text);
            }
        }
    }
    texts
}

/// Makes a rule set of files that were read.
#[must_use]
pub fn assemble(mut files: Vec<Loaded>) -> Packs {
    let mut rules = RuleSet::default();
    let mut cross = Vec::new();
    let mut owner: HashMap<String, usize> = HashMap::new();
    let mut overrides: Vec<(usize, Override, String)> = Vec::new();
    for (index, loaded) in files.iter_mut().enumerate() {
        let mut tables = Tables::new();
        let mut missing = Vec::new();
        if let Some(pack) = &loaded.document.pack {
            for (name, table) in &pack.tables {
                match table_from(table, &loaded.table_files) {
                    Ok(table) => {
                        tables.insert(name.clone(), Arc::new(table));
                    }
                    Err(why) => missing.push((name.clone(), why)),
                }
            }
        }
        if let Some(pack) = &loaded.document.pack {
            for (name, probe) in &pack.probes {
                for file in probe.script.iter() {
                    if let Some(Err(why)) = loaded.table_files.get(file) {
                        missing.push((name.clone(), why.clone()));
                    }
                }
            }
        }
        for (name, why) in missing {
            let span = span_of(&loaded.document, &["tables", &name]);
            loaded.document.problems.push(Problem::new(
                "E304",
                span,
                format!("table `{name}` cannot be read: {why}"),
            ));
        }
        if loaded.document.has_errors() {
            continue;
        }
        let Some(pack) = loaded.document.pack.clone() else {
            continue;
        };
        let environment = match &pack.environment {
            Some(EnvironmentKey::Named(name)) => Some(name.clone()),
            Some(EnvironmentKey::Defined(environment)) => {
                let name = environment.name.clone();
                rules
                    .environments
                    .insert(name.clone(), Arc::new((**environment).clone()));
                Some(name)
            }
            None => None,
        };
        let number = rules.packs.len();
        rules.packs.push(LoadedPack {
            name: pack.pack.name.clone(),
            version: pack.pack.version.clone(),
            origin: loaded.origin.clone(),
            environment: environment.clone(),
            probes: pack.probes.clone(),
            scripts: loaded
                .table_files
                .iter()
                .filter_map(|(file, text)| text.as_ref().ok().map(|text| (file.clone(), text.clone())))
                .filter(|(file, _)| pack.probes.values().any(|p| p.script.contains(file)))
                .collect(),
            tables,
        });
        let Pack {
            pack: head,
            rules: own,
            overrides: changes,
            ..
        } = pack;
        for (position, rule) in own.into_iter().enumerate() {
            let id = format!("{}/{}", head.name, rule.id);
            if let Some(first) = owner.insert(id.clone(), index) {
                let span = span_of_rule(&loaded.document, position);
                cross.push((
                    index,
                    Problem::new("E601", span, format!("a second rule has the id `{id}`"))
                        .label("this one")
                        .help(format!("file number {} in the order of layers has the first; to change a rule, write an `overrides` entry", first + 1)),
                ));
                owner.insert(id, first);
                continue;
            }
            rules.rules.push(LoadedRule {
                id,
                pack: number,
                environment: environment.clone(),
                rule: with_causes(rule),
                trusted: loaded.origin.trusted,
                overridden: Vec::new(),
            });
        }
        overrides.extend(changes.into_iter().map(|change| (index, change, head.name.clone())));
    }
    for (index, change, by) in overrides {
        apply_override(&mut rules, &files, index, change, by, &mut cross);
    }
    let (on, off): (Vec<_>, Vec<_>) = rules.rules.into_iter().partition(|r| r.rule.severity != Severity::Off);
    rules.rules = on;
    rules.disabled = off;
    Packs { files, rules, cross }
}

fn table_from(model: &TableModel, texts: &BTreeMap<String, Result<String, String>>) -> Result<Table, String> {
    match model {
        TableModel::Inline(pairs) => {
            let mut table = Table::default();
            for (key, value) in pairs {
                table.insert(key.clone(), value.0.clone());
            }
            Ok(table)
        }
        TableModel::File { file } => match texts.get(file) {
            Some(Ok(text)) => Ok(Table::from_tsv(text)),
            Some(Err(why)) => Err(format!("{file}: {why}")),
            None => Err(file.clone()),
        },
    }
}

/// A rule without `causes` is its own one cause.
fn with_causes(mut rule: Rule) -> Rule {
    if rule.causes.is_empty() {
        rule.causes.push(Cause {
            id: rule.id.clone(),
            when: Vec::new(),
            confidence: rule.confidence.clone(),
            derive: super::model::Map::new(),
            explain: rule.explain.clone().or_else(|| rule.cause.clone()),
            fix: std::mem::take(&mut rule.fix),
        });
    }
    rule
}

fn apply_override(
    rules: &mut RuleSet,
    files: &[Loaded],
    index: usize,
    change: Override,
    by: String,
    cross: &mut Vec<(usize, Problem)>,
) {
    let document = &files[index].document;
    let span = document
        .tree
        .as_ref()
        .and_then(|tree| {
            tree.get("overrides")?
                .items()
                .iter()
                .find(|n| n.get("rule").and_then(|r| r.as_str()) == Some(&change.rule))
        })
        .map_or(Span::at(0), |node| node.get("rule").map_or(node.span, |r| r.span));
    if change.because.as_deref().unwrap_or_default().trim().is_empty() {
        cross.push((
            index,
            Problem::new(
                "E603",
                span,
                format!("the override of `{}` has no `because`", change.rule),
            )
            .help("say in a sentence why this site differs"),
        ));
        return;
    }
    let Some(position) = rules.rules.iter().position(|r| r.id == change.rule) else {
        let mut problem =
            Problem::new("E602", span, format!("there is no rule `{}` to override", change.rule)).label("unknown rule");
        if let Some(near) = crate::diagnostic::suggest(&change.rule, rules.rules.iter().map(|r| r.id.as_str())) {
            problem.help.push(format!("did you mean `{near}`?"));
            problem.patch = Some((span, near.to_owned()));
        }
        cross.push((index, problem));
        return;
    };
    let pack = rules.rules[position].pack;
    if let Some(add) = &change.add {
        for (name, rows) in &add.tables {
            let tables = &mut rules.packs[pack].tables;
            let table = tables.entry(name.clone()).or_default();
            let table = Arc::make_mut(table);
            for (key, value) in rows {
                table.insert(key.clone(), value.0.clone());
            }
        }
    }
    let rule = &mut rules.rules[position];
    rule.trusted &= files[index].origin.trusted;
    if change.disable {
        rule.rule.severity = Severity::Off;
    }
    if let Some(replace) = change.replace {
        let own = &mut rule.rule;
        if let Some(title) = replace.title {
            own.title = title;
        }
        if let Some(severity) = replace.severity {
            own.severity = severity;
        }
        if let Some(matching) = replace.matching {
            own.matching = matching;
        }
        if let Some(when) = replace.when {
            own.when = when;
        }
        if let Some(derive) = replace.derive {
            own.derive = derive;
        }
        if let Some(causes) = replace.causes {
            own.causes = causes;
        }
        if let Some(confidence) = replace.confidence {
            for cause in &mut own.causes {
                cause.confidence = Some(confidence.clone());
            }
        }
        if let Some(fix) = replace.fix {
            // `fix` belongs to the rule as a whole: it takes the place of every cause's own.
            for cause in &mut own.causes {
                cause.fix = fix.clone();
            }
        }
    }
    if let Some(add) = change.add {
        rule.rule.when.extend(add.when);
        for cause in &mut rule.rule.causes {
            cause.fix.splice(0..0, add.fix.iter().cloned());
        }
        rule.rule.causes.splice(0..0, add.causes);
    }
    rule.rule.examples.extend(change.examples);
    rule.overridden.push((by, change.because.unwrap_or_default()));
}

fn span_of(document: &Document, keys: &[&str]) -> Span {
    let mut node = document.tree.as_ref();
    for key in keys {
        node = node.and_then(|n| n.get(key));
    }
    node.map_or(Span::at(0), |n| n.span)
}

fn span_of_rule(document: &Document, position: usize) -> Span {
    document
        .rule_node(position)
        .map_or(Span::at(0), |node| node.get("id").map_or(node.span, |id| id.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn a_file_beside_a_pack_is_part_of_what_is_trusted() {
        let pack = "heal: 1\npack: { name: p, version: 1.0.0 }\ntables:\n  t: { file: t.tsv }\n";
        let hash = |table: &str| {
            let world = Memory::new().with_file("p.yaml", pack).with_file("t.tsv", table);
            read_file(&world, Path::new("/project/p.yaml"), Layer::Project, false)
                .origin
                .hash
        };
        assert_eq!(hash("a\tb\n"), hash("a\tb\n"));
        assert_ne!(hash("a\tb\n"), hash("a\tevil\n"));
    }
}
