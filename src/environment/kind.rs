//! Names of environments.

use std::borrow::Cow;

/// The environment that an error comes from. Packs bring environments in: any name is one, these four have a
/// constant.
///
/// ```
/// use heal::EnvironmentType;
/// assert_eq!(EnvironmentType::PYTHON.name(), "python");
/// assert_eq!(EnvironmentType::from("node").to_string(), "node");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct EnvironmentType(Cow<'static, str>);

impl EnvironmentType {
    /// Python.
    pub const PYTHON: Self = Self(Cow::Borrowed("python"));
    /// Terraform and what works alike.
    pub const TERRAFORM: Self = Self(Cow::Borrowed("terraform"));
    /// Ansible.
    pub const ANSIBLE: Self = Self(Cow::Borrowed("ansible"));
    /// Bash and other shells.
    pub const BASH: Self = Self(Cow::Borrowed("bash"));

    /// An environment that a pack brings in.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// Its name, as packs and the changelog write it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EnvironmentType {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for EnvironmentType {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl std::fmt::Display for EnvironmentType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
