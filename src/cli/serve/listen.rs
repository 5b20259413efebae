//! Listening: three faces in one process, slow clients shown the door, a stop that lets requests end.

use super::log_requests;
use axum::{Router, body::Body, extract::Request, middleware};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tower_http::timeout::TimeoutBody;

/// A whole request head must arrive within this; also ends idle kept-alive connections.
const HEAD_WITHIN: Duration = Duration::from_secs(20);
/// A body may take hours, but not stand still for longer than this: a phone changing masts recovers sooner.
const BODY_IDLE: Duration = Duration::from_secs(60);
/// Requests still running this long after the stop signal are cut off.
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// A face takes this many connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 4096;
/// Bytes of read buffer a connection may grow to, which bounds a request's head too.
const BUFFER: usize = 64 * 1024;

/// One face: where it listens and what answers.
pub struct Face {
    pub name: &'static str,
    pub listener: TcpListener,
    pub router: Router,
}

/// Serves until `stop` is ready, then lets running requests end.
pub async fn serve(faces: Vec<Face>, stop: impl Future<Output = ()>) {
    let (tell, told) = watch::channel(());
    let tasks: Vec<_> = faces.into_iter().map(|face| tokio::spawn(serve_one(face, told.clone()))).collect();
    drop(told);
    stop.await;
    tracing::info!("stopping");
    drop(tell);
    for task in tasks {
        // A face that broke off has said so itself.
        let _ = task.await;
    }
}

async fn serve_one(face: Face, mut told: watch::Receiver<()>) {
    let router =
        face.router.layer(middleware::from_fn(log_requests(face.name))).layer(middleware::map_request(
            async |request: Request| request.map(|body| Body::new(TimeoutBody::new(BODY_IDLE, body))),
        ));
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&face.listener, &room) => accepted,
            _ = told.changed() => break,
        };
        match accepted {
            Ok((stream, permit)) => {
                tokio::spawn(answer(stream, router.clone(), graceful.watcher(), permit));
            }
            // Out of file descriptors, or the client left: neither is cured by trying at once.
            Err(cause) => {
                tracing::warn!(face = face.name, %cause, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
    drop(face.listener);
    if timeout(STOP_WITHIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(face = face.name, "some requests were cut off by the stop");
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    // Unwrap safety: the semaphore is never closed.
    let permit = Arc::clone(room).acquire_owned().await.unwrap();
    let (stream, _address) = listener.accept().await?;
    Ok((stream, permit))
}

async fn answer(stream: TcpStream, router: Router, watcher: Watcher, permit: OwnedSemaphorePermit) {
    // A failure here costs some latency, nothing else.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // What a client does wrong on its own connection is no news, and its address is not kept.
    let _ = watcher.watch(connection).await;
    drop(permit);
}
