//! The environments' façades, called by name with JSON arguments.

use std::path::PathBuf;

use heal::environment::{Ansible, Bash, EnvironmentError, Playbook, Python as Interpreter, Ran, Terraform};
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::settings::value_error;

/// A call of a façade.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    method: String,
    cwd: PathBuf,
    #[serde(default)]
    program: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    path: Option<PathBuf>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    inventory: Option<PathBuf>,
    #[serde(default)]
    flag: bool,
    #[serde(default)]
    timeout: Option<f64>,
}

fn ran(result: Result<Ran, EnvironmentError>) -> Result<Value, EnvironmentError> {
    result.map(|ran| {
        let output = ran.output();
        json!({"argv": ran.argv, "cwd": ran.cwd, "code": ran.code, "stdout": ran.stdout, "stderr": ran.stderr, "output": output})
    })
}

fn call(name: &str, call: Call) -> Result<Value, EnvironmentError> {
    let text = call.text.as_deref().unwrap_or_default();
    let path = call.path.clone().unwrap_or_default();
    // Nonsense is no limit.
    let timeout = call
        .timeout
        .and_then(|s| std::time::Duration::try_from_secs_f64(s).ok());
    let program = |default: &str| call.program.clone().unwrap_or_else(|| default.to_owned());
    match name {
        "python" => {
            let python = Interpreter::new(program("python3"))
                .in_folder(&call.cwd)
                .timeout(timeout);
            match call.method.as_str() {
                "validate_syntax" => python.validate_syntax(text).map(|verdict| match verdict {
                    Ok(()) => Value::Null,
                    Err(fault) => json!({"line": fault.line, "column": fault.column, "message": fault.message}),
                }),
                "installed_packages" => python.installed_packages().map(|packages| json!(packages)),
                "install_package" => ran(python.install_package(text)),
                _ => ran(python.run_script(path, &call.args)),
            }
        }
        "terraform" => {
            let terraform = Terraform::new(&call.cwd).program(program("terraform")).timeout(timeout);
            ran(match call.method.as_str() {
                "init" => terraform.init(),
                "validate" => terraform.validate(),
                "plan" => terraform.plan(),
                _ => terraform.apply(call.flag),
            })
        }
        "ansible" => {
            let ansible = Ansible::new(&call.cwd).timeout(timeout);
            ran(match call.method.as_str() {
                "syntax_check" => ansible.syntax_check(path, call.inventory.as_deref()),
                "install_role" => ansible.install_role(text),
                "install_collection" => ansible.install_collection(text),
                _ => {
                    let options = Playbook {
                        inventory: call.inventory,
                        check_mode: call.flag,
                        extra_vars: call.args,
                    };
                    ansible.run_playbook(path, &options)
                }
            })
        }
        _ => {
            let bash = Bash::new(&call.cwd).timeout(timeout);
            match call.method.as_str() {
                "syntax_check" => ran(bash.syntax_check(path)),
                "missing_commands" => bash.missing_commands(path).map(|missing| json!(missing)),
                _ => ran(bash.run_script(path, &call.args)),
            }
        }
    }
}

/// Calls a façade; its answer as JSON, or `error` with the `code` that a shell would give.
#[pyfunction]
pub fn environment(py: Python<'_>, name: &str, request: &str) -> PyResult<String> {
    let request: Call = serde_json::from_str(request).map_err(value_error)?;
    let answer = py.detach(|| call(name, request));
    Ok(match answer {
        Ok(value) => json!({"value": value}).to_string(),
        Err(error) => {
            let code = match &error {
                EnvironmentError::Spawn { code, .. } => *code,
                _ => 1,
            };
            json!({"error": error.to_string(), "code": code}).to_string()
        }
    })
}
