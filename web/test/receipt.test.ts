import assert from "node:assert/strict";
import { test } from "node:test";
import { claimFits, signClaim } from "../src/core/claim.ts";
import { toHex } from "../src/core/bytes.ts";
import { openMessage, sealMessage } from "../src/core/mailbox.ts";
import { random } from "../src/core/random.ts";
import { Receipt } from "../src/core/receipt.ts";
import { vector } from "./support.ts";

const text = (receipt: Receipt) => receipt.groups().join(" ");

test("a receipt is read however a person writes it", () => {
  const receipt = Receipt.draw(random);
  const plain = text(receipt);
  const fullWidth = [...plain].map((c) => (c === " " ? "－" : String.fromCharCode(c.charCodeAt(0) + 0xfee0))).join("");
  for (const typed of [plain, plain.replace(/ /g, ""), plain.replace(/ /g, "-"), ` ${plain}\n`, fullWidth]) {
    assert.equal(toHex(Receipt.parse(typed).locator()), toHex(receipt.locator()), typed);
  }
});

test("every slip of one digit and every swap of neighbours is seen", () => {
  const digits = [...text(Receipt.draw(random)).replace(/ /g, "")];
  const refused = (typed: string[]) =>
    assert.throws(() => Receipt.parse(typed.join("")), { code: "receipt-check-digits" });
  for (let i = 0; i < digits.length; i++) {
    for (const d of "0123456789") {
      if (d !== digits[i]) refused([...digits.slice(0, i), d, ...digits.slice(i + 1)]);
    }
    if (i > 0 && digits[i] !== digits[i - 1]) {
      refused([...digits.slice(0, i - 1), digits[i]!, digits[i - 1]!, ...digits.slice(i + 1)]);
    }
  }
});

test("what is no receipt is refused for what it is", () => {
  assert.throws(() => Receipt.parse("1234"), { code: "receipt-length", about: { found: 4 } });
  assert.throws(() => Receipt.parse("12a4"), { code: "receipt-not-digits" });
});

test("a receipt pasted into a story is noticed and a bank card is not", () => {
  const receipt = Receipt.draw(random);
  assert.ok(Receipt.isIn(`我的回执码是${text(receipt)}，请查收`));
  assert.ok(Receipt.isIn(`1${text(receipt).replace(/ /g, "")}`));
  assert.ok(!Receipt.isIn("电话13800138000，卡号6222020200112233445，身份证11010519491231002X"));
});

test("every text of the shared vectors is judged alike here", () => {
  const vectors = JSON.parse(vector("receipts-in-text.json").toString()) as Record<"receipts" | "others", string[]>;
  assert.ok(vectors.receipts.length >= 15 && vectors.others.length >= 15);
  for (const text of vectors.receipts) assert.ok(Receipt.isIn(text), text);
  for (const text of vectors.others) assert.ok(!Receipt.isIn(text), text);
});

test("only the last group is asked for", () => {
  const receipt = Receipt.draw(random);
  assert.ok(receipt.endsWith(` ${receipt.groups()[7]} `));
  assert.ok(!receipt.endsWith("") && !receipt.endsWith(text(receipt)) && !receipt.endsWith("٣٣٣٣"));
});

test("the keys are those of the frozen vector of src/receipt.rs", () => {
  const receipt = Receipt.parse("0123 4567 8901 2345 6789 0123 4567 8963");
  assert.equal(toHex(receipt.locatorHash()), "12d373f64e7df5d278e479507bfdc92aff0ccb6f713850b1077f20c2132ff5da");
  assert.equal(toHex(receipt.auditKey()), "39602111910d493f1fb9129b6dc2826ba97f100229bad3527ca956be1fa691d8");
  assert.equal(receipt.mailboxRecipient(), "age1wkzaetd0ra55fw7treu5hft6u93s7uz9s8773u9hw22ylzswc5kqw4fwgz");
  assert.equal(toHex(receipt.claimKey()), "daf041f50b292b957c329e9b3cbc81bdc09248fd989f9dded129726c3847a3c8");
  const all = [receipt.locator(), receipt.auth(), receipt.auditKey(), receipt.claimSeed()].map(toHex);
  assert.equal(new Set(all).size, 4);
});

test("a wiped receipt gives no key of the old one", () => {
  const receipt = Receipt.parse("0123 4567 8901 2345 6789 0123 4567 8963");
  const before = toHex(receipt.auditKey());
  receipt.wipe();
  assert.notEqual(toHex(receipt.auditKey()), before);
});

test("a message opens with its receipt alone, and no length but a whole number of steps is taken", async () => {
  const [mine, other] = [Receipt.draw(random), Receipt.draw(random)];
  for (const message of ["", "请补充照片。", "长".repeat(5000)]) {
    const sealed = await sealMessage(message, mine.mailboxRecipient(), random);
    assert.equal(Buffer.from(sealed, "base64").length % 4096, 0);
    assert.equal(await openMessage(sealed, mine.mailboxIdentity()), message);
    assert.equal(await openMessage(sealed, other.mailboxIdentity()), undefined);
  }
  assert.equal(await openMessage("AAAA", mine.mailboxIdentity()), undefined);
});

test("a claim fits its award and its receipt alone", () => {
  const receipt = Receipt.draw(random);
  const [award, another] = [random(32), random(32)];
  const claim = signClaim(receipt, award);
  assert.ok(claimFits(receipt.claimKey(), award, claim));
  assert.ok(!claimFits(receipt.claimKey(), another, claim));
  assert.ok(!claimFits(Receipt.draw(random).claimKey(), award, claim));
});
