//! The reporters' face over its router: the pages without script, what a device sends, other programs.
#![allow(clippy::duplicate_mod, reason = "two supports bring the same award papers")]

#[path = "../device_support/mod.rs"]
mod device_support;
#[path = "../common/endings.rs"]
mod endings;
#[allow(dead_code, reason = "tests/documents.rs uses the rest")]
#[path = "../pdf_support/mod.rs"]
mod pdf_support;
#[allow(dead_code, reason = "tests/upload_without_end.rs uses the rest")]
#[path = "../portal_support/mod.rs"]
mod portal_support;
#[path = "../store_support/mod.rs"]
mod store_support;

mod api;
mod aside;
mod award_objections;
mod claims;
mod device;
mod device_acts;
mod device_files;
mod documents;
mod figures;
mod files;
mod forgotten;
mod mine;
mod name;
mod notices;
mod pages;
mod policy_eu;
mod scripts;
mod unsure;
mod way;

const LANGS: [&str; 2] = ["zh", "en"];
