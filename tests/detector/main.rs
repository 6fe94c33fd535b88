//! The detector on real outputs and on generated ones.
mod naive;
mod packs;
mod real;
mod support;
