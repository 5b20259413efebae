//! Listening: three faces in one process, slow clients shown the door, a full house said, a stop that lets requests end.

use super::{faces, full::full_house, log_requests, status::Counts};
use axum::{Router, body::Body, extract::Request, middleware};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use rustix::net::sockopt::set_tcp_user_timeout;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tower_http::timeout::TimeoutBody;

/// How much one face takes on, and for how long.
#[derive(Clone, Copy)]
pub struct Limits {
    /// A whole request head must arrive within this; also ends idle kept-alive connections.
    head_within: Duration,
    /// A body may take hours, but not stand still for longer than this: a phone changing masts recovers sooner.
    body_idle: Duration,
    /// Nor may a reader leave what is sent to them lying for longer.
    unread_within: Duration,
    /// Requests still running this long after the stop signal are cut off.
    stop_within: Duration,
    /// So many connections at once.
    connections: usize,
    /// So many more are told that it is full; whoever comes then waits in the kernel's queue.
    turned_away: usize,
}

impl Limits {
    /// Of the face called `name`. Staff are counted in hundreds, and whoever watches over the server is one or two: a flood
    /// there must not take the memory and the file descriptors of the reporters'.
    pub fn of(name: &str) -> Self {
        let (connections, turned_away) = match name {
            faces::PORTAL => (4096, 256),
            faces::STATUS => (32, 8),
            _ => (512, 64),
        };
        Self {
            head_within: Duration::from_secs(20),
            body_idle: Duration::from_secs(60),
            unread_within: Duration::from_secs(60),
            stop_within: Duration::from_secs(30),
            connections,
            turned_away,
        }
    }
}

/// Bytes of read buffer a connection may grow to, which bounds a request's head too.
const BUFFER: usize = 64 * 1024;

/// One face: where it listens, what answers, and how many it takes on.
pub struct Face {
    pub name: &'static str,
    pub listener: TcpListener,
    pub room: Room,
    router: Router,
    limits: Limits,
}

impl Face {
    pub fn new(name: &'static str, listener: TcpListener, router: Router, limits: Limits) -> Self {
        Self { name, listener, room: Room::new(limits), router, limits }
    }
}

/// Serves until `stop` is ready, then lets running requests end.
pub async fn serve(faces: Vec<Face>, counts: &Counts, stop: impl Future<Output = ()>) {
    let (tell, told) = watch::channel(());
    let one = |face| tokio::spawn(serve_one(face, counts.clone(), told.clone()));
    let tasks: Vec<_> = faces.into_iter().map(one).collect();
    drop(told);
    stop.await;
    tracing::info!("stopping");
    drop(tell);
    for task in tasks {
        // A face that broke off has said so itself.
        let _ = task.await;
    }
}

async fn serve_one(face: Face, counts: Counts, mut told: watch::Receiver<()>) {
    let Face { name, listener, room, router, limits } = face;
    let idle = limits.body_idle;
    let watched = |router: Router| {
        router
            .layer(middleware::from_fn(log_requests(name, counts.clone())))
            .layer(middleware::map_request(move |request: Request| async move {
                request.map(|body| Body::new(TimeoutBody::new(idle, body)))
            }))
    };
    let (inside, full) = (watched(router), watched(full_house()));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _ = told.changed() => break,
        };
        match accepted {
            Ok((stream, place)) => {
                let router = match place {
                    Place::Inside(_) => inside.clone(),
                    Place::Door(_) => {
                        counts.turned_away(name);
                        full.clone()
                    }
                };
                tokio::spawn(answer(stream, router, limits, graceful.watcher(), place));
            }
            // Out of file descriptors, or the client left: neither is cured by trying at once.
            Err(cause) => {
                tracing::warn!(face = name, %cause, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
    drop(listener);
    if timeout(limits.stop_within, graceful.shutdown()).await.is_err() {
        tracing::warn!(face = name, "some requests were cut off by the stop");
    }
}

/// Where connections are counted. A clone counts the same.
#[derive(Clone)]
pub struct Room {
    inside: Arc<Semaphore>,
    door: Arc<Semaphore>,
    places: usize,
}

/// What a connection holds until it ends.
enum Place {
    Inside(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit),
    Door(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit),
}

impl Room {
    fn new(limits: Limits) -> Self {
        let places = |n| Arc::new(Semaphore::new(n));
        let places_inside = limits.connections;
        Self { inside: places(places_inside), door: places(limits.turned_away), places: places_inside }
    }

    /// Connections that are open, and how many may be.
    pub fn taken(&self) -> (usize, usize) {
        (self.places - self.inside.available_permits(), self.places)
    }

    /// A place inside if there is one.
    async fn place(&self) -> Place {
        // Unwrap safety: the semaphores are never closed.
        tokio::select! {
            biased;
            inside = Arc::clone(&self.inside).acquire_owned() => Place::Inside(inside.unwrap()),
            door = Arc::clone(&self.door).acquire_owned() => Place::Door(door.unwrap()),
        }
    }

    /// Returns once there is a place, and takes none.
    async fn not_full(&self) {
        drop(self.place().await);
    }
}

async fn accept(listener: &TcpListener, room: &Room) -> std::io::Result<(TcpStream, Place)> {
    room.not_full().await;
    let (stream, _address) = listener.accept().await?;
    // Nobody else takes places: one that was free a moment ago is.
    Ok((stream, room.place().await))
}

async fn answer(stream: TcpStream, router: Router, limits: Limits, watcher: Watcher, place: Place) {
    // A failure here costs some latency, nothing else.
    let _ = stream.set_nodelay(true);
    // Without it, a client that reads nothing holds its place for as long as it likes: hyper waits with it.
    let unread = u32::try_from(limits.unread_within.as_millis()).unwrap_or(u32::MAX);
    if let Err(cause) = set_tcp_user_timeout(&stream, unread) {
        tracing::warn!(%cause, "a connection was ended: readers cannot be given a time");
        return;
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // What a client does wrong on its own connection is no news, and its address is not kept.
    let _ = watcher.watch(connection).await;
    drop(place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use std::{net::SocketAddr, thread::JoinHandle};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
    };

    const SMALL: Limits = Limits {
        head_within: Duration::from_secs(2),
        body_idle: Duration::from_millis(200),
        unread_within: Duration::from_millis(200),
        stop_within: Duration::from_secs(1),
        connections: 2,
        turned_away: 1,
    };

    async fn until_taken(room: &Room, taken: (usize, usize)) {
        let waits = async {
            while room.taken() != taken {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(60), waits).await.expect("places are taken and freed");
    }

    struct Running {
        at: SocketAddr,
        room: Room,
        stop: oneshot::Sender<()>,
        serving: JoinHandle<()>,
    }

    /// On a runtime of its own that ends with the serving, as the program does: what still runs then is lost.
    async fn start(limits: Limits) -> Running {
        let ((stop, stopped), (tell, told)) = (oneshot::channel::<()>(), oneshot::channel());
        let serving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let router = Router::new()
                    .route("/hello", get(async || "hello"))
                    .route("/echo", post(async |body: String| body))
                    .route("/large", get(async || vec![0_u8; 64 << 20]));
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let at = listener.local_addr().unwrap();
                let face = Face::new(faces::PORTAL, listener, router, limits);
                tell.send((at, face.room.clone())).ok().unwrap();
                // A test that is over stops it, too.
                serve(vec![face], &Counts::default(), async move { drop(stopped.await) }).await;
            });
        });
        let (at, room) = told.await.unwrap();
        Running { at, room, stop, serving }
    }

    impl Running {
        async fn send(&self, bytes: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.at).await.unwrap();
            stream.write_all(bytes.as_bytes()).await.unwrap();
            stream
        }
    }

    /// What comes until the other side ends it.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        timeout(Duration::from_secs(20), stream.read_to_string(&mut text)).await.expect("ends").unwrap();
        text
    }

    /// One answer of a connection that stays open.
    async fn hello(stream: &mut TcpStream) {
        stream.write_all(b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"hello") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "{}", String::from_utf8_lossy(&seen));
        }
    }

    #[tokio::test]
    async fn a_full_house_is_said_to_whoever_comes_and_ends_when_somebody_leaves() {
        let limits = Limits { head_within: Duration::from_secs(60), ..SMALL };
        let running = start(limits).await;
        let (mut first, mut second) = (running.send("").await, running.send("").await);
        hello(&mut first).await;
        hello(&mut second).await;
        for (accept, language, words) in [
            ("text/html", "zh-CN", "什么也没有提交"),
            ("text/html", "en", "nothing was sent"),
            ("application/json", "en", r#""status":503"#),
        ] {
            let head = format!(
                "POST /echo HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\naccept-language: {language}\r\n"
            );
            let mut third = running.send(&format!("{head}content-length: 4\r\n\r\nabcd")).await;
            let told = rest(&mut third).await;
            assert!(told.starts_with("HTTP/1.1 503 ") && told.contains(words), "{told}");
            assert!(told.contains("retry-after: 60") && told.contains("no-store"), "{told}");
        }
        // Whoever comes while even the door is taken waits, and is answered afterwards.
        let door = running.send("").await;
        let mut waiting = running.send("GET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        drop((first, second, door));
        assert!(rest(&mut waiting).await.starts_with("HTTP/1.1 "));
        until_taken(&running.room, (0, 2)).await;
        let mut again = running.send("GET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(rest(&mut again).await.ends_with("hello"));
    }

    #[tokio::test]
    async fn whoever_comes_with_a_file_reads_that_it_is_full() {
        let limits =
            Limits { head_within: Duration::from_secs(60), body_idle: Duration::from_secs(60), ..SMALL };
        let running = start(limits).await;
        let (mut first, mut second) = (running.send("").await, running.send("").await);
        hello(&mut first).await;
        hello(&mut second).await;
        // More than the kernel holds for somebody who does not read.
        const FILE: usize = 6 << 20;
        let head = format!("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: {FILE}\r\n\r\n");
        let mut third = running.send(&head).await;
        third.write_all(&vec![b'x'; FILE / 2]).await.unwrap();
        // By now an answer that waits for nothing has been sent, and the connection closed.
        tokio::time::sleep(Duration::from_millis(200)).await;
        third.write_all(&vec![b'x'; FILE / 2]).await.unwrap();
        let told = rest(&mut third).await;
        assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    }

    #[tokio::test]
    async fn a_head_or_a_body_that_does_not_come_holds_no_place() {
        let running = start(SMALL).await;
        let mut head = running.send("GET /hello HTTP/1.1\r\nhost").await;
        let mut idle = running.send("").await;
        assert_eq!((rest(&mut head).await, rest(&mut idle).await), (String::new(), String::new()));
        let mut body = running.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc").await;
        let told = rest(&mut body).await;
        assert!(!told.contains("200 OK") && !told.contains(" 503 "), "{told}");
        until_taken(&running.room, (0, 2)).await;
    }

    #[tokio::test]
    async fn whoever_does_not_read_holds_no_place() {
        let running = start(SMALL).await;
        let mut unread = running.send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
        // It is answered; the rest of it nobody takes.
        unread.read_exact(&mut [0]).await.unwrap();
        until_taken(&running.room, (0, 2)).await;
        drop(unread);
    }

    /// Nothing of it but the stop ends anything.
    const PATIENT: Limits = Limits {
        head_within: Duration::from_secs(600),
        body_idle: Duration::from_secs(600),
        unread_within: Duration::from_secs(600),
        stop_within: Duration::from_secs(600),
        ..SMALL
    };

    #[tokio::test]
    async fn the_stop_lets_a_request_end() {
        let running = start(PATIENT).await;
        let mut open = running.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab").await;
        let mut idle = running.send("").await;
        hello(&mut idle).await;
        running.stop.send(()).unwrap();
        assert_eq!(rest(&mut idle).await, "", "whoever waits for nothing is let go");
        assert!(TcpStream::connect(running.at).await.is_err(), "nobody else comes in");
        open.write_all(b"cde").await.unwrap();
        assert!(rest(&mut open).await.ends_with("abcde"));
        running.serving.join().unwrap();
    }

    #[tokio::test]
    async fn the_stop_waits_for_no_request_longer_than_it_was_told() {
        let running = start(Limits { stop_within: Duration::from_millis(50), ..PATIENT }).await;
        let mut open = running.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab").await;
        until_taken(&running.room, (1, 2)).await;
        running.stop.send(()).unwrap();
        running.serving.join().unwrap();
        let mut told = String::new();
        // Reset or ended: no answer in any case.
        let _ = timeout(Duration::from_secs(20), open.read_to_string(&mut told)).await.expect("ends");
        assert_eq!(told, "");
    }
}
