//! Words and page furniture the three faces share: layout, stylesheet, scripts, headers, fields and their errors, forms,
//! and what is said when a request cannot be answered.

mod asset;
mod charts;
mod field;
mod form;
mod headers;
mod holders;
mod notice;
mod page;
mod parts;
mod pieces;
mod problem;
mod range;
mod scripts;
mod words;

pub use asset::{asset_routes, stylesheet_path};
pub use charts::{Bar, Chart, charts};
pub use field::{Choice, Control, Errors, Field};
pub use form::{FORM_LIMIT, Form, FormRefused, Typed};
pub(crate) use form::{line_ends, read_body};
pub use headers::{Sender, harden};
pub use holders::holder_words;
pub use notice::{Asked, Notice};
pub use page::{Face, NavItem, Page, html, see_other};
#[doc(hidden)]
pub use parts::{NotWhole, Parts, text_of};
pub(crate) use parts::{PIECES_WAITING, drain, hand_over, next_bytes};
pub(crate) use pieces::{Stored, pieces};
pub(crate) use problem::problem;
pub(crate) use range::Part;
pub use scripts::{Script, script, scripts, with_inline, with_script};
pub use words::Lang;
