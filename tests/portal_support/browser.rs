//! A browser without script: cookies, forms, uploads, and what it is answered.

use super::Site;
use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;
use hyper::body::Frame;
use std::{
    convert::Infallible,
    io::Write,
    pin::Pin,
    task::{Context, Poll},
};
use tower::ServiceExt;

/// Cookies, the last form's token, and nothing else.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookie: String,
    pub once: String,
    /// What this browser says of itself with every request.
    pub headers: Vec<(&'static str, &'static str)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub headers: HeaderMap,
    pub text: String,
    /// As it came.
    pub body: Bytes,
    pub bytes: usize,
}

impl Browser {
    pub fn new(site: &Site) -> Self {
        Self { router: site.router.clone(), cookie: String::new(), once: String::new(), headers: Vec::new() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[("accept", "text/html")], Body::empty()).await
    }

    /// Fills in the form of the page shown last.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(path, fields).await
    }

    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("once={}", self.once);
        for (name, value) in fields {
            body.push_str(&format!("&{name}="));
            value.bytes().for_each(|byte| body.push_str(&format!("%{byte:02X}")));
        }
        let headers = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
        self.ask(Method::POST, path, &headers, body.into()).await
    }

    pub async fn raw(&mut self, path: &str, kind: &str, body: &[u8], accept: &str) -> Answer {
        self.ask(Method::POST, path, &[("accept", accept), ("content-type", kind)], body.to_vec().into())
            .await
    }

    /// What the page's script sends: JSON or sealed bytes.
    pub async fn device(&mut self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let headers = [("accept", "application/json"), ("content-type", "application/json")];
        self.ask(method, path, &headers, body.into()).await
    }

    pub async fn upload(&mut self, path: &str, name: &str, file: &[u8], copy: bool) -> Answer {
        let mut body = self.parts(name, copy);
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--XXX--\r\n");
        self.multipart(path, body, None).await
    }

    /// The connection ends in the middle of the file.
    pub async fn upload_cut(&mut self, path: &str, file: &[u8]) -> Answer {
        let mut body = self.parts("a.png", true);
        body.extend_from_slice(file);
        self.multipart(path, body, None).await
    }

    /// A body said to be larger than it is: judged before it comes.
    pub async fn upload_announcing(&mut self, path: &str, length: u64) -> Answer {
        let body = self.parts("a.png", true);
        self.multipart(path, body, Some(length)).await
    }

    /// One part of a form that is no file, of so many bytes, sent as they are made.
    pub async fn upload_endless(&mut self, path: &str, part: &str, bytes: usize) -> Answer {
        let head = format!("--XXX\r\nContent-Disposition: form-data; name=\"{part}\"\r\n\r\n");
        let headers = [("accept", "text/html"), ("content-type", "multipart/form-data; boundary=XXX")];
        self.ask(
            Method::POST,
            path,
            &headers,
            Body::new(Endless { head: Some(head.into()), bytes, ready: false }),
        )
        .await
    }

    fn parts(&self, name: &str, copy: bool) -> Vec<u8> {
        let mut body =
            format!("--XXX\r\nContent-Disposition: form-data; name=\"once\"\r\n\r\n{}\r\n", self.once);
        if copy {
            body.push_str("--XXX\r\nContent-Disposition: form-data; name=\"copy\"\r\n\r\nyes\r\n");
        }
        body.push_str(&format!(
            "--XXX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
        ));
        body.into_bytes()
    }

    async fn multipart(&mut self, path: &str, body: Vec<u8>, length: Option<u64>) -> Answer {
        let length = length.unwrap_or(body.len() as u64).to_string();
        let headers = [
            ("accept", "text/html"),
            ("content-type", "multipart/form-data; boundary=XXX"),
            ("content-length", &length),
        ];
        self.ask(Method::POST, path, &headers, body.into()).await
    }

    /// The code on the receipt page.
    pub async fn receipt(&mut self, lang: &str) -> String {
        let page = self.get(&format!("/{lang}/receipt")).await;
        page.is_a_page_of(lang);
        let shown = page.text.split("class=\"receipt\">").nth(1).unwrap().split("</p>").next().unwrap();
        shown.split("<span>").skip(1).map(|group| group.split("</span>").next().unwrap()).collect()
    }

    async fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers.iter().chain(&self.headers) {
            request = request.header(*name, *value);
        }
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(token) = text.split("name=\"once\" value=\"").nth(1) {
            self.once = token.split('"').next().unwrap().to_owned();
        }
        let location =
            parts.headers.get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        Answer {
            status: parts.status,
            location,
            headers: parts.headers,
            text,
            bytes: bytes.len(),
            body: bytes,
        }
    }
}

/// A head, then so many bytes in frames of 64 KiB; between two frames it is not ready, as a connection's body is.
struct Endless {
    head: Option<Bytes>,
    bytes: usize,
    ready: bool,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.ready = !self.ready;
        if !self.ready {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let frame = match self.head.take() {
            Some(head) => head,
            None if self.bytes == 0 => return Poll::Ready(None),
            None => {
                self.bytes = self.bytes.saturating_sub(64 * 1024);
                vec![b'a'; 64 * 1024].into()
            }
        };
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }
}

/// The most memory this process ever had, in bytes; the kernel counts it to within some pages a thread.
pub fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

impl Answer {
    /// What holds for every page a reporter sees.
    pub fn is_a_page_of(&self, lang: &str) {
        let text = &self.text;
        let tag = if lang == "zh" { "zh-Hans" } else { "en" };
        assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{}: {text}", self.status);
        assert_eq!(text.matches("<h1").count(), 1, "one heading: {text}");
        assert_eq!(text.matches("<main").count(), 1);
        let csp = self.headers["content-security-policy"].to_str().unwrap();
        let scripts = text.matches("<script ").count();
        assert_eq!(
            csp,
            if scripts == 0 {
                "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            } else {
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
                 base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
            }
        );
        // At most one, ours, bound to its bytes, and nothing in it that stands in the page.
        assert!(scripts <= 1, "{text}");
        assert_eq!(text.matches(" integrity=\"sha384-").count(), scripts);
        let tags = ["<script defer src=\"/assets/", "<script src=\"/assets/", "\"></script>"];
        let without_script = tags.iter().fold(text.clone(), |text, tag| text.replace(tag, ""));
        let text = &without_script;
        assert_eq!(self.headers["cache-control"], "no-store");
        // The two pages whose forms need no visit may say to ourselves, and nobody else, where they come from.
        let policy = self.headers["referrer-policy"].to_str().unwrap();
        assert!(["no-referrer", "same-origin"].contains(&policy), "{policy}");
        assert_eq!(self.headers["x-content-type-options"], "nosniff");
        assert!(
            !self.headers.contains_key("content-encoding"),
            "secrets beside typed text are not compressed"
        );
        let lower = text.to_lowercase();
        for bad in ["<script", "javascript:", " onclick", " style=", "http://", "https://", "<img", "<svg"] {
            assert!(!lower.contains(bad), "{bad} in {text}");
        }
        for bad in ["placeholder=", " required", "maxlength"] {
            assert!(!lower.contains(bad), "{bad} in {text}");
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text.as_bytes()).unwrap();
        let weight = gzip.finish().unwrap().len();
        assert!(weight <= 8 * 1024, "{weight} bytes gzipped");
        if lang == "en" {
            assert!(text.contains("Leave this page"));
        }
    }
}
