//! Those who hold a key or an approval, and their tools: trustees, approvers, the reward office.

#[path = "../common/mod.rs"]
mod common;

mod approvals;
mod office_edit;
mod office_pages;
mod office_terminal;
mod office_tool;
mod recipients;
mod tools;
mod trustee_tool;
