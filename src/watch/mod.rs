//! Following logs that grow and rule packs that are edited, for as long as a program runs.
//!
//! [`Watcher`] follows files, finds errors in them as they are written, and heals by policy;
//! [`Reloader`] keeps the rules in force equal to the packs on disk and can be used without it. How
//! an error is matched, judged and repaired is other rooms' business; this one knows files that move
//! under its eyes, silence, and what was already said and done.

mod event;
mod folders;
mod follow;
mod layers;
mod limit;
mod line;
mod reload;
mod state;
mod treat;
mod watcher;

pub use event::{Event, Sink};
pub use follow::{Follower, Noticed};
pub use layers::Broken;
pub use limit::Limiter;
pub use reload::{Outcome, Prepare, ReloadOptions, Reloader, Status};
pub use state::{FileState, Fingerprint, State, folder, is_running, load as load_state};
pub use treat::Healing;
pub use watcher::{Options, WatchError, Watcher};
