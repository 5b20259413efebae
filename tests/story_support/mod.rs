//! A real server process, the people who use it over HTTP, and the search for what must be nowhere.
#![allow(dead_code, unused_imports, reason = "every story uses its own part")]

mod browser;
mod canaries;
mod disk;
pub mod matter;
mod memory;
mod needles;
#[allow(clippy::duplicate_mod, reason = "a story of both kinds has it twice")]
#[path = "../common/ports.rs"]
mod ports;
pub mod release;
pub mod reporter;
pub mod staff;
mod world;

pub use browser::{Answer, Attached, Browser, Seen};
pub use canaries::{Canaries, jpeg_with_exif, pdf};
pub use disk::{Disk, Look, Record};
pub use memory::Image;
pub use needles::Needles;
pub use world::World;
