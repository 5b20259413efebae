// Everything that passes between a browser and anybody at all: a proxy that keeps each byte of both directions, and can
// hold a request open with its last byte missing.

import { createServer, request } from "node:http";

/// How long the server gets to read what it was sent of a request that is held.
const READ_MS = 300;

export class Wire {
  /// Of each request: `method`, `url`, `headers`, `status`, and the bytes `sent` and `got`, bodies and heads.
  exchanges = [];
  /// Hosts that a tunnel or another protocol was asked for: there is none of ours.
  tunnels = [];
  #holds = [];
  #server;

  static async start() {
    const wire = new Wire();
    wire.#server = createServer((from, to) => wire.#pass(from, to));
    for (const kind of ["connect", "upgrade"]) {
      wire.#server.on(kind, (from, socket) => {
        wire.tunnels.push(from.url);
        // Whoever asked may be gone.
        socket.on("error", () => {});
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      });
    }
    await new Promise((done) => wire.#server.listen(0, "127.0.0.1", done));
    return wire;
  }

  /// For the browser's launch.
  get proxy() {
    return { server: `http://127.0.0.1:${this.#server.address().port}` };
  }

  /// The next request to this path arrives at the server but for its last byte. Gives the exchange, with `go()`.
  hold(path) {
    return new Promise((held) => this.#holds.push({ path, held }));
  }

  /// What of `needles` passed, and where. Bodies are searched whole, however they were cut on the way.
  found(needles) {
    return this.exchanges.flatMap(({ method, url, sent, got }) =>
      [sent, got].flatMap((bytes) => [...needles.foundIn(Buffer.concat(bytes))].map((label) => `${label}: ${method} ${url}`)));
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(done));
  }

  async #pass(from, to) {
    const { method, headers, rawHeaders } = from;
    const { hostname, port, pathname, search, href } = new URL(from.url);
    const exchange = { method, url: href, headers, status: 0, sent: [head(`${method} ${href}`, rawHeaders)], got: [] };
    this.exchanges.push(exchange);
    const { "proxy-connection": _, ...onwards } = headers;
    // Nothing compressed: it is to be searched.
    const onward = request({ hostname, port, method, path: pathname + search, headers: { ...onwards, "accept-encoding": "identity" } });
    onward.on("response", (answer) => {
      exchange.status = answer.statusCode;
      exchange.got.push(head(answer.statusCode, answer.rawHeaders));
      to.writeHead(answer.statusCode, answer.rawHeaders);
      answer.on("data", (bytes) => {
        exchange.got.push(bytes);
        to.write(bytes);
      });
      answer.on("end", () => to.end());
      answer.on("error", () => to.destroy());
    });
    onward.on("error", () => to.destroy());
    to.on("close", () => onward.destroy());

    const at = this.#holds.findIndex((hold) => hold.path === pathname);
    const [hold] = at < 0 ? [] : this.#holds.splice(at, 1);
    let kept = Buffer.alloc(0);
    try {
      for await (const bytes of from) {
        exchange.sent.push(bytes);
        if (hold) kept = Buffer.concat([kept, bytes]);
        else if (!onward.write(bytes)) await drained(onward);
      }
    } catch {
      // The browser gave the request up.
      return void onward.destroy();
    }
    if (!hold) return void onward.end();
    onward.write(kept.subarray(0, -1));
    await new Promise((done) => setTimeout(done, READ_MS));
    hold.held({ ...exchange, body: kept, go: () => void onward.end(kept.subarray(-1)) });
  }
}

/// Or closed.
function drained(stream) {
  return new Promise((on) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      on();
    };
    stream.on("drain", done).on("close", done);
  });
}

function head(line, raw) {
  const lines = raw.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${raw[i + 1]}`]));
  return Buffer.from(`${line}\n${lines.join("\n")}\n\n`, "latin1");
}
