// For `tests/formats/web_vectors.rs`: seals as a reporter's page does and prints what the server would get, as JSON.
// Reads one JSON object from standard input. Not part of any bundle that is served.

import { toBase64, toHex, fromHex } from "../src/core/bytes.ts";
import { signClaim } from "../src/core/claim.ts";
import { sealFile } from "../src/core/files.ts";
import { sealMessage } from "../src/core/mailbox.ts";
import type { Person } from "../src/core/person.ts";
import { random } from "../src/core/random.ts";
import { Receipt } from "../src/core/receipt.ts";
import { pinned, type UntrustedSet } from "../src/core/recipients.ts";
import { sealReport, sealedReportJson } from "../src/core/seal.ts";
import { sealAge } from "../src/core/agefile.ts";

interface Order {
  set: UntrustedSet;
  fingerprint: string;
  report: string;
  blob: string;
  person: Person;
  /** How many reports, half of them named. */
  reports: number;
  /** The award-terms hash to claim, in hexadecimal. */
  award: string;
  message: string;
  original: { recipient: string; name: string; media_type: string; bytes: string };
}

async function answer(order: Order) {
  const set = pinned(order.set, order.fingerprint);
  const receipt = Receipt.draw(random);
  const binding = { report: order.report, auditKey: receipt.auditKey(), claimKey: receipt.claimKey(), set };
  const sealed = [];
  for (let i = 0; i < order.reports; i++) {
    sealed.push(sealedReportJson(await sealReport(i % 2 === 0 ? order.person : null, binding, random)));
  }
  const { recipient, name, media_type, bytes } = order.original;
  const place = { report: order.report, blob: order.blob };
  const file = new Blob([Buffer.from(bytes, "base64")]);
  const sealing = await sealFile(file, place, recipient, name, media_type, random);
  const pieces: Uint8Array[] = [];
  for await (const piece of sealing.pieces) pieces.push(piece);
  return {
    receipt: receipt.groups().join(" "),
    locator: toHex(receipt.locatorHash()),
    auth: toHex(receipt.authHash()),
    audit_key: toHex(receipt.auditKey()),
    mailbox: receipt.mailboxRecipient(),
    mailbox_key: receipt.mailboxIdentity(),
    claim_key: toBase64(receipt.claimKey()),
    sealed,
    sealed_file: Buffer.concat(pieces).toString("base64"),
    message: await sealMessage(order.message, receipt.mailboxRecipient(), random),
    plain_age: Buffer.from(
      await sealAge(Buffer.from(order.message), [receipt.mailboxRecipient()], random),
    ).toString("base64"),
    claim: toBase64(signClaim(receipt, fromHex(order.award))),
  };
}

const chunks: Buffer[] = [];
process.stdin.on("data", (chunk: Buffer) => chunks.push(chunk));
process.stdin.on("end", () => {
  answer(JSON.parse(Buffer.concat(chunks).toString()) as Order).then(
    (out) => process.stdout.write(JSON.stringify(out)),
    (error: Error) => {
      console.error(error.stack);
      process.exitCode = 1;
    },
  );
});
