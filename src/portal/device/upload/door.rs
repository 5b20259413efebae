//! How a piece comes in: one at a time for each upload, whole within a time. What is read is in memory, so whoever
//! opens a thousand connections must not have a thousand pieces there.

use super::{Not, PIECE};
use crate::{
    portal::kept::NotKept,
    web::{FormRefused, read_body},
};
use axum::body::{Body, Bytes};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    time::timeout,
};

/// A whole piece must arrive within this. The page gives its connection up before, after 90 s.
const WITHIN: Duration = Duration::from_secs(120);

/// The way in of one upload.
pub(super) struct Door {
    within: Duration,
    /// Counts who came.
    newest: watch::Sender<u64>,
    inside: Arc<Mutex<()>>,
}

/// A piece, and the turn it has until it is dropped.
pub(super) struct Piece {
    bytes: Bytes,
    _turn: OwnedMutexGuard<()>,
}

impl Default for Door {
    fn default() -> Self {
        Self { within: WITHIN, newest: watch::Sender::default(), inside: Arc::default() }
    }
}

impl Door {
    /// Reads a piece. One that is still being read then gives way: it is the same device, and its connection is dead.
    pub async fn read(&self, body: Body) -> Result<Piece, Not> {
        let mut mine = 0;
        self.newest.send_modify(|newest| {
            *newest += 1;
            mine = *newest;
        });
        let mut newest = self.newest.subscribe();
        let _turn = self.inside.clone().lock_owned().await;
        let read = tokio::select! {
            biased;
            _ = newest.wait_for(|newest| *newest > mine) => return Err(NotKept::Broken.into()),
            read = timeout(self.within, read_body(body, PIECE)) => read,
        };
        match read {
            Ok(Ok(bytes)) => Ok(Piece { bytes, _turn }),
            Ok(Err(FormRefused::TooLarge)) => Err(Not::PieceTooLarge),
            Ok(Err(_)) | Err(_) => Err(NotKept::Broken.into()),
        }
    }

    /// Whether a piece is coming in.
    pub fn is_open(&self) -> bool {
        self.inside.try_lock().is_err()
    }
}

impl Piece {
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::channel::Channel;
    use std::convert::Infallible;

    /// A body that gives what is sent there, and ends with its sender.
    fn body() -> (http_body_util::channel::Sender<Bytes, Infallible>, Body) {
        let (send, body) = Channel::new(4);
        (send, Body::new(body))
    }

    fn is_broken(read: Result<Piece, Not>) -> bool {
        matches!(read, Err(Not::NotKept(NotKept::Broken)))
    }

    #[tokio::test]
    async fn of_many_connections_for_one_upload_the_newest_alone_is_read() {
        let door = Arc::new(Door::default());
        let mut older = Vec::new();
        for _ in 0..20 {
            let (mut sender, body) = body();
            sender.send_data(Bytes::from_static(&[1; 1024])).await.unwrap();
            let door = door.clone();
            older.push((sender, tokio::spawn(async move { door.read(body).await })));
            tokio::task::yield_now().await;
        }
        let (mut sender, body) = body();
        let newest = tokio::spawn({
            let door = door.clone();
            async move { door.read(body).await }
        });
        for (_sender, read) in older {
            assert!(is_broken(read.await.unwrap()), "it gave way, though it could have gone on");
        }
        assert!(door.is_open());
        sender.send_data(Bytes::from_static(b"whole")).await.unwrap();
        drop(sender);
        let piece = newest.await.unwrap().map_err(|not| format!("{not:?}")).unwrap();
        assert_eq!(piece.bytes(), b"whole");
        assert!(door.is_open(), "until the piece has found its place");
        drop(piece);
        assert!(!door.is_open());
    }

    #[tokio::test]
    async fn a_piece_that_trickles_in_is_given_up() {
        let door = Door { within: Duration::from_millis(50), ..Door::default() };
        let (mut sender, body) = body();
        let trickle = tokio::spawn(async move {
            while sender.send_data(Bytes::from_static(b"x")).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(is_broken(door.read(body).await) && !door.is_open());
        trickle.await.unwrap();
    }
}
