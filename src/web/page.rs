//! What the layout (`templates/base.html`) needs to know. Every page's template struct has a field `page: Page`.

use super::{
    Errors, Lang,
    scripts::{Script, script, with_keys},
    stylesheet_path,
};
use crate::policy::Text;
use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use fluent_bundle::FluentValue;

/// Whose page it is: decides the furniture around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    Portal,
    Console,
    Office,
}

/// A link in a staff face's top row.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub here: bool,
}

/// The page around the content.
pub struct Page {
    pub lang: Lang,
    pub face: Face,
    /// The `h1`-like first half of the browser's title.
    pub title: String,
    /// This page's address without its language, e.g. `/where`: the language switch leads to its twin.
    /// Empty: no switch.
    pub here: String,
    /// The page has a form with `id="step"` whose typed text the switch must carry: the switch becomes a button of it.
    pub switch_posts: bool,
    /// What is typed into that form is kept: "Back" and "Help" are buttons of it as well (`switch=back`, `switch=help`), and
    /// lose nothing.
    pub keeps_typed: bool,
    /// Where "Back" leads, with language; empty: no link.
    pub back: String,
    /// What stands above every step of a task, for whoever does it for somebody else; empty: nothing.
    pub banner: String,
    /// Problems with what was typed: summarised above the content, named in the title.
    pub errors: Errors,
    /// Single-use token of the page's form, for `{% include "once.html" %}`.
    pub once: String,
    /// Staff faces: who is signed in, until when, and the top row of links.
    pub signed_in: String,
    pub signed_in_until: String,
    pub nav: Vec<NavItem>,
    /// The console: pages take single keys, by a script of ours.
    pub keys: bool,
    /// Whose copy this is, all over what is printed; empty: nobody's.
    pub mark: String,
    /// On the screen, too.
    pub mark_shown: bool,
}

impl Page {
    pub fn new(lang: Lang, title: impl Into<String>) -> Self {
        Self {
            lang,
            face: Face::Portal,
            title: title.into(),
            here: String::new(),
            switch_posts: false,
            keeps_typed: false,
            back: String::new(),
            banner: String::new(),
            errors: Errors::default(),
            once: String::new(),
            signed_in: String::new(),
            signed_in_until: String::new(),
            nav: Vec::new(),
            keys: false,
            mark: String::new(),
            mark_shown: false,
        }
    }

    pub fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }
    pub fn t1<'a>(&self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.lang.t1(key, name, value)
    }

    /// Words that come from policy, in the page's language.
    pub fn of<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// A path of this face in the page's language: `href("/start")` is `/zh/start`.
    pub fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.lang.path())
    }
    /// The same page in the other language.
    pub fn twin(&self) -> String {
        format!("/{}{}", self.lang.other().path(), self.here)
    }
    /// The portal's help, which leads back to this page.
    pub fn help(&self) -> String {
        self.href(&Self::help_from(&self.here))
    }
    /// Its address without a language, for who is at `here`: `/help?from=story`, or `/help?from=region&in=370000`. The pages
    /// that Help itself leads to bear the same `from`.
    pub fn help_from(here: &str) -> String {
        match here.split_once("?from=") {
            Some((_, from)) => format!("/help?from={from}"),
            None if here.is_empty() => "/help".to_owned(),
            None => format!("/help?from={}", here.trim_start_matches('/').replacen('?', "&", 1)),
        }
    }
    pub fn css(&self) -> &'static str {
        stylesheet_path()
    }
    /// For the layout, where [`Page::keys`] is set.
    pub fn keys_script(&self) -> &'static Script {
        script("keys")
    }
    pub fn is_portal(&self) -> bool {
        self.face == Face::Portal
    }
    /// Somebody is signed in to it.
    pub fn is_console(&self) -> bool {
        self.face == Face::Console && !self.signed_in.is_empty()
    }
    pub fn face_class(&self) -> &'static str {
        match self.face {
            Face::Portal => "portal",
            Face::Console => "staff console",
            Face::Office => "staff office",
        }
    }
    /// A neutral name: the tab of a reporter's browser must not shout.
    pub fn service(&self) -> String {
        self.t(match self.face {
            Face::Portal => "service-portal",
            Face::Console => "service-console",
            Face::Office => "service-office",
        })
    }
}

/// As the layout names the script: what is typed or stored comes to a page with its signs escaped.
const KEYS: &str = "<script src=\"/assets/keys-";

/// A rendered page. A template that fails to render is our mistake; the reader is told the service is down.
pub fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => {
            let keys = body.contains(KEYS);
            let page = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
            if keys { with_keys(page) } else { page }
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// After a form was taken: 303, so that reloading does not send it again.
pub fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}
