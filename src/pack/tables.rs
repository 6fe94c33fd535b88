//! Lookup tables of packs.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A table: rows by key. The first column is the key, the second the value. A text is read when a
/// row is first asked for: of thousands of rows in all tables most runs need none.
#[derive(Debug, Clone, Default)]
pub struct Table {
    text: String,
    read: OnceLock<Rows>,
}

#[derive(Debug, Clone, Default)]
struct Rows {
    /// Names of the columns after the key; an inline table has one, `value`.
    columns: Vec<String>,
    rows: HashMap<String, Vec<String>>,
}

impl Table {
    /// Reads a TSV text: lines that start with `#` are comments, but the last of them before the
    /// first row may name the columns (`#key<TAB>value<TAB>…`).
    #[must_use]
    pub fn from_tsv(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            read: OnceLock::new(),
        }
    }

    fn rows(&self) -> &Rows {
        self.read.get_or_init(|| Rows::from_tsv(&self.text))
    }

    /// Names of the columns after the key.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.rows().columns
    }

    /// Adds or replaces a row.
    pub fn insert(&mut self, key: String, value: String) {
        let mut rows = self.read.take().unwrap_or_else(|| Rows::from_tsv(&self.text));
        rows.rows.insert(key, vec![value]);
        self.read = rows.into();
    }

    /// The value of a key: its second column, or the named one. `None` where the key is missing or the cell is empty.
    #[must_use]
    pub fn get(&self, key: &str, column: Option<&str>) -> Option<&str> {
        let read = self.rows();
        let row = read.rows.get(key)?;
        let index = match column {
            None => 0,
            Some(name) => read.columns.iter().position(|c| c == name)?,
        };
        row.get(index).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Whether the key has a row, even an empty one.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.rows().rows.contains_key(key)
    }

    /// All keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows().rows.keys().map(String::as_str)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows().rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows().rows.is_empty()
    }
}

impl Rows {
    fn from_tsv(text: &str) -> Self {
        let mut table = Self::default();
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                if table.rows.is_empty() && comment.contains('\t') {
                    table.columns = comment.split('\t').skip(1).map(|c| c.trim().to_owned()).collect();
                }
            } else if !line.trim().is_empty() {
                let mut cells = line.split('\t').map(|c| c.trim().to_owned());
                if let Some(key) = cells.next() {
                    table.rows.insert(key, cells.collect());
                }
            }
        }
        if table.columns.is_empty() {
            table.columns = vec!["value".to_owned()];
        }
        table
    }
}

/// The tables of a pack by name.
pub type Tables = HashMap<String, std::sync::Arc<Table>>;
