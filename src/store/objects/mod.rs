//! The chunks of files in an S3-compatible object store, where `MIFENG_OBJECTS` names one (docs/decisions/objects.md).
//!
//! ```text
//! PREFIX/store             the word that says whose bucket this is: 32 hexadecimal digits
//! PREFIX/<32 hex digits>   an object: eight whole chunks of one file, each sealed as in a slot (`at_rest`), one after the other
//! ```
//! Every object has the same length and a random name, which stands in the file's record and nowhere else. What is left of a
//! file behind its last whole object lies in slots of the engine, and so does every file shorter than one object: no object is
//! padded, and none tells where a file ends.
//!
//! What it does not give: the server of the bucket sees when each object came, who asks for it, and which ones are asked for
//! together. Whoever can write to the bucket can remove objects or put back older ones; that is noticed when the file is read.

/// Where the bucket is, and as whom.
pub mod address;
/// HTTP.
mod caller;
/// Whose bucket it is.
mod mark;

pub use address::{ObjectsAddress, ObjectsFile, ObjectsFileRefused};
pub(super) use mark::KEY;

use super::{OpenRefused, Refused, bridge::Bridge, engine::SLOT};
use crate::{
    clock::{Day, day_of},
    ids::ObjectId,
};
use caller::Caller;
use object_store::{
    BackoffConfig, Error, ObjectStore, ObjectStoreExt, PutMode, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::HttpError,
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
};
use std::{
    error::Error as _,
    future::Future,
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

/// Chunks of an object. An upload that is under way holds so many in memory.
pub const CHUNKS: usize = 8;
/// Bytes of an object.
pub const OBJECT: usize = CHUNKS * SLOT;

/// Calls under way at once; more wait, but not for long: whoever waits holds a thread.
const CALLS: usize = 16;
/// A call that has not begun in this time is refused.
const BEGUN_WITHIN: Duration = Duration::from_secs(5);
/// A call that failed is made again so many times at most, ...
const AGAIN: usize = 3;
/// ... waiting in between, longer each time, ...
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// ... and not once this time has passed.
const AGAIN_WITHIN: Duration = Duration::from_secs(20);
/// Names asked for at once.
const PAGE: usize = 1000;

/// A bucket. Not printable: it holds the secret key.
pub struct Objects {
    bridge: Bridge,
    bucket: Arc<Bucket>,
    /// The word that this store's bucket holds.
    word: OnceLock<ObjectId>,
    /// It was seen there.
    is_ours: AtomicBool,
}

struct Bucket {
    s3: AmazonS3,
    prefix: String,
    room: Semaphore,
    told: String,
}

/// One object of a list.
pub struct Listed {
    pub name: ObjectId,
    /// When it was put there, by the server's clock.
    pub day: Day,
}

impl Objects {
    /// Calls nobody yet.
    pub fn open(address: &ObjectsAddress) -> Result<Self, OpenRefused> {
        let refused = |cause: String| OpenRefused::Objects { at: address.told.clone(), cause };
        let backoff = BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 };
        let s3 = AmazonS3Builder::new()
            .with_endpoint(address.endpoint.trim_end_matches('/'))
            .with_bucket_name(&address.bucket)
            .with_region(&address.region)
            .with_access_key_id(&address.key_id)
            .with_secret_access_key(address.secret.as_str())
            .with_virtual_hosted_style_request(address.host_style)
            .with_allow_http(address.endpoint.starts_with("http:"))
            // Not every server knows how to remove several with one request.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { backoff, max_retries: AGAIN, retry_timeout: AGAIN_WITHIN })
            .with_http_connector(Caller::new(address))
            .build()
            .map_err(|e| refused(e.to_string()))?;
        let bridge = Bridge::open("objects", CALLS).map_err(|e| refused(e.to_string()))?;
        let (prefix, told) = (address.prefix.clone(), address.told.clone());
        let bucket = Bucket { s3, prefix, room: Semaphore::new(CALLS), told };
        Ok(Self { bridge, bucket: Arc::new(bucket), word: OnceLock::new(), is_ours: AtomicBool::new(false) })
    }

    /// Server and bucket, for messages.
    pub fn told(&self) -> &str {
        &self.bucket.told
    }

    /// The object is there, whole, once this returns.
    pub fn put(&self, name: ObjectId, bytes: Vec<u8>) -> Result<(), Refused> {
        self.check_ours()?;
        self.put_at(name.to_string(), bytes)
    }

    fn put_at(&self, name: String, bytes: Vec<u8>) -> Result<(), Refused> {
        self.call(
            move |bucket| async move { bucket.s3.put(&bucket.path(&name), bytes.into()).await.map(drop) },
        )
    }

    /// Whether it was put there; `false`: there is one already.
    fn create_at(&self, name: String, bytes: Vec<u8>) -> Result<bool, Refused> {
        self.call(move |bucket| async move {
            match bucket.s3.put_opts(&bucket.path(&name), bytes.into(), PutMode::Create.into()).await {
                Err(Error::AlreadyExists { .. }) => Ok(false),
                put => put.map(|_| true),
            }
        })
    }

    /// [`Refused::ObjectGone`] if it is not there.
    pub fn get(&self, name: ObjectId) -> Result<Vec<u8>, Refused> {
        self.get_at(name.to_string())?.ok_or(Refused::ObjectGone)
    }

    fn get_at(&self, name: String) -> Result<Option<Vec<u8>>, Refused> {
        self.call(move |bucket| async move {
            match bucket.s3.get(&bucket.path(&name)).await {
                Ok(found) => found.bytes().await.map(|bytes| Some(bytes.to_vec())),
                Err(gone) if is_gone(&gone) => Ok(None),
                Err(cause) => Err(cause),
            }
        })
    }

    /// Some bytes of an object.
    pub fn get_range(&self, name: ObjectId, range: Range<u64>) -> Result<Vec<u8>, Refused> {
        let found = self.call(move |bucket| async move {
            match bucket.s3.get_range(&bucket.path(&name.to_string()), range).await {
                Ok(bytes) => Ok(Some(bytes.to_vec())),
                Err(gone) if is_gone(&gone) => Ok(None),
                Err(cause) => Err(cause),
            }
        });
        found?.ok_or(Refused::ObjectGone)
    }

    /// None of them is there once this returns. A bucket that keeps versions keeps them all the same.
    pub fn remove(&self, names: &[ObjectId]) -> Result<(), Refused> {
        if names.is_empty() {
            return Ok(());
        }
        self.check_ours()?;
        self.remove_unasked(names.to_vec())
    }

    /// Without asking whose bucket it is: of what was put there just now.
    fn remove_unasked(&self, names: Vec<ObjectId>) -> Result<(), Refused> {
        let bucket = self.bucket.clone();
        self.bridge.run(async move { bucket.remove(names).await }).unwrap_or(Err(Refused::Closed))
    }

    /// The same, not waited for: one that stays is swept some day.
    pub fn remove_soon(&self, names: Vec<ObjectId>) {
        if !names.is_empty() && self.is_ours.load(Ordering::SeqCst) {
            let bucket = self.bucket.clone();
            self.bridge.begin(async move { drop(bucket.remove(names).await) });
        }
    }

    /// The next objects, in the order of their names; none: there are no more.
    pub fn page(&self, after: Option<ObjectId>) -> Result<Vec<Listed>, Refused> {
        self.call(move |bucket| async move { bucket.page(after).await })
    }

    /// Today, by the clock that dates the objects.
    pub fn day(&self) -> Result<Day, Refused> {
        let name = ObjectId::random(&mut rand::rng());
        self.put(name, vec![0])?;
        let day = self.call(move |bucket| async move {
            let found = bucket.s3.get(&bucket.path(&name.to_string())).await?;
            Ok(day_of(found.meta.last_modified.timestamp()))
        });
        self.remove(&[name])?;
        day
    }

    /// Puts an object, reads it back and removes it: whether the bucket does what it must. Nothing into one that is not ours.
    pub fn probe(&self) -> Result<(), Refused> {
        self.check_ours()?;
        let name = ObjectId::random(&mut rand::rng());
        let mut bytes = vec![0; OBJECT];
        rand::Rng::fill_bytes(&mut rand::rng(), &mut bytes);
        self.put_at(name.to_string(), bytes.clone())?;
        let same = self.get(name)? == bytes && self.get_range(name, 7..11)? == bytes[7..11];
        self.remove(&[name])?;
        match self.get(name) {
            Err(Refused::ObjectGone) if same => Ok(()),
            Err(Refused::ObjectGone) => Err(refused("it gave back other bytes than it was given")),
            Ok(_) => Err(refused("an object that was removed is still there")),
            Err(other) => Err(other),
        }
    }

    fn call<T, W>(&self, work: impl FnOnce(Arc<Bucket>) -> W + Send + 'static) -> Result<T, Refused>
    where
        T: Send + 'static,
        W: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let bucket = self.bucket.clone();
        let called = self.bridge.run(async move {
            let Ok(Ok(_room)) = timeout(BEGUN_WITHIN, bucket.room.acquire()).await else {
                return Err(Refused::Busy);
            };
            work(bucket.clone()).await.map_err(|cause| refused(&why(&cause)))
        });
        called.unwrap_or(Err(Refused::Closed))
    }
}

impl Bucket {
    fn path(&self, name: &str) -> Path {
        Path::from_iter([self.prefix.as_str(), name])
    }

    async fn remove(self: Arc<Self>, names: Vec<ObjectId>) -> Result<(), Refused> {
        for some in names.chunks(CALLS) {
            let mut calls = JoinSet::new();
            for name in some {
                let (bucket, path) = (self.clone(), self.path(&name.to_string()));
                calls.spawn(async move {
                    let _room = bucket.room.acquire().await;
                    match bucket.s3.delete(&path).await {
                        Err(cause) if !is_gone(&cause) => Err(refused(&why(&cause))),
                        _ => Ok(()),
                    }
                });
            }
            while let Some(removed) = calls.join_next().await {
                removed.unwrap_or(Err(Refused::Panicked))?;
            }
        }
        Ok(())
    }

    async fn page(&self, after: Option<ObjectId>) -> object_store::Result<Vec<Listed>> {
        let offset = after.map(|name| self.path(&name.to_string()).to_string());
        let mut page_token = None;
        loop {
            let (offset, max_keys) = (offset.clone(), Some(PAGE));
            let asked = PaginatedListOptions { offset, max_keys, page_token, ..Default::default() };
            let page = self.s3.list_paginated(Some(&format!("{}/", self.prefix)), asked).await?;
            let listed = page.result.objects.iter().filter_map(|object| {
                let name = object.location.filename()?.parse().ok()?;
                Some(Listed { name, day: day_of(object.last_modified.timestamp()) })
            });
            // Of a server that does not mind the offset.
            let mut found: Vec<_> =
                listed.filter(|listed| after.is_none_or(|after| listed.name > after)).collect();
            found.sort_by_key(|listed| listed.name);
            // A page of nothing but other things than ours is not the end.
            if !found.is_empty() || page.page_token.is_none() {
                return Ok(found);
            }
            page_token = page.page_token;
        }
    }
}

/// No such object. A bucket that is not there is another matter.
fn is_gone(cause: &Error) -> bool {
    matches!(cause, Error::NotFound { .. }) && code(cause).is_none_or(|code| code != "NoSuchBucket")
}

fn refused(why: &str) -> Refused {
    Refused::Objects(why.to_owned())
}

/// The cause without addresses and names.
fn why(cause: &Error) -> String {
    if let Some(code) = code(cause) {
        return format!("it answered {code}");
    }
    let mut source = cause.source();
    while let Some(inner) = source {
        if let Some(http) = inner.downcast_ref::<HttpError>() {
            return http.source().map_or_else(|| http.to_string(), ToString::to_string);
        }
        source = inner.source();
    }
    match cause {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => "it refused this key".into(),
        _ => "it does not answer as an object store".into(),
    }
}

/// What S3 calls the error.
fn code(cause: &Error) -> Option<String> {
    let text = cause.to_string();
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    let plain = code.len() <= 64 && code.chars().all(|c| c.is_ascii_alphanumeric());
    plain.then(|| code.to_owned())
}
