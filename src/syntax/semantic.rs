//! Errors of the interpreter's symbol table (`return` outside a function, `await` outside `async def`,
//! late `__future__` imports, ...) for text that parses.
//!
//! Only what surely is an error is reported: a false alarm would make a valid file look broken.

use std::cell::RefCell;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{self as ast, ModModule, PythonVersion};
use ruff_python_parser::semantic_errors::{
    LazyImportContext, SemanticSyntaxChecker, SemanticSyntaxContext, SemanticSyntaxError, SemanticSyntaxErrorKind,
};
use ruff_text_size::TextRange;

use super::judge::Fault;

#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Module,
    Class,
    Function { is_async: bool },
    Lambda,
    Comprehension { is_async: bool, generator: bool },
}

struct Checker<'a> {
    checker: SemanticSyntaxChecker,
    found: RefCell<Vec<SemanticSyntaxError>>,
    version: PythonVersion,
    text: &'a str,
    scopes: Vec<Scope>,
    parameters: Vec<Vec<String>>,
    /// Nesting of loops in the current function or class.
    loops: Vec<usize>,
    future_annotations: bool,
}

/// Faults of a module that parses.
pub(super) fn faults(text: &str, module: &ModModule, version: PythonVersion) -> Vec<Fault> {
    let mut checker = Checker {
        checker: SemanticSyntaxChecker::new(),
        found: RefCell::default(),
        version,
        text,
        scopes: vec![Scope::Module],
        parameters: vec![Vec::new()],
        loops: vec![0],
        future_annotations: text.contains("annotations"),
    };
    for stmt in &module.body {
        checker.visit_stmt(stmt);
    }
    let mut found = checker.found.into_inner();
    // Two messages for one place (`await` at module level) are one fault.
    found.dedup_by_key(|e| e.range);
    found
        .into_iter()
        .filter(|e| sure(&e.kind))
        .map(|e| Fault {
            range: e.range.start().to_usize()..e.range.end().to_usize(),
            message: e.to_string(),
            class: {
                let name = format!("{:?}", e.kind);
                format!("s:{}", name.split(['(', ' ', '{']).next().unwrap_or(""))
            },
            version: false,
            at: e.range.start().to_usize(),
        })
        .collect()
}

/// Whether the interpreter refuses to compile this, in every supported version alike.
fn sure(kind: &SemanticSyntaxErrorKind) -> bool {
    use SemanticSyntaxErrorKind as K;
    matches!(
        kind,
        K::LateFutureImport
            | K::FutureFeatureNotDefined(_)
            | K::ReturnOutsideFunction
            | K::YieldOutsideFunction(_)
            | K::AwaitOutsideAsyncFunction(_)
            | K::YieldFromInAsyncFunction
            | K::ReturnInGenerator
            | K::BreakOutsideLoop
            | K::ContinueOutsideLoop
            | K::DuplicateParameter(_)
            | K::DuplicateKeywordArgument(_)
            | K::NonlocalDeclarationAtModuleLevel
            | K::NonlocalParameter(_)
            | K::GlobalParameter(_)
            | K::MultipleStarredExpressions
            | K::SingleStarredAssignment
            | K::InvalidStarExpression
            | K::WriteToDebug(_)
            | K::NonModuleImportStar(_)
            | K::ReboundComprehensionVariable
            | K::NamedExpressionInComprehensionIterable
            | K::NamedExpressionInClassBodyComprehension
            | K::MultipleCaseAssignment(_)
            | K::IrrefutableCasePattern(_)
            | K::DifferentMatchPatternBindings
            | K::AsyncComprehensionInSyncComprehension(_)
    )
}

impl Checker<'_> {
    fn with_checker(&mut self, f: impl FnOnce(&mut SemanticSyntaxChecker, &Self)) {
        let mut checker = std::mem::take(&mut self.checker);
        f(&mut checker, self);
        self.checker = checker;
    }

    /// The innermost scope that is not a comprehension.
    fn owner(&self) -> Scope {
        self.scopes
            .iter()
            .rev()
            .copied()
            .find(|s| !matches!(s, Scope::Comprehension { .. }))
            .unwrap_or(Scope::Module)
    }

    fn scoped(&mut self, scope: Scope, parameters: Vec<String>, f: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        self.parameters.push(parameters);
        self.loops.push(0);
        f(self);
        self.loops.pop();
        self.parameters.pop();
        self.scopes.pop();
    }

    fn comprehension(&mut self, elements: &[&ast::Expr], generators: &[ast::Comprehension], generator: bool) {
        // The first iterable is evaluated in the enclosing scope, everything else inside.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let is_async = generators.iter().any(|g| g.is_async);
        self.scopes.push(Scope::Comprehension { is_async, generator });
        for (i, g) in generators.iter().enumerate() {
            self.visit_expr(&g.target);
            if i > 0 {
                self.visit_expr(&g.iter);
            }
            for test in &g.ifs {
                self.visit_expr(test);
            }
        }
        for element in elements {
            self.visit_expr(element);
        }
        self.scopes.pop();
    }
}

fn names(parameters: &ast::Parameters) -> Vec<String> {
    parameters.iter().map(|p| p.name().to_string()).collect()
}

impl SemanticSyntaxContext for Checker<'_> {
    fn future_annotations_or_stub(&self) -> bool {
        self.future_annotations
    }
    fn lazy_import_context(&self) -> Option<LazyImportContext> {
        None
    }
    fn python_version(&self) -> PythonVersion {
        self.version
    }
    fn source(&self) -> &str {
        self.text
    }
    fn global(&self, _: &str) -> Option<TextRange> {
        None
    }
    fn has_nonlocal_binding(&self, _: &str) -> bool {
        true
    }
    fn in_async_context(&self) -> bool {
        // `await` inside a comprehension of an `async def` belongs to that function.
        matches!(self.owner(), Scope::Function { is_async: true })
    }
    fn in_await_allowed_context(&self) -> bool {
        matches!(self.owner(), Scope::Function { .. } | Scope::Lambda)
    }
    fn in_yield_allowed_context(&self) -> bool {
        matches!(self.scopes.last(), Some(Scope::Function { .. } | Scope::Lambda))
    }
    fn in_sync_comprehension(&self) -> bool {
        self.scopes
            .iter()
            .any(|s| matches!(s, Scope::Comprehension { is_async: false, .. }))
    }
    fn in_class_body_comprehension(&self) -> bool {
        matches!(self.scopes.last(), Some(Scope::Comprehension { .. })) && self.owner() == Scope::Class
    }
    fn in_module_scope(&self) -> bool {
        self.scopes.len() == 1
    }
    fn in_function_scope(&self) -> bool {
        matches!(self.scopes.last(), Some(Scope::Function { .. }))
    }
    fn in_generator_context(&self) -> bool {
        self.scopes
            .iter()
            .any(|s| matches!(s, Scope::Comprehension { generator: true, .. }))
    }
    fn in_notebook(&self) -> bool {
        false
    }
    fn report_semantic_error(&self, error: SemanticSyntaxError) {
        self.found.borrow_mut().push(error);
    }
    fn in_loop_context(&self) -> bool {
        self.loops.last().is_some_and(|n| *n > 0)
    }
    fn is_bound_parameter(&self, name: &str) -> bool {
        self.parameters.last().is_some_and(|p| p.iter().any(|n| n == name))
    }
}

impl Visitor<'_> for Checker<'_> {
    fn visit_stmt(&mut self, stmt: &ast::Stmt) {
        match stmt {
            ast::Stmt::ClassDef(class) => {
                self.with_checker(|c, ctx| c.visit_stmt(stmt, ctx));
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.scoped(Scope::Class, Vec::new(), |s| s.visit_body(&class.body));
            }
            ast::Stmt::FunctionDef(def) => {
                self.with_checker(|c, ctx| c.visit_stmt(stmt, ctx));
                for decorator in &def.decorator_list {
                    self.visit_decorator(decorator);
                }
                for default in def.parameters.iter().filter_map(|p| p.default()) {
                    self.visit_expr(default);
                }
                let scope = Scope::Function { is_async: def.is_async };
                self.scoped(scope, names(&def.parameters), |s| s.visit_body(&def.body));
            }
            ast::Stmt::For(ast::StmtFor {
                target,
                iter,
                body,
                orelse,
                ..
            }) => {
                self.with_checker(|c, ctx| c.visit_stmt(stmt, ctx));
                self.visit_expr(iter);
                self.visit_expr(target);
                self.in_loop(body);
                self.visit_body(orelse);
            }
            ast::Stmt::While(ast::StmtWhile { test, body, orelse, .. }) => {
                self.with_checker(|c, ctx| c.visit_stmt(stmt, ctx));
                self.visit_expr(test);
                self.in_loop(body);
                self.visit_body(orelse);
            }
            _ => {
                self.with_checker(|c, ctx| c.visit_stmt(stmt, ctx));
                walk_stmt(self, stmt);
            }
        }
    }

    fn visit_expr(&mut self, expr: &ast::Expr) {
        self.with_checker(|c, ctx| c.visit_expr(expr, ctx));
        match expr {
            ast::Expr::Lambda(lambda) => {
                let parameters = lambda.parameters.as_deref().map(names).unwrap_or_default();
                self.scoped(Scope::Lambda, parameters, |s| s.visit_expr(&lambda.body));
            }
            ast::Expr::ListComp(c) => self.comprehension(&[&c.elt], &c.generators, false),
            ast::Expr::SetComp(c) => self.comprehension(&[&c.elt], &c.generators, false),
            ast::Expr::Generator(c) => self.comprehension(&[&c.elt], &c.generators, true),
            ast::Expr::DictComp(c) => match &c.key {
                Some(key) => self.comprehension(&[key, &c.value], &c.generators, false),
                None => self.comprehension(&[&c.value], &c.generators, false),
            },
            _ => walk_expr(self, expr),
        }
    }

    // Annotations are never evaluated as code of this scope in every version: leave them out.
    fn visit_annotation(&mut self, _: &ast::Expr) {}
}

impl Checker<'_> {
    fn in_loop(&mut self, body: &[ast::Stmt]) {
        if let Some(n) = self.loops.last_mut() {
            *n += 1;
        }
        self.visit_body(body);
        if let Some(n) = self.loops.last_mut() {
            *n -= 1;
        }
    }
}
