// A key file that only a passkey opens: an age file sealed to what the passkey's PRF extension gives (WebAuthn level 3;
// stanza `fido2prf` of age-encryption). It is a file like any other and stays with its holder; nothing is kept here.

import { armor, Decrypter, Encrypter, webauthn } from "age-encryption";
import { Refused } from "../core/refused.ts";
import { readKeyFile } from "./keyfile.ts";
import { refused, say } from "./refusals.ts";
import { saveAs, type Stage, word } from "./stage.ts";

const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";

/** The key file's text; asks for the passkey if it is sealed to one. */
export async function unlock(text: string): Promise<string> {
  if (!text.trimStart().startsWith(ARMOR)) return text;
  return await asking(async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(new webauthn.WebAuthnIdentity());
    return await decrypter.decrypt(armor.decode(text), "text");
  });
}

/** Makes a passkey called `name` and seals a key file to it. Refused if the text is not a key file. */
export async function lock(text: string, name: string): Promise<string> {
  readKeyFile(text);
  return await asking(async () => {
    const identity = await webauthn.createCredential({ keyName: name });
    const encrypter = new Encrypter();
    encrypter.addRecipient(new webauthn.WebAuthnRecipient({ identity }));
    return armor.encode(await encrypter.encrypt(text));
  });
}

/** The offer on a page's first step: the chosen key file comes back as one that a new passkey opens. */
export function offerLock(stage: Stage): void {
  stage.on("lock", async () => {
    const text = await stage.file("key-file");
    if (text === null) return stage.error(word("key-file-missing") ?? "");
    try {
      saveAs(await lock(text, location.hostname), "mifeng.passkey.age", "text/plain");
      stage.done(word("passkey-saved") ?? "");
    } catch (why) {
      // Nothing was begun yet: what was chosen stays.
      if (!(why instanceof Refused)) throw why;
      stage.error(say(why, word));
    }
  });
}

/** Whatever goes wrong with a passkey, in two sentences: there is none here, or it was not given. */
async function asking<T>(act: () => Promise<T>): Promise<T> {
  if (globalThis.PublicKeyCredential === undefined) throw refused("passkey-none");
  try {
    return await act();
  } catch (why) {
    if (why instanceof Refused) throw why;
    const name = why instanceof DOMException ? why.name : "";
    const isWithout = name === "SecurityError" || name === "NotSupportedError" || /PRF/.test(String(why));
    throw refused(isWithout ? "passkey-none" : "passkey-not-given");
  }
}
