// A real OpenID Connect provider (oidc-provider) on a port of its own, which can be made to lie or to fall silent.

import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { Provider } from "oidc-provider";

export const CLIENT = { id: "mifeng", secret: "a client secret of forty characters or so" };

/// `back`: where it may send browsers. Anybody signs in under any name; the name is the subject.
export async function startProvider(back) {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const foreign = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "first", alg: "RS256", use: "sig" };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: back, response_types: ["code"],
      grant_types: ["authorization_code"], require_auth_time: true,
    }],
    cookies: { keys: ["a key for cookies"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    jwks: { keys: [jwk] },
    pkce: { required: () => true },
  });
  const callback = provider.callback();
  const now = { lie: null, silent: false };
  server.on("request", (request, response) => {
    if (now.silent) return request.socket.destroy();
    if (now.lie !== null && request.url.startsWith("/token")) {
      const end = response.end.bind(response);
      response.end = (body) => {
        const told = JSON.parse(String(body));
        now.lie(told.id_token).then((token) => {
          const text = JSON.stringify({ ...told, id_token: token });
          response.setHeader("content-length", Buffer.byteLength(text));
          end(text);
        });
        return response;
      };
    }
    callback(request, response);
  });
  const part = (token, n) => JSON.parse(Buffer.from(token.split(".")[n], "base64url"));
  const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = (claims, key = privateKey, alg = "RS256") =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: "first" }).sign(key);
  /// Says that it was somebody else, who has an account.
  const other = (change, key, alg) => async (token) => signed({ ...part(token, 1), sub: "zhang", ...change }, key, alg);
  return {
    issuer,
    now,
    /// ID tokens that must not be taken, and why.
    lies: {
      "another nonce": other({ nonce: "of another visit" }),
      "another audience": other({ aud: "somebody-else" }),
      "another issuer": other({ iss: "http://127.0.0.1:1" }),
      "long expired": other({ exp: 1_600_000_000, iat: 1_599_999_000 }),
      "a changed subject under the old signature": async (token) => {
        const [head, , signature] = token.split(".");
        return [head, text({ ...part(token, 1), sub: "zhang" }), signature].join(".");
      },
      "another's key": other({}, foreign.privateKey),
      "the client's own secret as key": other({}, Buffer.from(CLIENT.secret), "HS256"),
      "no signature": async (token) => `${text({ alg: "none" })}.${text({ ...part(token, 1), sub: "zhang" })}.`,
    },
    stop: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
  };
}
