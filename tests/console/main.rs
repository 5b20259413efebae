//! The staff's face over its router.

#[path = "../console_support/mod.rs"]
mod console_support;
#[path = "../common/endings.rs"]
mod endings;
#[allow(dead_code, reason = "tests/documents.rs uses the rest")]
#[path = "../pdf_support/mod.rs"]
mod pdf_support;
#[path = "../store_support/mod.rs"]
mod store_support;

mod answers;
mod awards;
mod awards_again;
mod bodies;
mod bulk;
mod documents;
mod door;
mod entered;
mod escalation;
mod figures;
mod first_pages;
mod merge_order;
mod merges;
mod moves;
mod notices;
mod objections;
mod reviews;
mod rights;
mod rules;
mod send_file;
mod sheets;
mod systems;
mod systems_second;
mod systems_words;
mod tables;
mod unseen;
mod views;
