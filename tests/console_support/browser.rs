//! A browser without script: it keeps the session's cookie and the token of the last page.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use hyper::body::Frame;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::oneshot;
use tower::ServiceExt;

/// Keeps the session's cookie and the token of the last page, as a browser does.
pub struct Browser {
    pub(super) router: Router,
    pub cookie: String,
    pub token: String,
    /// From whose page the browser says that it sends.
    pub from: &'static str,
}

/// A form on its way whose body has not come.
pub struct Held {
    finish: oneshot::Sender<String>,
    answer: tokio::task::JoinHandle<Answer>,
    token: String,
}

impl Held {
    pub async fn finish(self, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().copied().chain([("once", self.token.as_str())]);
        let body: Vec<String> = fields.map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        self.finish.send(body.join("&")).unwrap();
        self.answer.await.unwrap()
    }
}

/// One frame, when it comes; says when somebody first asks for it.
struct Late {
    coming: Option<oneshot::Receiver<String>>,
    waits: Option<oneshot::Sender<()>>,
}

impl hyper::body::Body for Late {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(waits) = self.waits.take() {
            waits.send(()).unwrap();
        }
        let Some(coming) = &mut self.coming else { return Poll::Ready(None) };
        let body = std::task::ready!(Pin::new(coming).poll(cx)).unwrap();
        self.coming = None;
        Poll::Ready(Some(Ok(Frame::data(body.into()))))
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub text: String,
    pub headers: axum::http::HeaderMap,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.answer(request).await
    }

    /// A file.
    pub async fn get_bytes(&mut self, path: &str) -> axum::body::Bytes {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.into_body().collect().await.unwrap().to_bytes()
    }

    /// With these headers beside those of every request: status, headers, bytes.
    pub async fn get_with(
        &mut self,
        method: Method,
        path: &str,
        with: &[(HeaderName, &str)],
    ) -> (StatusCode, HeaderMap, axum::body::Bytes) {
        let mut request = self.request(method, path).body(Body::empty()).unwrap();
        for (name, value) in with {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("once", token.as_str())]).collect();
        self.send(path, &fields).await
    }

    /// Sends exactly these fields.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.answer(request).await
    }

    /// Sends JSON, as a script does.
    pub async fn send_json(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.request(Method::POST, path).header(header::ACCEPT, "application/json");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.answer(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends what a page holds unseen, with what is typed into it.
    pub async fn fill_in(&mut self, path: &str, page: &Answer, typed: &[(&str, &str)]) -> Answer {
        let kept = page.kept();
        let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = kept.chain(typed.iter().copied()).collect();
        self.send(path, &fields).await
    }

    /// Sends a form whose body does not come yet. Returns once the server waits for it; the body, with the token,
    /// comes with [`Held::finish`].
    pub async fn hold(&self, path: &str) -> Held {
        let (finish, coming) = oneshot::channel();
        let (waits, awaited) = oneshot::channel();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::new(Late { coming: Some(coming), waits: Some(waits) }))
            .unwrap();
        let mut browser = Self {
            router: self.router.clone(),
            cookie: String::new(),
            token: self.token.clone(),
            from: self.from,
        };
        let answer = tokio::spawn(async move { browser.answer(request).await });
        awaited.await.unwrap();
        Held { finish, answer, token: self.token.clone() }
    }

    /// Uploads one file beside the token.
    pub async fn upload(&mut self, path: &str, token: &str, name: &str, file: &str) -> Answer {
        let part = |name: &str, extra: &str, body: &str| {
            format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{extra}\r\n\r\n{body}\r\n")
        };
        let body = format!(
            "{}{}--X--\r\n",
            part("once", "", token),
            part(name, "; filename=\"answer.json\"\r\nContent-Type: application/json", file)
        );
        self.parts(path, body.into_bytes()).await
    }

    /// Sends a body in parts, whose boundary is `X`.
    pub async fn parts(&mut self, path: &str, body: Vec<u8>) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .unwrap();
        self.answer(request).await
    }

    pub async fn try_sign_in(&mut self, name: &str, password: &str, code: &str) -> Answer {
        self.send("/zh/sign-in", &[("name", name), ("password", password), ("code", code)]).await
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("sec-fetch-site", self.from);
        request.header(header::COOKIE, &self.cookie)
    }

    async fn answer(&mut self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(token) = between(&text, "name=\"once\" value=\"", "\"") {
            self.token = token;
        }
        let location = parts.headers.get(header::LOCATION).map_or("", |l| l.to_str().unwrap()).to_owned();
        Answer { status: parts.status, location, text, headers: parts.headers }
    }
}

impl Answer {
    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let at =
            self.text.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}: {}", self.text));
        between(&self.text[at..], "value=\"", "\"").unwrap()
    }

    /// Every hidden field of the page itself, as a browser reads it.
    pub fn kept(&self) -> Vec<(String, String)> {
        let main = self.text.split("<main").nth(1).unwrap_or_default();
        let tags = main.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| rest.split('>').next());
        let read = |tag: &str| {
            let value = between(tag, "value=\"", "\"").unwrap_or_default();
            let value = value.replace("&#34;", "\"").replace("&#39;", "'");
            let value = value.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&");
            (tag.split('"').next().unwrap().to_owned(), value)
        };
        tags.flatten().map(read).collect()
    }
}

pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(rest[..rest.find(after)?].to_owned())
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
