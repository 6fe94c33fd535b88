//! Tests of the façade.
