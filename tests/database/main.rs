//! The store in PostgreSQL, on a real server: one for this whole program.

#[path = "../store_support/mod.rs"]
mod store_support;

mod checkpoints;
mod days;
mod edges;
mod limits;
mod moving;
mod postgres;
mod roles;
