//! Whose bucket it is: of two stores that begin at once one has it, and nothing is written into another's.

use super::{
    bucket::{attached, bytes},
    *,
};
use objects::{Bucket, Server};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Barrier, Mutex},
};

/// What stands between the stores and the server.
#[derive(Default)]
struct Between {
    /// One at a time.
    turn: Mutex<()>,
    /// An object that must not be there is taken away first: as if the server did not mind.
    ignores: bool,
}

impl Between {
    /// Serves on a port of its own. The words of both stores come to the server only once both are on their way, and both are
    /// answered only once both have come there.
    fn serve(self, bucket: &Bucket) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (between, server, folder) = (Arc::new(self), bucket.port, bucket.folder());
        let (begun, ended) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (between, begun, ended) = (between.clone(), begun.clone(), ended.clone());
                let (mut client, folder) = (client.unwrap(), folder.clone());
                std::thread::spawn(move || {
                    let Some(request) = request(&mut client) else { return };
                    let line = request.split(|byte| *byte == b'\n').next().unwrap();
                    let line = String::from_utf8_lossy(line).into_owned();
                    let (method, path) = line.split_once(' ').unwrap();
                    let name = path.split_once(' ').unwrap().0.rsplit('/').next().unwrap();
                    let is_word = method == "PUT" && name == "store";
                    let answer = {
                        let wait = |at: &Barrier| {
                            if is_word {
                                at.wait();
                            }
                        };
                        wait(&begun);
                        let turn = between.turn.lock().unwrap();
                        if between.ignores && method == "PUT" {
                            let _ = fs::remove_file(folder.join(name));
                        }
                        let answer = forwarded(server, &line, &request);
                        drop(turn);
                        wait(&ended);
                        answer
                    };
                    let _ = client.write_all(&answer);
                });
            }
        });
        port
    }
}

/// Of one client: head and body.
fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut request, mut part) = (Vec::new(), [0; 8192]);
    loop {
        match client.read(&mut part).ok()? {
            0 => return None,
            read => request.extend(&part[..read]),
        }
        let Some(head) = request.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
        let length = text
            .split("content-length:")
            .nth(1)
            .map_or(0, |rest| rest.split("\r\n").next().unwrap().trim().parse::<usize>().unwrap());
        if request.len() >= head + 4 + length {
            return Some(request);
        }
    }
}

/// What the server answers. Its connection ends with it, and so does the client's.
fn forwarded(port: u16, line: &str, request: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    server.write_all(line.as_bytes()).unwrap();
    server.write_all(b"\nconnection: close").unwrap();
    server.write_all(b"\r\n").unwrap();
    server.write_all(&request[line.len() + 1..]).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    answer
}

/// Two stores begun at once under one prefix: what each is told.
fn at_once(bucket: &Bucket) -> (Vec<Result<Store, OpenRefused>>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let both = ["one", "two"].map(|name| folder.path().join(name));
    let opened = std::thread::scope(|scope| {
        let begun = both.each_ref().map(|at| {
            scope.spawn(move || {
                let engine = patience::sled(&at.join("data")).beside(Some(bucket.open()));
                open(Arc::new(engine), &at.join("keys"))
            })
        });
        begun.map(|begun| begun.join().unwrap())
    });
    // Whoever has lost does not get it later either.
    for (at, opened) in both.iter().zip(&opened) {
        let again =
            || open(Arc::new(patience::sled(&at.join("data")).beside(Some(bucket.open()))), &at.join("keys"));
        if opened.is_err() {
            assert!(matches!(again().err(), Some(OpenRefused::OtherObjects(_))));
        }
    }
    (opened.into(), folder)
}

#[test]
fn of_two_stores_that_begin_at_once_under_one_prefix_one_has_it() {
    let Some(server) = objects::server() else { return };
    // As it comes, which this server often tells both yes; one after the other; and by one that minds nothing.
    for between in [None, None, None, Some(false), Some(true)] {
        let mut bucket = server.bucket();
        if let Some(ignores) = between {
            bucket.port = Between { ignores, ..Between::default() }.serve(&bucket);
        }
        let (opened, _folder) = at_once(&bucket);
        assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 1, "ignores: {between:?}");
        let refused = opened.into_iter().find_map(Result::err).unwrap();
        assert!(matches!(refused, OpenRefused::OtherObjects(_)), "{refused}");
        assert!(refused.to_string().contains("for another store an unused prefix"), "{refused}");
    }
}

/// It was away at the start; another store's has taken its place since.
#[test]
fn nothing_is_written_into_a_bucket_of_another_store_not_even_to_try_it() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let opened = || open(Arc::new(patience::sled(&data).beside(Some(bucket.open()))), &keys).unwrap();
    drop(opened());
    server.kill();
    let store = opened();
    let word = bucket.folder().join("store");
    fs::write(&word, "0".repeat(32)).unwrap();
    server.start_again();
    let changed = || fs::metadata(bucket.folder()).unwrap().modified().unwrap();
    let before = changed();
    let problems = store.check().unwrap().problems;
    assert!(
        problems.len() == 1 && problems[0].contains("not the one this store's files lie in"),
        "{problems:?}"
    );
    assert_eq!(changed(), before, "something was put there and taken out again");
}

/// It was this store's when that started.
#[test]
fn a_bucket_that_has_become_another_store_s_is_not_swept() {
    let Some(server) = objects::server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, keys, bucket) = (folder.path().join("data"), folder.path().join("keys"), server.bucket());
    let store = open(Arc::new(patience::sled(&data).beside(Some(bucket.open()))), &keys).unwrap();
    let theirs = bucket.folder().join("5a".repeat(16));
    fs::write(&theirs, "theirs").unwrap();
    bucket.age();
    fs::write(bucket.folder().join("store"), "0".repeat(32)).unwrap();
    let refused = store.sweep(&*clock()).unwrap_err().to_string();
    assert!(refused.contains("not the one this store's files lie in"), "{refused}");
    assert!(theirs.exists());
    store.submit(submission(1)).wait().unwrap();
    let refused = attached(&store, 1, &bytes(1)).unwrap_err();
    assert!(matches!(refused, Refused::Objects(_)), "nor is anything put there any more: {refused}");
    assert_eq!(bucket.kept(), [theirs]);
}
