//! A bounded store: the first and the last of what comes, and how many came.

use std::collections::VecDeque;

/// Keeps the first half and the last half of at most `limit` things.
#[derive(Debug)]
pub struct Keep<T> {
    limit: usize,
    first: Vec<T>,
    last: VecDeque<T>,
}

impl<T> Keep<T> {
    /// An empty store.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(2),
            first: Vec::new(),
            last: VecDeque::new(),
        }
    }

    /// Adds one.
    pub fn push(&mut self, item: T) {
        if self.first.len() < self.limit / 2 {
            self.first.push(item);
            return;
        }
        if self.last.len() == self.limit - self.limit / 2 {
            self.last.pop_front();
        }
        self.last.push_back(item);
    }

    /// What was kept, in the order it came.
    pub fn into_all(self) -> impl Iterator<Item = T> {
        self.first.into_iter().chain(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_stay() {
        let mut keep = Keep::new(4);
        for k in 0..100 {
            keep.push(k);
        }
        assert_eq!(keep.into_all().collect::<Vec<_>>(), [0, 1, 98, 99]);
    }
}
