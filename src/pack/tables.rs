//! Lookup tables of packs.

use std::collections::HashMap;

/// A table: rows by key. The first column is the key, the second the value.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Names of the columns after the key; an inline table has one, `value`.
    pub columns: Vec<String>,
    rows: HashMap<String, Vec<String>>,
}

impl Table {
    /// Reads a TSV text: lines that start with `#` are comments, but the last of them before the
    /// first row may name the columns (`#key<TAB>value<TAB>…`).
    #[must_use]
    pub fn from_tsv(text: &str) -> Self {
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

    /// Adds or replaces a row.
    pub fn insert(&mut self, key: String, value: String) {
        if self.columns.is_empty() {
            self.columns = vec!["value".to_owned()];
        }
        self.rows.insert(key, vec![value]);
    }

    /// The value of a key: its second column, or the named one. `None` where the key is missing or the cell is empty.
    #[must_use]
    pub fn get(&self, key: &str, column: Option<&str>) -> Option<&str> {
        let row = self.rows.get(key)?;
        let index = match column {
            None => 0,
            Some(name) => self.columns.iter().position(|c| c == name)?,
        };
        row.get(index).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Whether the key has a row, even an empty one.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.rows.contains_key(key)
    }

    /// All keys, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The tables of a pack by name.
pub type Tables = HashMap<String, std::sync::Arc<Table>>;
