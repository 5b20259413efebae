// The voucher for the office's own books: what is paid and why, line for line as src/cli/office/voucher.rs writes it.

import type { Amount } from "./decision.ts";
import { percent, yuan } from "./money.ts";
import type { Person } from "./person.ts";
import type { AwardTerms } from "./terms.ts";

export interface Voucher {
  /** In the office's own books; by default case and award number. */
  number: string;
  /** 2026-11-26 */
  today: string;
  terms: AwardTerms;
  amount: Amount;
  /** `null`: without the person. */
  person: Person | null;
  /** The joint signatory who collects in the first one's place, by place from 0. */
  authorised: number | null;
}

export function voucherNumber(terms: AwardTerms): string {
  return `${terms.case}-${terms.award}`;
}

export function voucherText({ number, today, terms, amount, person, authorised }: Voucher): string {
  const { rule, steps, uplift } = amount;
  return [
    `举报奖励凭单 Reward voucher ${number}`,
    `日期 Date      ${today}`,
    `案件 Case      ${terms.case}（奖励 award ${terms.award}）`,
    `规定 Rule      ${rule.title.zh}（${rule.document}）`,
    ...steps.map((step, i) => `  ${i + 1}. ${step.text.zh}`),
    `基本 Base      ${yuan(amount.base_fen)} 元`,
    ...(uplift ? [`上浮 Uplift    ${yuan(uplift.fen)} 元（${percent(uplift.rate)}%）`] : []),
    `实付 To pay    ${yuan(amount.fen)} 元`,
    ...(person ? payee(person, authorised) : []),
    "领取人签名 Signature of the payee ____________",
    "",
  ].join("\n");
}

function payee({ name, id_number, payee, joint }: Person, authorised: number | null): string[] {
  const account =
    payee.kind === "account"
      ? [`户名 Holder    ${payee.holder}`, `银行 Bank      ${payee.bank}`, `账号 Account   ${payee.number}`]
      : [];
  const other = authorised === null ? undefined : joint[authorised];
  const collects = other
    ? [`领取人 Payee   ${other.name}`, `证件号 ID      ${other.id_number}`, `委托人 For     ${name}`]
    : [`领取人 Payee   ${name}`, `证件号 ID      ${id_number}`];
  return [...collects, ...account];
}
