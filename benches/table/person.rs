//! One person who reports, and does as the pages say: waits in line, comes back when told to, sends again what was not saved.

use super::{
    http::{Answer, Connection},
    portal::{STEPS, shown, story},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use mifeng::{receipt::Receipt, transcript::sha256};
use std::{
    fmt,
    io::{Error, Result},
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

/// After so long a person gives up, and the report is lost to the authority.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Where a page says "in a minute or two".
const A_MINUTE: u64 = 60;

/// Where somebody was told to come back later.
#[derive(Clone, Copy)]
pub enum Later {
    Line,
    Begin,
    Answer,
    Send,
    Photo,
    SignIn,
    Connection,
}

const NAMES: [&str; 7] = [
    "waited in line",
    "no place to begin",
    "no room for an answer",
    "not stored yet",
    "photo to be sent again",
    "no place to sign in",
    "connection broken",
];

/// How often, for each.
#[derive(Default)]
pub struct Told([AtomicUsize; NAMES.len()]);

impl Told {
    fn count(&self, later: Later) {
        self.0[later as usize].fetch_add(1, Relaxed);
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = NAMES.iter().zip(&self.0).map(|(name, count)| format!("{name} {}", count.load(Relaxed)));
        f.write_str(&each.collect::<Vec<_>>().join(", "))
    }
}

pub struct Person<'a> {
    portal: SocketAddr,
    told: &'a Told,
    connection: Option<Connection>,
    cookie: String,
    gives_up: Instant,
}

impl<'a> Person<'a> {
    pub fn new(portal: SocketAddr, told: &'a Told) -> Self {
        let gives_up = Instant::now() + PATIENCE;
        Self { portal, told, connection: None, cookie: String::new(), gives_up }
    }

    /// From the notice to the receipt; `thinks` over the story.
    pub fn reports(&mut self, thinks: Duration) -> Result<Receipt> {
        self.begins()?;
        for (path, fields) in STEPS {
            if *path == "/zh/story" {
                // Nobody holds a connection meanwhile.
                self.connection = None;
                thread::sleep(thinks);
                self.gives_up += thinks;
            }
            self.answers(path, fields)?;
        }
        let sent = self.asks(Later::Send, |connection, cookie| {
            let page = connection.get("/zh/check", cookie)?;
            match page.status {
                200 => connection.post("/zh/send", cookie, &[("once", page.once())]),
                // Sent before, and the answer was lost on the way.
                _ => Ok(page),
            }
        })?;
        if sent.location != "/zh/receipt" {
            return Err(Error::other(format!("not kept: {} {}", sent.status, sent.location)));
        }
        let page = self.asks(Later::Send, |connection, cookie| connection.get("/zh/receipt", cookie))?;
        shown(&page)
    }

    fn begins(&mut self) -> Result<()> {
        self.asks(Later::Begin, |connection, _| connection.get("/zh/agree", ""))?;
        let (mut work, mut place) = (String::new(), String::new());
        let mut waited = false;
        loop {
            let fields = [("work", work.as_str()), ("place", place.as_str())];
            let answer =
                self.asks(Later::Begin, |connection, _| connection.post("/zh/agree", "", &fields))?;
            let Some((_, at)) = answer.location.split_once("/wait?place=") else {
                if answer.status != 303 || answer.cookie.is_empty() {
                    return Err(Error::other(format!("not let in: {}", answer.status)));
                }
                self.cookie = answer.cookie;
                return Ok(());
            };
            match std::mem::replace(&mut waited, true) {
                false => self.told.count(Later::Line),
                // The lane was full in this second.
                true => self.waits(1)?,
            }
            let page = self.asks(Later::Begin, |connection, _| connection.get(&answer.location, ""))?;
            // Where the time has come there is no work to do: the place lets in.
            place = at.split('&').next().unwrap_or_default().to_owned();
            work = work_of(&page).unwrap_or_default();
        }
    }

    fn answers(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<()> {
        let story = story();
        let answer = self.asks(Later::Answer, |connection, cookie| {
            let page = connection.get(path, cookie)?;
            let typed = fields.iter().map(|(name, text)| match *name {
                "story" => ("story", story.as_str()),
                name => (name, *text),
            });
            let fields: Vec<_> = std::iter::once(("once", page.once())).chain(typed).collect();
            match page.status {
                200 => connection.post(path, cookie, &fields),
                _ => Ok(page),
            }
        })?;
        match answer.status {
            303 => Ok(()),
            status => Err(Error::other(format!("{path}: {status}"))),
        }
    }

    /// A photo after the receipt.
    pub fn adds(&mut self, photo: &[u8]) -> Result<()> {
        loop {
            let sent = self.asks(Later::Photo, |connection, cookie| {
                let page = connection.get("/zh/files?way=server", cookie)?;
                let once = page.once().to_owned();
                let length = photo.len() as u64;
                connection.upload("/zh/files", cookie, (&once, "a.jpg"), length, |take| take(photo))
            })?;
            if sent.status == 303 {
                return Ok(());
            }
            self.told.count(Later::Photo);
            self.waits(A_MINUTE)?;
        }
    }

    /// Signs in with a receipt and reads the report's page.
    pub fn reads(&mut self, receipt: &Receipt) -> Result<()> {
        let digits: String = receipt.groups().iter().map(|group| group.as_str()).collect();
        let signed_in = self.asks(Later::SignIn, |connection, cookie| {
            connection.post("/zh/mine", cookie, &[("receipt", &digits)])
        })?;
        self.cookie = signed_in.cookie;
        let page = self.asks(Later::SignIn, |connection, cookie| connection.get("/zh/mine", cookie))?;
        match (signed_in.status, page.status) {
            (303, 200) => Ok(()),
            (signed_in, page) => Err(Error::other(format!("not read: {signed_in}, {page}"))),
        }
    }

    /// The answer, once it is no "try again".
    fn asks(&mut self, at: Later, ask: impl Fn(&mut Connection, &str) -> Result<Answer>) -> Result<Answer> {
        loop {
            let connection = match self.connection.take() {
                Some(connection) => Ok(connection),
                None => Connection::open(self.portal),
            };
            let answer = connection.and_then(|mut connection| {
                let answer = ask(&mut connection, &self.cookie)?;
                self.connection = Some(connection);
                Ok(answer)
            });
            let (later, seconds) = match answer {
                Ok(answer) if [429, 503].contains(&answer.status) => {
                    (at, answer.retry_after.unwrap_or(A_MINUTE))
                }
                Ok(answer) => return Ok(answer),
                Err(_) => (Later::Connection, 5),
            };
            self.told.count(later);
            self.connection = None;
            self.waits(seconds)?;
        }
    }

    fn waits(&self, seconds: u64) -> Result<()> {
        let wait = Duration::from_secs(seconds);
        if Instant::now() + wait > self.gives_up {
            return Err(Error::other("gave up"));
        }
        thread::sleep(wait);
        Ok(())
    }
}

/// The work a page in line asks for, done; `None` where it asks for none.
fn work_of(page: &Answer) -> Option<String> {
    let rest = page.body.split_once("data-config=\"")?.1;
    let config = rest.split_once('"')?.0.replace("&#34;", "\"").replace("&#38;", "&");
    let config: serde_json::Value = serde_json::from_str(&config).ok()?;
    let mut work = config["challenge"].clone();
    let (salt, challenge) = (work["salt"].as_str().unwrap_or_default(), work["challenge"].as_str());
    let most = work["maxnumber"].as_u64().unwrap_or(0);
    let found = (0..=most)
        .find(|number| Some(hex::encode(sha256(format!("{salt}{number}").as_bytes())).as_str()) == challenge);
    work["number"] = found?.into();
    Some(BASE64_STANDARD.encode(work.to_string()))
}
