// Passkeys on the staff pages: asks the server for a challenge, the browser for the answer, and sends the page's own
// form with it. What a person reads stands in the page; nothing is kept here.

import { base64urlnopad } from "@scure/base";

type Json = Record<string, unknown>;

const box = document.getElementById("passkey");
const button = document.getElementById("passkey-go");
if (box instanceof HTMLElement && button instanceof HTMLButtonElement) offer(box, button);

function offer(box: HTMLElement, button: HTMLButtonElement): void {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    complain("");
    try {
      if (globalThis.PublicKeyCredential === undefined) throw new Problem("none");
      const { flow, options } = await challenge(box);
      const answer = await asked(options, box.dataset["create"] !== undefined);
      fill("passkey-flow", flow);
      fill("passkey-answer", JSON.stringify(answer));
      box.closest("form")?.submit();
    } catch (why) {
      button.disabled = false;
      complain(sentence(box, why));
    }
  });
}

class Problem extends Error {
  constructor(readonly what: "none" | "notGiven" | "down") {
    super(what);
  }
}

/** The words of the page for what went wrong. */
function sentence(box: HTMLElement, why: unknown): string {
  const isWithout = why instanceof DOMException && (why.name === "SecurityError" || why.name === "NotSupportedError");
  const what = why instanceof Problem ? why.what : isWithout ? "none" : "notGiven";
  return box.dataset[what] ?? "";
}

function complain(sentence: string): void {
  const problem = document.getElementById("passkey-problem");
  if (problem === null) return;
  problem.textContent = sentence;
  problem.hidden = sentence === "";
}

function fill(id: string, value: string): void {
  const input = document.getElementById(id);
  if (input instanceof HTMLInputElement) input.value = value;
}

async function challenge(box: HTMLElement): Promise<{ flow: string; options: Json }> {
  const body = new URLSearchParams({ once: box.dataset["once"] ?? "" });
  const answer = await fetch(box.dataset["begin"] ?? "", { method: "POST", body }).catch(() => null);
  const isJson = answer?.headers.get("content-type")?.startsWith("application/json");
  if (!answer?.ok || !isJson) throw new Problem("down");
  return (await answer.json()) as { flow: string; options: Json };
}

async function asked(options: Json, create: boolean): Promise<Json> {
  const publicKey = withBytes(options) as unknown;
  const given = create
    ? await navigator.credentials.create({ publicKey: publicKey as PublicKeyCredentialCreationOptions })
    : await navigator.credentials.get({ publicKey: publicKey as PublicKeyCredentialRequestOptions });
  if (!(given instanceof PublicKeyCredential)) throw new Problem("notGiven");
  const { id, type, response } = given;
  const rawId = text(given.rawId);
  const clientDataJSON = text(response.clientDataJSON);
  if (response instanceof AuthenticatorAttestationResponse) {
    const attestationObject = text(response.attestationObject);
    return { id, rawId, type, response: { attestationObject, clientDataJSON } };
  }
  const { authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
  const signed = { authenticatorData: text(authenticatorData), signature: text(signature) };
  return { id, rawId, type, response: { ...signed, clientDataJSON, userHandle: userHandle && text(userHandle) } };
}

/** The options as the browser wants them: what is base64url in JSON becomes bytes. */
function withBytes(options: Json): Json {
  const list = (value: unknown) =>
    Array.isArray(value) ? value.map((entry: Json) => ({ ...entry, id: bytes(entry["id"]) })) : undefined;
  const out: Json = { ...options, challenge: bytes(options["challenge"]) };
  const user = options["user"] as Json | undefined;
  if (user !== undefined) out["user"] = { ...user, id: bytes(user["id"]) };
  for (const name of ["allowCredentials", "excludeCredentials"]) {
    const found = list(options[name]);
    if (found !== undefined) out[name] = found;
  }
  return out;
}

function bytes(value: unknown): Uint8Array {
  return base64urlnopad.decode(String(value));
}

function text(buffer: ArrayBuffer): string {
  return base64urlnopad.encode(new Uint8Array(buffer));
}
