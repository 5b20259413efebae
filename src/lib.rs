//! mifeng (密封, "sealed"): safety-production reporting in which no single person, not even one
//! who runs it, can look up afterwards who reported.
//!
//! The modules, in the order data flows. `grep -rn cleartext src --include='*.rs'` is the privacy audit:
//! `tests/fence.rs` has the table of who may name the fence, and what for.

/// Today, in Asia/Shanghai. Time is an argument everywhere else.
pub mod clock;
/// Addresses, folders and key files a process is started with.
pub mod config;
/// Names of things: report, case, award, blob. None of them is derived from a person.
pub mod ids;
/// The rules, parsed once from `policy/` into values that cannot be wrong.
pub mod policy;
/// Whether the server is near one of its bounds.
pub mod pressure;

/// THE FENCE: the only module that may hold a reporter's name or an original file.
pub mod cleartext;

/// What a file is, by its first bytes.
pub mod file_kind;
/// Names of files, made harmless.
pub mod file_name;
/// Texts made fit for a terminal.
pub mod fit;
/// A finished file gets its name, over nothing.
pub mod place;

/// What can be seen of an age file without a key.
pub mod age_header;
/// To whom something may be sealed.
pub mod age_recipient;
/// Whose certificates are believed when the server calls another.
mod authority;
/// Sealed bytes of one size for every report. No way in.
pub mod envelope;
/// Share files: one trustee's part of an envelope's lock, sealed to that trustee.
pub mod lock;
/// What staff write and send to a reporter, sealed to the receipt.
pub mod mailbox;
/// An age file inside a fixed bucket, the frame of all that is sealed to a person.
mod padded;
/// What only the reporter holds: thirty digits, and the keys they give.
pub mod receipt;
/// A sealed file from outside: its length, its frame, what can be checked without a key.
pub mod sealed_file;
/// Ed25519 keys and signatures over transcripts.
pub mod signing;
/// Length-prefixed, domain-tagged bytes: what is signed, hashed or bound.
pub mod transcript;

/// Public halves: the signed recipient set (office, trustees, t of n) and the roster of approvers.
pub mod recipients;

/// Shares of an earlier set, split again for the trustees of a later one: the papers of it.
pub mod reshare;

/// Money: computed from policy, approved by several, spent once.
pub mod award;
/// A case without a reporter: content, state, moves, deadlines.
pub mod casework;
/// An original as evidence: asked, told, opened, edited, looked at, joined.
pub mod evidence;
/// The one container an edited film or recording is taken in.
pub mod film;
/// What anyone can check: the append-only log.
pub mod log;
/// Signs the durable log, serves its tiles, proves its entries.
pub mod publisher;
/// Which earlier cases may be about the same matter.
pub mod repeats;
/// Which scripts are served, published so that a changed one leaves a mark.
pub mod scripts;
/// The only code that knows an engine.
pub mod store;

/// What an authority sends about a report, as accessible PDF.
pub mod documents;
/// Last days that have passed are told upwards, once a day.
pub mod escalation;
/// Figures for leaders and the public, in which no case can be found.
pub mod figures;
/// Requests for originals that have run out are ended.
pub mod lapse;
/// Awards announced in public: a number and two days of each, for whoever may not look at the award.
pub mod notices;
/// Finds what leads to a person in a reporter's own words.
pub mod scrub;
/// Staff at the door: passwords, one-time codes, sessions, and what each may do.
pub mod staff;

/// Face two: investigators, approvers, trustees.
pub mod console;
/// Face three: the reward office (nameless; names appear in the officers' tool only).
pub mod office;
/// Face one: reporters.
pub mod portal;
/// Words and page furniture the three faces share.
pub mod web;

/// What the serving process gives up before it answers anybody.
pub mod contain;

/// One file a command.
pub mod cli;
