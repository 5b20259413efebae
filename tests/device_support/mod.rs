//! A device as its script drives the portal: it posts what it sealed, and keeps the receipt.

use crate::portal_support::{Answer, Browser, Site};
use axum::http::StatusCode;
use mifeng::{
    cleartext::{
        identity::SealedBy,
        seal::{Binding, Whom, seal_report},
    },
    ids::{CaseNumber, ReportId},
    receipt::Receipt,
    store::{Cases, Dossier},
};
use serde_json::{Value, json};

pub const CASE: CaseNumber = CaseNumber { year: 2026, serial: 1 };

/// A browser whose script has sealed a nameless report and is about to send it.
pub struct Device {
    pub browser: Browser,
    pub receipt: Receipt,
    pub config: Value,
}

impl Device {
    pub async fn ready(site: &Site, lang: &str) -> Self {
        let mut browser = Browser::new(site);
        site.to_check(&mut browser, lang, "nameless").await;
        let page = browser.get(&format!("/{lang}/seal")).await;
        assert_eq!(page.status, StatusCode::OK);
        Self { browser, receipt: Receipt::draw(&mut rand::rng()), config: config(&page.text) }
    }

    pub fn report(&self) -> ReportId {
        self.config["report"].as_str().unwrap().parse().unwrap()
    }

    pub fn sealed(&self, site: &Site) -> Value {
        let audit_key = self.receipt.audit_key();
        let binding = Binding {
            report: self.report(),
            audit_key: &audit_key,
            claim_key: self.receipt.claim_verify_key(),
            set: &site.set,
            sealed_by: SealedBy::Device,
        };
        serde_json::to_value(seal_report(Whom::Nameless, &binding, &mut rand::rng()).unwrap()).unwrap()
    }

    pub fn body(&self, site: &Site) -> Value {
        json!({
            "once": self.config["once"],
            "report": self.config["report"],
            "locator": self.receipt.locator(),
            "auth": self.receipt.auth(),
            "audit_key": self.receipt.audit_key(),
            "mailbox": self.receipt.mailbox(),
            "claim_key": self.receipt.claim_verify_key(),
            "sealed": self.sealed(site),
        })
    }

    pub async fn send(&mut self, body: &Value) -> Answer {
        let at = self.config["send"].as_str().unwrap().to_owned();
        post(&mut self.browser, &at, body).await
    }

    /// Comes back with another browser.
    pub async fn come_back(&self, site: &Site) -> (Browser, Value) {
        let mut browser = Browser::new(site);
        let answer = post(&mut browser, "/en/device/sign-in", &proof(&self.receipt)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let view = serde_json::from_str(&answer.text).unwrap();
        (browser, view)
    }
}

/// What the receipt gives, as the script sends it.
pub fn proof(receipt: &Receipt) -> Value {
    let [locator, auth] = receipt.proof().map(|bytes| hex::encode(*bytes));
    json!({ "locator": locator, "auth": auth, "audit_key": receipt.audit_key() })
}

pub async fn post(browser: &mut Browser, at: &str, body: &Value) -> Answer {
    browser.raw(at, "application/json", body.to_string().as_bytes(), "application/json").await
}

pub fn config(page: &str) -> Value {
    let attribute = page.split("data-config=\"").nth(1).unwrap().split('"').next().unwrap();
    let text =
        attribute.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    serde_json::from_str(&text.replace("&#38;", "&")).unwrap()
}

pub fn dossier(site: &Site) -> Option<Dossier> {
    Cases::case(&*site.store, CASE).unwrap()
}
