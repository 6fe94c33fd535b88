//! What a parse of a script leaves behind: constructs, statements, and the first fault.
//!
//! Only data. How it is found stands in [`super::parse`], what is made of it in the modules that
//! propose edits.

/// A compound construct or an opened quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    If,
    /// `while` and `until`.
    While,
    /// `for` and `select`.
    For,
    Case,
    /// `{ … }`, also as the body of a function.
    Brace,
    /// `( … )`.
    Subshell,
    /// `$( … )`, `<( … )`, `>( … )` and array assignments.
    Parens,
    /// `$(( … ))`, `(( … ))`, `$[ … ]`.
    Arithmetic,
    /// `${ … }`.
    Parameter,
    /// `[[ … ]]`.
    Conditional,
    Single,
    Double,
    Backtick,
}

impl Kind {
    /// The word that closes a block, for the kinds whose missing closer stands on a line of its own.
    pub(super) fn closing_word(self) -> Option<&'static str> {
        match self {
            Self::If => Some("fi"),
            Self::While | Self::For => Some("done"),
            Self::Case => Some("esac"),
            Self::Brace => Some("}"),
            Self::Subshell => Some(")"),
            _ => None,
        }
    }

    /// What closes a construct inside a line.
    pub(super) fn closing_mark(self) -> Option<&'static str> {
        match self {
            Self::Parens => Some(")"),
            Self::Arithmetic => Some("))"),
            Self::Parameter => Some("}"),
            Self::Conditional => Some(" ]]"),
            Self::Single => Some("'"),
            Self::Double => Some("\""),
            Self::Backtick => Some("`"),
            _ => None,
        }
    }
}

/// One construct.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub kind: Kind,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset of the statement it stands in (`f() {`: the `f`); its line carries the indentation.
    pub head: usize,
    /// Offset after `then`, `do`, `in`, `{`…: where its body begins. `None` while that word is missing.
    pub body: Option<usize>,
    /// Offset after `if`, `elif`, `while`… while its `then` or `do` has not come.
    pub condition: Option<usize>,
    /// Offset of what closed it.
    pub end: Option<usize>,
}

/// A command in command position.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub start: usize,
    pub end: usize,
    /// Index of the innermost frame around it.
    pub frame: Option<usize>,
}

/// Why the parse stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A word or operator that cannot stand here.
    Unexpected(String),
    /// The end of the file inside something.
    Eof,
    /// A body without a command.
    EmptyBody,
    /// A `case` pattern without its `)`.
    Pattern,
    /// `do` is missing after the head of a loop.
    NoDo,
    /// A function head that no body follows.
    NoFunctionBody,
    /// Nested deeper than the parser follows.
    TooDeep,
}

/// The first fault and the constructs open at it, outermost first.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub at: usize,
    pub stop: Stop,
    pub open: Vec<usize>,
}

/// A `[` command that bash accepts as a word but that cannot work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BracketFault {
    /// `[$x`, `[-f`: the space after it is missing. Offset: after the bracket(s).
    GluedOpen,
    /// `1]`: the space before the closing bracket is missing. Offset: the bracket(s).
    GluedClose,
    /// `if[`: the space between keyword and bracket is missing. Offset: the bracket.
    GluedKeyword,
    /// `[ … ]]`: one bracket too many. Offset: the second `]`.
    DoubleClose,
    /// `[[ … ]`: one bracket too few. Offset: after the `]`.
    SingleClose,
    /// `[ … && … ]`: an operator that `[` does not know. Offset: of the command.
    Operator,
    /// No closing bracket at all. Offset: where the command ends.
    NoClose,
}

/// A here-document whose end was not found.
#[derive(Debug, Clone)]
pub(super) struct OpenHeredoc {
    pub operator: usize,
    pub delimiter: String,
    pub strip_tabs: bool,
    pub body: usize,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline {
    pub frames: Vec<Frame>,
    pub statements: Vec<Statement>,
    pub brackets: Vec<(BracketFault, usize)>,
    pub heredocs: Vec<OpenHeredoc>,
    /// Byte ranges whose lines are text, not code: bodies of here-documents.
    pub text: Vec<std::ops::Range<usize>>,
    pub fault: Option<Fault>,
}

impl Outline {
    /// Whether nothing at all is wrong.
    pub(super) fn is_clean(&self) -> bool {
        self.fault.is_none() && self.brackets.is_empty() && self.heredocs.is_empty()
    }
}
