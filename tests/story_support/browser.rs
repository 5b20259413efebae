//! A browser without script: cookies, forms, and a record of what it was shown.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Every answer of the staff faces, head and body.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    pub fn add(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

pub struct Browser {
    http: reqwest::Client,
    base: String,
    seen: Option<Seen>,
    /// The page shown last.
    pub page: Answer,
}

/// A file chosen in a form.
pub struct Attached<'a> {
    pub field: &'a str,
    pub name: &'a str,
    pub media: &'a str,
    pub bytes: &'a [u8],
}

#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub closes: bool,
    pub head: String,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Browser {
    pub fn new(base: String, seen: Option<Seen>) -> Self {
        let http = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none());
        Self { http: http.build().unwrap(), base, seen, page: Answer::default() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base)).header("accept", "text/html");
        self.ask(request).await
    }

    /// Sends these fields and nothing else.
    pub async fn send<V: AsRef<str>>(&mut self, path: &str, fields: &[(&str, V)]) -> Answer {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let request = self.http.post(format!("{}{path}", self.base)).header("accept", "text/html");
        self.ask(request.form(&fields)).await
    }

    /// Fills in the form of the page shown last whose address ends in `action`, and sends it with what it carries.
    pub async fn fill<V: AsRef<str>>(&mut self, action: &str, fields: &[(&str, V)]) -> Answer {
        let form = self.form(action);
        let typed = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let mut all: Vec<(String, String)> =
            form.carried.into_iter().filter(|(name, _)| !typed(name)).collect();
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_ref().to_owned())));
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.send(&form.action, &all).await
    }

    /// Opens a page and fills in its form, whose address is the page's own.
    pub async fn answer<V: AsRef<str>>(&mut self, path: &str, fields: &[(&str, V)]) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {} {}", page.location, page.text);
        self.fill(path, fields).await
    }

    /// Opens a page and sends the form on it that goes to `action`, with nothing typed.
    pub async fn answer_to(&mut self, path: &str, action: &str) -> Answer {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {} {}", page.location, page.text);
        self.fill::<&str>(action, &[]).await
    }

    /// Opens everything there is a link to, from `start` on, but filtered lists and whatever `skip` says.
    pub async fn look_at_everything(&mut self, start: &str, skip: impl Fn(&str) -> bool) -> usize {
        let mut waiting = vec![start.to_owned()];
        let mut seen = BTreeSet::from([start.to_owned()]);
        while let Some(path) = waiting.pop() {
            let answer = self.get(&path).await;
            assert!(answer.status < 400, "{path}: {}", answer.status);
            if answer.text.is_empty() || !answer.head.contains("text/html") {
                continue;
            }
            for link in self.links() {
                let ours = link.starts_with('/') && !link.contains(['?', '#']) && !skip(&link);
                if ours && seen.insert(link.clone()) {
                    waiting.push(link);
                }
            }
        }
        seen.len()
    }

    /// Sends a file in the form of the page shown last, spelling its name as browsers do.
    pub async fn upload(&mut self, action: &str, more: &[(&str, &str)], file: &Attached<'_>) -> Answer {
        let form = self.form(action);
        let Attached { field, name, media, bytes } = file;
        let mut body = Vec::new();
        let carried = form.carried.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in carried.chain(more.iter().copied()) {
            body.extend(
                format!("--XXX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .into_bytes(),
            );
        }
        body.extend(
            format!(
                "--XXX\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {media}\r\n\r\n"
            )
            .into_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--XXX--\r\n");
        let request = self.http.post(format!("{}{}", self.base, form.action)).header("accept", "text/html");
        self.ask(request.header("content-type", "multipart/form-data; boundary=XXX").body(body)).await
    }

    async fn ask(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let head = format!("{:?}\n{:?}\n", response.status(), response.headers());
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (status, location, closes) =
            (response.status().as_u16(), header("location"), header("connection") == "close");
        let bytes = response.bytes().await.unwrap().to_vec();
        if let Some(seen) = &self.seen {
            seen.add(head.as_bytes());
            seen.add(&bytes);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer { status, location, closes, head, text, bytes };
        if !answer.text.is_empty() {
            self.page = answer.clone();
        }
        answer
    }

    fn form(&self, action: &str) -> PageForm {
        let forms = forms(&self.page.text);
        let found =
            forms.into_iter().find(|form| form.action.split('?').next().unwrap_or("").ends_with(action));
        found.unwrap_or_else(|| panic!("no form for {action} on this page: {}", self.page.text))
    }

    /// Addresses linked from the page shown last.
    pub fn links(&self) -> Vec<String> {
        let links = self.page.text.split("href=\"").skip(1);
        links.map(|rest| unescape(rest.split('"').next().unwrap_or_default())).collect()
    }
}

struct PageForm {
    action: String,
    /// Hidden fields and text that is already there.
    carried: Vec<(String, String)>,
}

fn forms(page: &str) -> Vec<PageForm> {
    let parts = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default());
    let read = |form: &str| {
        let (head, body) = form.split_once('>').unwrap_or((form, ""));
        let mut carried = Vec::new();
        for tag in body.split('<').skip(1) {
            let (inside, text) = tag.split_once('>').unwrap_or((tag, ""));
            let name = attribute(inside, "name");
            let hidden =
                inside.starts_with("input") && attribute(inside, "type").as_deref() == Some("hidden");
            let (area, line) = (inside.starts_with("textarea"), inside.starts_with("input"));
            let text_line = line && matches!(attribute(inside, "type").as_deref(), None | Some("text"));
            match name {
                Some(name) if hidden || text_line => {
                    carried.push((name, attribute(inside, "value").unwrap_or_default()));
                }
                Some(name) if area => carried.push((name, unescape(text.trim_start_matches('\n')))),
                _ => {}
            }
        }
        PageForm { action: attribute(head, "action").unwrap_or_default(), carried }
    };
    parts.map(read).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    Some(unescape(rest.split('"').next()?))
}

/// The entities our templates write.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((entity, behind)) = after.split_once(';').filter(|(entity, _)| entity.len() <= 6) else {
            out.push('&');
            rest = after;
            continue;
        };
        let known = match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            number => number.strip_prefix('#').and_then(|n| n.parse().ok()).and_then(char::from_u32),
        };
        match known {
            Some(c) => out.push(c),
            None => out.push_str(&format!("&{entity};")),
        }
        rest = behind;
    }
    out + rest
}
