//! The machine itself.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs as rfs;

use super::{Expect, FileTime, KEEP_OWNER, Kind, Lock, Meta, RawFile, World, temporary_name};

/// The real file system, environment and clock of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

/// How many symlinks in a row are followed before the path counts as a loop, as in Linux.
const MAX_LINKS: usize = 40;

fn meta_of(found: &fs::Metadata) -> Meta {
    let kind = found.file_type();
    let kind = if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Dir
    } else if kind.is_symlink() {
        Kind::Symlink
    } else {
        debug_assert!(kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device());
        Kind::Other
    };
    Meta {
        kind,
        len: found.len(),
        mode: found.mode() & 0o7777,
        uid: found.uid(),
        gid: found.gid(),
        mtime: FileTime {
            seconds: found.mtime(),
            nanos: nanos(found.mtime_nsec()),
        },
        atime: FileTime {
            seconds: found.atime(),
            nanos: nanos(found.atime_nsec()),
        },
        nlink: found.nlink(),
        dev: found.dev(),
        ino: found.ino(),
    }
}

fn nanos(from_kernel: i64) -> u32 {
    u32::try_from(from_kernel).unwrap_or(0)
}

/// The path that a write to `path` must replace: `path` itself, or the end of its symlinks.
fn write_target(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&at) {
            Ok(target) => {
                at = at.parent().unwrap_or_else(|| Path::new("/")).join(target);
            }
            // Not a symlink, or nothing there yet.
            Err(_) => return Ok(at),
        }
    }
    Err(rustix::io::Errno::LOOP.into())
}

fn copy_xattrs(from: &Path, to: &File) {
    let Ok(size) = rfs::listxattr_query(from) else {
        return;
    };
    let mut names = vec![0_u8; size];
    let Ok(size) = rfs::listxattr(from, &mut names[..]) else {
        return;
    };
    for name in names[..size].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let Ok(size) = rfs::getxattr_query(from, name) else {
            continue;
        };
        let mut value = vec![0_u8; size];
        let Ok(size) = rfs::getxattr(from, name, &mut value[..]) else {
            continue;
        };
        // Some namespaces belong to the kernel or to root; what cannot be kept is left out.
        let _ = rfs::fsetxattr(to, name, &value[..size], rfs::XattrFlags::empty());
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

fn busy() -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, "the file was changed by somebody else")
}

impl World for Real {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Meta> {
        fs::symlink_metadata(path).map(|found| meta_of(&found))
    }

    fn stat(&self, path: &Path) -> io::Result<Meta> {
        fs::metadata(path).map(|found| meta_of(&found))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<_>>>()?;
        found.sort();
        Ok(found)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        fs::read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn env(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn cwd(&self) -> PathBuf {
        // A current folder that was removed has no path any more; `/` keeps every later
        // operation absolute, and inside nobody's project.
        std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn is_root(&self) -> bool {
        rustix::process::geteuid().is_root()
    }

    fn uid(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn replace(&self, path: &Path, bytes: &[u8], like: Option<&Meta>, expect: Expect<'_>) -> io::Result<()> {
        let target = write_target(&self.absolute(path))?;
        let folder = target.parent().unwrap_or_else(|| Path::new("/"));
        let there = match fs::symlink_metadata(&target) {
            Ok(found) => Some(meta_of(&found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.is_some_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let (begin, end) = temporary_name(&target);
        let mut temporary = tempfile::Builder::new()
            .prefix(&begin)
            .suffix(end)
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(folder)?;
        // Tells whoever sweeps that its writer lives.
        temporary.as_file().lock()?;
        temporary.write_all(bytes)?;

        let file = temporary.as_file();
        let mut mode = like.or(there.as_ref()).map_or_else(new_file_mode, |meta| meta.mode);
        if there.is_some() {
            copy_xattrs(&target, file);
        }
        if let Some(owner) = like.or(there.as_ref()) {
            let now = meta_of(&file.metadata()?);
            let differs = |wanted: u32, has: u32| wanted != KEEP_OWNER && wanted != has;
            let uid = differs(owner.uid, now.uid).then(|| rfs::Uid::from_raw(owner.uid));
            let gid = differs(owner.gid, now.gid).then(|| rfs::Gid::from_raw(owner.gid));
            if (uid.is_some() || gid.is_some()) && rfs::fchown(file, uid, gid).is_err() {
                // A group that we belong to can still be kept; a set-id bit under a wrong owner
                // would hand out rights that nobody gave.
                let _ = rfs::fchown(file, None, gid);
                mode &= 0o1777;
            }
        }
        // After the owner: changing that clears set-id bits.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()?;

        match expect {
            Expect::Absent => {
                temporary.persist_noclobber(&target).map_err(|failed| failed.error)?;
            }
            Expect::Anything => {
                temporary.persist(&target).map_err(|failed| failed.error)?;
            }
            Expect::Content(content) => {
                // Looked at as late as possible: between here and the rename lie microseconds.
                match fs::read(&target) {
                    Ok(now) if now == content => {}
                    Ok(_) => return Err(busy()),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(busy()),
                    Err(error) => return Err(error),
                }
                temporary.persist(&target).map_err(|failed| failed.error)?;
            }
        }
        sync_parent(&target)
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777))
    }

    fn set_times(&self, path: &Path, atime: FileTime, mtime: FileTime) -> io::Result<()> {
        let spec = |time: FileTime| rfs::Timespec {
            tv_sec: time.seconds,
            tv_nsec: time.nanos.into(),
        };
        let times = rfs::Timestamps {
            last_access: spec(atime),
            last_modification: spec(mtime),
        };
        Ok(rfs::utimensat(rfs::CWD, path, &times, rfs::AtFlags::empty())?)
    }

    fn create_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::DirBuilder::new().mode(mode).create(path)
    }

    fn symlink(&self, target: &Path, path: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(target, path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    #[cfg(target_os = "linux")]
    fn sync_tree(&self, path: &Path) -> io::Result<()> {
        // One call for the whole file system: a folder of packages holds thousands of files.
        let folder = if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
            path
        } else {
            path.parent().unwrap_or(path)
        };
        match File::open(folder) {
            Ok(folder) => Ok(rfs::syncfs(&folder)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path, mode: u32, lock: Lock) -> io::Result<Box<dyn RawFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(mode)
            .open(path)?;
        match lock {
            Lock::None => {}
            Lock::Exclusive => file.lock()?,
            Lock::TryExclusive => file.try_lock().map_err(io::Error::from)?,
        }
        Ok(Box::new(Handle(file)))
    }

    fn open_read(&self, path: &Path) -> io::Result<Box<dyn RawFile>> {
        Ok(Box::new(Handle(File::open(path)?)))
    }
}

/// The mode that a plain `open` would give a new file: 0666 without the umask's bits.
fn new_file_mode() -> u32 {
    // The umask can only be read by setting it, which other threads would notice; /proc has it
    // without that. Where there is no /proc the usual value is assumed.
    let umask = fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
            u32::from_str_radix(line.trim(), 8).ok()
        })
        .unwrap_or(0o022);
    0o666 & !umask
}

/// A file of the real file system.
#[derive(Debug)]
struct Handle(File);

impl Read for Handle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Handle {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Handle {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl RawFile for Handle {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn meta(&self) -> io::Result<Meta> {
        self.0.metadata().map(|found| meta_of(&found))
    }
}
