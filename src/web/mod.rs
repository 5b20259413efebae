//! Words and page furniture the three faces share: layout, stylesheet, headers, fields and their errors, forms,
//! and what is said when a request cannot be answered.

mod asset;
mod field;
mod form;
mod headers;
mod notice;
mod page;
mod words;

pub use asset::{stylesheet_path, stylesheet_route};
pub use field::{Choice, Control, Errors, Field};
pub use form::{FORM_LIMIT, Form, FormRefused, Typed};
pub use headers::harden;
pub use notice::{Asked, Notice};
pub use page::{Face, NavItem, Page, html, see_other};
pub use words::Lang;
