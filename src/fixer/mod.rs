//! The fixer: from a filled-in action to a plan that can be shown, past the policy gate, into the
//! session's transaction.
//!
//! A plan is made from what the files hold now and changes nothing; applying it goes through the
//! transaction only. What a tool is called is for packs to know.

mod allow;
mod apply;
mod command;
mod diff;
mod gate;
mod plan;
mod trial;
mod verbs;

pub use allow::AllowList;
pub use apply::{Applied, ApplyError, apply};
pub use command::{CLEARED, fix_command};
pub use diff::unified;
pub use gate::{Decision, Facts, Policy, Reach, decide};
pub use plan::{FileWrite, ModeChange, Plan, PlanError, plan};
pub use trial::{Setting, Tried, try_out};
