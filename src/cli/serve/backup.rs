//! Where the running server is asked for a backup: a socket in the data folder, opened before the process gives up the
//! right to open any.

use crate::{
    cli::backup::{ask, recipients},
    clock::Clock,
    config::Config,
    store::Store,
};
use age::x25519::Recipient;
use std::{
    os::unix::net::{UnixListener, UnixStream},
    sync::{Arc, Weak},
};

pub struct Desk {
    listener: UnixListener,
    to: Vec<Recipient>,
}

impl Desk {
    /// `None` where no recipient is named, and where the store is a database: that is asked itself.
    pub fn open(config: &Config) -> Result<Option<Self>, String> {
        let Some(named) = config.backup.as_ref().filter(|_| config.postgres.is_none()) else {
            return Ok(None);
        };
        let to = recipients(named)?;
        let refused = |e: std::io::Error| format!("{}/{}: {e}", config.data.display(), ask::SOCKET);
        std::fs::create_dir_all(&config.data).map_err(refused)?;
        let path = config.data.join(ask::SOCKET);
        // Left by one that was killed; one that answers is the server of this folder.
        if UnixStream::connect(&path).is_ok() {
            return Err(format!("{} is in use by another process", config.data.display()));
        }
        if path.exists() {
            std::fs::remove_file(&path).map_err(refused)?;
        }
        let listener = UnixListener::bind(&path).map_err(refused)?;
        Ok(Some(Self { listener, to }))
    }

    /// One caller after another, on a thread that ends with the process.
    pub fn answer(self, store: &Arc<Store>, clock: Arc<dyn Clock>) -> std::io::Result<()> {
        let store: Weak<Store> = Arc::downgrade(store);
        let work = move || {
            for caller in self.listener.incoming() {
                let (Ok(caller), Some(store)) = (caller, store.upgrade()) else { continue };
                ask::answer(&store, &self.to, clock.today(), &caller, ask::PACE);
            }
        };
        std::thread::Builder::new().name("backup".into()).spawn(work).map(drop)
    }
}
