//! heal: a self-healing code system.
