//! The shipped templates, tried once a test program.

use mifeng::{
    documents::{DocumentDesk, Press},
    policy::Policy,
    publisher::Publisher,
};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

static PRESS: LazyLock<Arc<Press>> = LazyLock::new(|| {
    Arc::new(Press::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policy"), true).unwrap())
});

pub fn desk(policy: &Arc<Policy>, publisher: &Publisher) -> Arc<DocumentDesk> {
    Arc::new(DocumentDesk::new(PRESS.clone(), policy.clone(), publisher.key().to_string()))
}

/// As it stands in the letters of `tests/vectors/documents`.
pub const LOG_KEY: &str = "test/log+00000000+AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";

/// Without a log of its own.
pub fn desk_of(policy: &Arc<Policy>) -> Arc<DocumentDesk> {
    Arc::new(DocumentDesk::new(PRESS.clone(), policy.clone(), LOG_KEY.to_owned()))
}
