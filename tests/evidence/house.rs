//! One report with an original, through the reporters' own pages; a trustee's and the office's machine.
#![allow(dead_code, reason = "every story uses its own part")]

use crate::{
    canaries::{Canaries, jpeg_with_exif},
    console_support::{Answer, Browser, Desk, between},
};
use axum::http::StatusCode;
use mifeng::{
    award::release::ReleaseAnswer,
    casework::{Case, Role},
    cli::{
        keyfile::HolderKey,
        office::{ReadyFiles, check_files as check_package},
        pins::State,
        trustee::{CheckedFiles, NoShare, check_files},
    },
    evidence::{Change, Edited, Edits, FilesPackage, FilesReleaseRequest},
    ids::CaseNumber,
    signing::SigningKey,
    store::Trustees,
};
use std::path::PathBuf;

pub const DAY: i64 = 24 * 3600;
pub const NEED: &str = "清理后的副本看不清铭牌，检测机构需要原始照片核对设备编号。";
pub const REFUSAL: &str = "照片里能认出我站的位置。";

pub fn picture() -> Vec<u8> {
    jpeg_with_exif(Canaries::new().exif)
}

pub async fn house() -> House {
    House::with(&picture(), &format!("{}.jpg", Canaries::new().picture_name)).await
}

pub struct House {
    pub desk: Desk,
    pub number: CaseNumber,
    /// 32 digits.
    pub receipt: String,
}

impl House {
    /// A report with this original is worked on by `inv1`.
    pub async fn with(original: &[u8], name: &str) -> Self {
        let desk = Desk::new();
        desk.hire("officer2", Role::RewardOfficer, None);
        let mut browser = desk.visitor();
        let receipt = report(&mut browser).await;
        attach(&mut browser, name, original).await;
        let number = CaseNumber { year: 2026, serial: 1 };
        let house = Self { desk, number, receipt };
        let mut clerk = house.desk.sign_in("clerk").await;
        for (mv, fields) in [
            (
                "accept",
                &[
                    ("told", "我们已受理您的举报，正在安排核查。"),
                    ("reason", "对象和事实明确，属于受理范围。"),
                ][..],
            ),
            ("assign", &[("to", "inv1")]),
        ] {
            house.makes(&mut clerk, mv, fields).await;
        }
        let mut investigator = house.desk.sign_in("inv1").await;
        house.makes(&mut investigator, "begin", &[]).await;
        house
    }

    async fn makes(&self, browser: &mut Browser, mv: &str, fields: &[(&str, &str)]) {
        let path = format!("/zh/cases/{}/moves/{mv}", self.number);
        let page = browser.get(&path).await;
        let version = page.hidden("version");
        let number = self.number.to_string();
        let more = [("version", version.as_str()), ("step", "do"), ("typed-number", &number)];
        let fields: Vec<_> = fields.iter().copied().chain(more).collect();
        let made = browser.post(&path, &fields).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{mv}: {}", made.text);
    }

    pub fn case(&self) -> Case {
        self.desk.case(self.number)
    }

    pub fn original(&self) -> String {
        self.case().files[0].original.to_string()
    }

    /// The investigator asks for the report's one file.
    pub async fn ask(&self) -> Answer {
        let mut investigator = self.desk.sign_in("inv1").await;
        let path = format!("/zh/cases/{}/original", self.number);
        investigator.get(&path).await;
        let (version, file) = (self.case().version.to_string(), self.original());
        let fields = [("version", version.as_str()), ("file", &file), ("use", "court"), ("need", NEED)];
        investigator.post(&path, &fields).await
    }

    pub async fn reporter(&self) -> Browser {
        let mut browser = self.desk.visitor();
        browser.get("/zh/mine").await;
        let answer = browser.post("/zh/mine", &[("receipt", &self.receipt)]).await;
        assert_eq!(answer.location, "/zh/mine", "{}", answer.text);
        browser
    }

    /// An officer's act on the request.
    pub async fn act(&self, officer: &str, act: &str, more: &[(&str, &str)]) -> Answer {
        let mut officer = self.desk.sign_in_at_the_office(officer).await;
        let path = format!("/zh/originals/{}", self.number);
        officer.get(&path).await;
        let (version, number) = (self.case().version.to_string(), self.number.to_string());
        let fields = [("version", version.as_str()), ("typed-number", number.as_str())];
        let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
        officer.post(&format!("{path}/{act}"), &fields).await
    }

    /// The officer has the copy before their eyes.
    pub async fn look(&self, officer: &str, blob: &str) -> axum::body::Bytes {
        let mut officer = self.desk.sign_in_at_the_office(officer).await;
        officer.get_bytes(&format!("/zh/originals/{}/copies/{blob}", self.number)).await
    }

    /// What trustee `n` downloads.
    pub async fn request(&self, n: u8) -> Result<FilesReleaseRequest, StatusCode> {
        let mut trustee = self.desk.sign_in(&format!("tru{n}")).await;
        let answer = trustee.get(&format!("/zh/releases/{}/original/request", self.number)).await;
        serde_json::from_str(&answer.text).map_err(|_| answer.status)
    }

    /// The same request with what the log says now, as a server hands it out that does not know of the end.
    pub async fn proven_anew(&self, request: &FilesReleaseRequest) -> FilesReleaseRequest {
        let places = Trustees::leaves(&*self.desk.store, self.number).unwrap();
        let (told, opened) = (usize::from(request.terms.told.leaf_n), usize::from(request.terms.leaf_n));
        let mut all = self.desk.publisher.prove_all(&places, None).await.unwrap();
        let since = all.split_off(opened + 1);
        let proof = all.pop().unwrap();
        let between = all.split_off(told + 1);
        FilesReleaseRequest { told: all.pop().unwrap(), between, proof, since, ..request.clone() }
    }

    pub fn holder(&self, n: u8) -> HolderKey {
        let opening = self.desk.openings[usize::from(n) - 1].clone();
        HolderKey { opening, signing: SigningKey::from_seed([10 + n; 32]) }
    }

    pub fn machine(&self, name: &str) -> State {
        let folder: PathBuf = self.desk.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let set = folder.join("set.json");
        std::fs::write(&set, serde_json::to_string(&self.desk.set_file).unwrap()).unwrap();
        let pin = self.desk.set_file.fingerprint();
        let state = folder.join("state");
        match state.exists() {
            true => State::open(&state).unwrap(),
            false => State::pin(&state, &set, &pin, Some(self.desk.publisher.key())).unwrap(),
        }
    }

    pub fn check(&self, request: &FilesReleaseRequest, n: u8) -> Result<CheckedFiles, NoShare> {
        check_files(request, &self.holder(n), &self.machine(&format!("trustee-{n}")), self.desk.today())
    }

    /// Trustee `n`'s tool: checks everything, and answers.
    pub fn answer(&self, request: &FilesReleaseRequest, n: u8) -> ReleaseAnswer {
        let checked = self.check(request, n).unwrap();
        let state = self.machine(&format!("trustee-{n}"));
        checked.answer(&self.holder(n), &state, 1_795_406_400).unwrap()
    }

    pub async fn upload(&self, n: u8, answer: &ReleaseAnswer) -> Answer {
        let mut trustee = self.desk.sign_in(&format!("tru{n}")).await;
        let path = format!("/zh/releases/{}/original", self.number);
        trustee.get(&path).await;
        let token = trustee.token.clone();
        trustee.upload(&path, &token, "answer", &serde_json::to_string(answer).unwrap()).await
    }

    /// Both trustees give their shares.
    pub async fn release(&self) {
        let published = self.act("officer", "release", &[]).await;
        assert!(published.location.ends_with("done=release"), "{}", published.text);
        for n in [1, 2] {
            let request = self.request(n).await.unwrap();
            let given = self.upload(n, &self.answer(&request, n)).await;
            assert!(given.location.ends_with("done=1"), "{}", given.text);
        }
    }

    pub async fn package(&self) -> FilesPackage {
        let mut officer = self.desk.sign_in_at_the_office("officer").await;
        let bytes = officer.get_bytes(&format!("/zh/originals/{}/package", self.number)).await;
        serde_json::from_slice(&bytes).unwrap()
    }

    pub async fn sealed(&self) -> Vec<u8> {
        let mut officer = self.desk.sign_in_at_the_office("officer").await;
        officer.get_bytes(&format!("/zh/originals/{}/sealed", self.number)).await.to_vec()
    }

    pub fn ready(&self, package: &FilesPackage) -> ReadyFiles {
        check_package(package, &self.machine("office"), self.desk.today()).unwrap()
    }

    /// A copy comes back through the office's page, partly covered.
    pub async fn put_in(&self, officer: &str, file: &[u8], ticked: bool) -> Answer {
        let did: &[&str] = if ticked { &["faces", "words"] } else { &[] };
        let statement = self.statement(&[(file, vec![Change::Covered { share: 9 }])]);
        self.put_in_with(officer, &[file], did, &statement).await
    }

    /// What the office's tool says of these copies.
    pub fn statement(&self, copies: &[(&[u8], Vec<Change>)]) -> String {
        let request = self.case().evidence.last().unwrap().terms().name();
        let of = |(file, changes): &(&[u8], Vec<Change>)| {
            let sha256 = ring::digest::digest(&ring::digest::SHA256, file).as_ref().try_into().unwrap();
            Edited { sha256, changes: changes.clone() }
        };
        let copies = copies.iter().map(of).collect();
        serde_json::to_string(&Edits::sign(&self.desk.set, &request, copies, &self.office_signing())).unwrap()
    }

    pub fn office_signing(&self) -> SigningKey {
        SigningKey::from_seed([1; 32])
    }

    pub async fn put_in_with(&self, officer: &str, files: &[&[u8]], did: &[&str], edits: &str) -> Answer {
        let mut officer = self.desk.sign_in_at_the_office(officer).await;
        let path = format!("/zh/originals/{}", self.number);
        officer.get(&path).await;
        let (version, token) = (self.case().version.to_string(), officer.token.clone());
        let mut fields = vec![("once", token.as_str()), ("version", &version), ("edits", edits)];
        fields.extend(did.iter().map(|did| ("did", *did)));
        if !did.is_empty() {
            fields.push(("whole", "yes"));
        }
        officer.parts(&format!("{path}/copy"), parts(&fields, "copy.jpg", files)).await
    }
}

fn parts(fields: &[(&str, &str)], name: &str, files: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(
            format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    for file in files {
        let head = format!("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
        body.extend(
            [head.as_bytes(), b"Content-Type: application/octet-stream\r\n\r\n", file, b"\r\n"].concat(),
        );
    }
    body.extend_from_slice(b"--X--\r\n");
    body
}

/// The wizard without script, nameless. Gives the receipt.
async fn report(browser: &mut Browser) -> String {
    browser.get("/zh/agree").await;
    browser.post("/zh/agree", &[("agreed", "yes")]).await;
    for (page, fields) in [
        ("name", vec![("name", "nameless")]),
        ("region", vec![("region", "370102")]),
        ("kind", vec![("kind", "violation")]),
        ("industry", vec![("industry", "coal_mines")]),
        ("place", vec![("target", "凤凰岭第三煤矿"), ("address", "三号井")]),
        ("story", vec![("story", "三号井的瓦斯探头被人用塑料袋包住，夜班照常下井。")]),
    ] {
        browser.get(&format!("/zh/{page}")).await;
        let answer = browser.post(&format!("/zh/{page}"), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}: {}", answer.text);
    }
    browser.get("/zh/check").await;
    let sent = browser.post("/zh/send", &[]).await;
    assert_eq!(sent.location, "/zh/receipt", "{}", sent.text);
    let page = browser.get("/zh/receipt").await.text;
    let shown = between(&page, "class=\"receipt\">", "</p>").unwrap();
    shown.split("<span>").skip(1).map(|group| group.split("</span>").next().unwrap()).collect()
}

/// The original stays sealed, beside a cleaned copy where there can be one.
async fn attach(browser: &mut Browser, name: &str, bytes: &[u8]) {
    browser.get("/zh/files").await;
    let token = browser.token.clone();
    let answer =
        browser.parts("/zh/files", parts(&[("once", &token), ("copy", "yes")], name, &[bytes])).await;
    assert_eq!(answer.location, "/zh/files", "{}", answer.text);
}
