//! How the object store is called: by the HTTP client that the server has anyway, with TLS by ring. Each call holds a thread
//! while it waits; the bridge has as many as there may be calls.

use super::{CALLS, ObjectsAddress};
use http_body_util::BodyExt;
use object_store::{
    ClientOptions,
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
};
use std::{future::Future, io::ErrorKind, pin::Pin, time::Duration};
use ureq::tls::TlsConfig;

/// A connection that does not come about in this time is not there.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// For one request, its body and its answer.
const WITHIN: Duration = Duration::from_secs(20);
/// Bytes of an answer: an object, or a page of a list.
const MOST: u64 = 16 << 20;

#[derive(Clone, Debug)]
pub struct Caller(ureq::Agent);

impl Caller {
    pub fn new(address: &ObjectsAddress) -> Self {
        let mut tls = TlsConfig::builder();
        if let Some(roots) = &address.roots {
            tls = tls.root_certs(roots.clone());
        }
        // No redirects and no proxy: the address that was given is called and no other.
        let config = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .timeout_connect(Some(CONNECT_WITHIN))
            .timeout_global(Some(WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .max_idle_connections(CALLS)
            .max_idle_connections_per_host(CALLS)
            .build();
        Self(config.into())
    }

    fn send(&self, head: axum::http::request::Parts, body: &[u8]) -> Result<HttpResponse, ureq::Error> {
        let answer = if body.is_empty() {
            self.0.run(axum::http::Request::from_parts(head, ()))
        } else {
            self.0.run(axum::http::Request::from_parts(head, body))
        };
        let (head, body) = answer?.into_parts();
        let bytes = body.into_with_config().limit(MOST).read_to_vec()?;
        Ok(HttpResponse::from_parts(head, bytes.into()))
    }
}

impl HttpConnector for Caller {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// As `async fn` in a trait that is used as an object is written without the macro for it.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Caller {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> Answer<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            // Of one piece: not copied.
            let body = body.collect().await?.to_bytes();
            let caller = self.clone();
            let answer = tokio::task::spawn_blocking(move || caller.send(head, &body)).await;
            match answer {
                Ok(answer) => answer.map_err(|cause| HttpError::new(kind(&cause), cause)),
                Err(broken) => Err(HttpError::new(HttpErrorKind::Unknown, broken)),
            }
        })
    }
}

/// Whether it is worth another try.
fn kind(cause: &ureq::Error) -> HttpErrorKind {
    match cause {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => HttpErrorKind::Connect,
        ureq::Error::Timeout(_) => HttpErrorKind::Timeout,
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => HttpErrorKind::Connect,
        ureq::Error::Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => HttpErrorKind::Connect,
        ureq::Error::Io(_) | ureq::Error::Protocol(_) => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    }
}
