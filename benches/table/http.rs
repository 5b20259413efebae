//! A browser's part in the measurement, as cheap as possible: both share the machine.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
};

/// One kept-alive connection.
pub struct Connection {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    /// The server ends it with this answer, as it does after pages that carry a name or a receipt.
    is_over: bool,
}

fn connect(address: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(BufReader::with_capacity(64 << 10, stream))
}

pub struct Answer {
    pub status: u16,
    pub location: String,
    /// `name=value` of a cookie that was set.
    pub cookie: String,
    /// Seconds after which to come back.
    pub retry_after: Option<u64>,
    pub body: String,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Result<Self> {
        Ok(Self { address, stream: connect(address)?, is_over: false })
    }

    fn revive(&mut self) -> Result<()> {
        if std::mem::take(&mut self.is_over) {
            self.stream = connect(self.address)?;
        }
        Ok(())
    }

    pub fn get(&mut self, path: &str, cookie: &str) -> Result<Answer> {
        self.head("GET", path, cookie, "")?;
        self.answer()
    }

    pub fn post(&mut self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let body = pairs.join("&");
        let length = body.len();
        let more = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n");
        let request = self.lines("POST", path, cookie, &more) + &body;
        self.revive()?;
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer()
    }

    /// A form with a token and one file called `name`, of `length` bytes, which `parts` writes. The copy is ticked.
    pub fn upload(
        &mut self,
        path: &str,
        cookie: &str,
        (once, name): (&str, &str),
        length: u64,
        parts: impl FnOnce(&mut dyn FnMut(&[u8])),
    ) -> Result<Answer> {
        const EDGE: &str = "----bench";
        let before = format!(
            "--{EDGE}\r\ncontent-disposition: form-data; name=\"once\"\r\n\r\n{once}\r\n\
             --{EDGE}\r\ncontent-disposition: form-data; name=\"copy\"\r\n\r\nyes\r\n\
             --{EDGE}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let after = format!("\r\n--{EDGE}--\r\n");
        let whole = length + before.len() as u64 + after.len() as u64;
        let more =
            format!("content-type: multipart/form-data; boundary={EDGE}\r\ncontent-length: {whole}\r\n");
        self.head("POST", path, cookie, &more)?;
        let out = self.stream.get_mut();
        out.write_all(before.as_bytes())?;
        let mut failed = None;
        parts(&mut |part| {
            if failed.is_none() {
                failed = out.write_all(part).err();
            }
        });
        match failed {
            Some(cause) => return Err(cause),
            None => out.write_all(after.as_bytes())?,
        }
        self.answer()
    }

    fn head(&mut self, method: &str, path: &str, cookie: &str, more: &str) -> Result<()> {
        let lines = self.lines(method, path, cookie, more);
        self.revive()?;
        self.stream.get_mut().write_all(lines.as_bytes())
    }

    fn lines(&self, method: &str, path: &str, cookie: &str, more: &str) -> String {
        let cookie = if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") };
        format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{cookie}{more}\r\n", self.address)
    }

    fn answer(&mut self) -> Result<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Answer {
            status: status.ok_or_else(|| Error::other("not an answer"))?,
            location: String::new(),
            cookie: String::new(),
            retry_after: None,
            body: String::new(),
        };
        let mut length = 0;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(Error::other)?,
                "connection" => self.is_over = value.eq_ignore_ascii_case("close"),
                "retry-after" => answer.retry_after = value.parse().ok(),
                "location" => answer.location = value.into(),
                "set-cookie" => answer.cookie = value.split(';').next().unwrap_or_default().into(),
                "transfer-encoding" => return Err(Error::other("chunked answers are not read here")),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).map_err(Error::other)?;
        Ok(answer)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(Error::other("the connection was closed"));
        }
        Ok(line.trim_end().into())
    }
}

impl Answer {
    /// The token of the page's form.
    pub fn once(&self) -> &str {
        let rest = self.body.split_once("name=\"once\" value=\"").map_or("", |(_, rest)| rest);
        rest.split_once('"').map_or("", |(once, _)| once)
    }
}

fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
