//! The bridge between the Python package `self_healing` and the engine.
//!
//! Everything crosses as JSON text, except what only makes sense as an object: functions to be called
//! again, and diagnoses that are applied later. There is no logic here that the command line does not
//! have; what is Python's own (calling a function again, new source in a running program) is written
//! in Python. The interpreter is free for other threads while the engine works.

mod engine;
mod environments;
mod overlay;
mod session;
mod settings;
mod shape;

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command line in this process and gives its exit code.
#[pyfunction]
fn main(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| heal::cli::run(args))
}

/// The engine behind the package `self_healing`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<engine::Engine>()?;
    module.add_class::<engine::Diagnosis>()?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    module.add_function(wrap_pyfunction!(settings::default_config, module)?)?;
    module.add_function(wrap_pyfunction!(settings::config_from_environment, module)?)?;
    module.add_function(wrap_pyfunction!(settings::load_config, module)?)?;
    module.add_function(wrap_pyfunction!(settings::check_config, module)?)?;
    module.add_function(wrap_pyfunction!(settings::project_root, module)?)?;
    module.add_function(wrap_pyfunction!(environments::environment, module)?)?;
    Ok(())
}
