//! Open files of a world in memory.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::{Content, error, hold};
use crate::world::{Meta, RawFile};

/// An open file in memory.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) content: Arc<Content>,
    pub(super) at: usize,
    pub(super) meta: Meta,
    pub(super) locks: bool,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.locks {
            *hold(&self.content.locked) = false;
            self.content.unlocked.notify_one();
        }
    }
}

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = hold(&self.content.bytes);
        let rest = bytes.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Write for Handle {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut bytes = hold(&self.content.bytes);
        let end = self.at + buffer.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[self.at..end].copy_from_slice(buffer);
        self.at = end;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Handle {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let len = hold(&self.content.bytes).len();
        let at = match to {
            SeekFrom::Start(at) => i128::from(at),
            SeekFrom::End(by) => len as i128 + i128::from(by),
            SeekFrom::Current(by) => self.at as i128 + i128::from(by),
        };
        self.at = usize::try_from(at).map_err(|_| error(io::ErrorKind::InvalidInput))?;
        Ok(self.at as u64)
    }
}

impl RawFile for Handle {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| error(io::ErrorKind::InvalidInput))?;
        hold(&self.content.bytes).resize(len, 0);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn meta(&self) -> io::Result<Meta> {
        Ok(Meta {
            len: hold(&self.content.bytes).len() as u64,
            ..self.meta
        })
    }
}
