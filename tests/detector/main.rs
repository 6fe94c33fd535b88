//! The detector on real outputs and on generated ones.
mod naive;
mod real;
mod support;
