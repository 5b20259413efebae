// Serves the host page for one built package, and is its network: requests go to the hosts the package is allowed, as
// WeChat's own stack sends them.
//
//   node host/serve.mjs --config demo-config.json [--port 8090]

import { build } from "esbuild";
import { TmplGroup } from "glass-easel-template-compiler";
import { readFileSync, readdirSync } from "node:fs";
import { createServer, request } from "node:http";
import { request as secureRequest } from "node:https";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pack } from "../build.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TEXT = /\.(js|json|wxml|wxss)$/;
/** What WeChat sends with every request, whatever a package says: the app's id and its version. */
const WECHAT = { referer: "https://servicewechat.com/wx0000000000000000/1/page-frame.html", "user-agent": "Mozilla/5.0 MicroMessenger/8.0.50 MiniProgramEnv" };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { config: { type: "string" }, port: { type: "string", default: "8090" } } });
  const folder = await pack({ config: values.config });
  const { address } = await serve({ folder, allowed: [JSON.parse(readFileSync(values.config, "utf8")).origin], port: Number(values.port) });
  console.log(address);
}

/** `allowed`: the domain list; `proxy`: all requests go there first. Gives what was asked, and what was refused. */
export async function serve({ folder, allowed, port = 0, proxy }) {
  const shell = await build({ entryPoints: [join(HERE, "shell.js")], bundle: true, format: "esm", write: false, target: "es2022" });
  const pages = {
    "/": ["text/html", readFileSync(join(HERE, "index.html"), "utf8").replace("<script src", '<script type="module" src')],
    "/host.css": ["text/css", readFileSync(join(HERE, "host.css"))],
    "/host.js": ["text/javascript", shell.outputFiles[0].contents],
    "/package": ["application/json", packageOf(folder)],
  };
  const host = { refused: [], exchanges: [] };
  const server = createServer((from, to) => {
    if (from.url === "/native/request") return native(from, to);
    const found = pages[from.url];
    if (found === undefined) return void to.writeHead(404).end();
    to.writeHead(200, { "content-type": `${found[0]}; charset=utf-8`, "cache-control": "no-store" }).end(found[1]);
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const address = `http://127.0.0.1:${server.address().port}`;
  return { address, ...host, stop: () => new Promise((done) => (server.closeAllConnections(), server.close(done))) };

  function native(from, to) {
    const url = new URL(from.headers["x-url"]);
    if (!allowed.includes(url.origin)) {
      host.refused.push(url.href);
      return void fail(to, "url not in domain list");
    }
    // Where it is not told otherwise WeChat goes wherever an answer sends it.
    if (from.headers["x-redirect"] !== "manual") host.refused.push(`${url.href}: would follow a redirect`);
    const headers = { ...JSON.parse(decodeURIComponent(from.headers["x-header"])), ...WECHAT, host: url.host };
    if (from.headers["content-length"] !== "0") headers["content-length"] = from.headers["content-length"];
    const method = from.headers["x-method"];
    host.exchanges.push({ method, path: url.pathname + url.search });
    const through = proxy === undefined ? { hostname: url.hostname, port: url.port, path: url.pathname + url.search } : { hostname: proxy.hostname, port: proxy.port, path: url.href };
    const onward = (url.protocol === "https:" ? secureRequest : request)({ ...through, method, headers, agent: false });
    onward.on("response", (answer) => {
      to.writeHead(200, { "x-status": String(answer.statusCode), "x-header": encodeURIComponent(JSON.stringify(answer.headers)) });
      answer.pipe(to);
    });
    onward.on("error", () => (to.headersSent ? to.destroy() : fail(to, "fail")));
    to.on("close", () => onward.destroy());
    from.pipe(onward);
  }
}

/** No answer came, which is no fault of the host's. */
function fail(to, why) {
  to.writeHead(200, { "x-failed": why }).end();
}

/** Its files, and its templates as the framework's compiler makes them. */
function packageOf(folder) {
  const names = readdirSync(folder, { recursive: true }).map((name) => name.split("\\").join("/")).filter((name) => TEXT.test(name));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const group = new TmplGroup();
  group.addTmpl("host/slot", "<slot />");
  for (const name of names.filter((name) => name.endsWith(".wxml"))) {
    const wrong = [...group.addTmpl(name.slice(0, -5), files[name])];
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.map((each) => JSON.stringify(each)).join("; ")}`);
  }
  const templates = group.getTmplGenObjectGroups();
  group.free();
  return JSON.stringify({ files, templates });
}
