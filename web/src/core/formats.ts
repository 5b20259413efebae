// Identifiers whose form can be judged, as `src/policy/formats.rs`.

import { allDigits, characters } from "./typed.ts";

/** A resident identity number (GB 11643): 17 digits and a check digit. */
export function isResidentId(text: string): boolean {
  if (characters(text) !== 18 || !/^[0-9]{17}[0-9Xx]$/.test(text)) return false;
  const number = (from: number, to: number) => Number(text.slice(from, to));
  if (!isDay(number(6, 10), number(10, 12), number(12, 14))) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((sum, weight, i) => sum + weight * number(i, i + 1), 0);
  return "10X98765432"[sum % 11] === text[17]!.toUpperCase();
}

/** A mobile number of the mainland: 11 digits, 13 to 19 in front. */
export function isMobile(text: string): boolean {
  return /^1[3-9][0-9]{9}$/.test(text);
}

/** A bank card number: 8 to 30 digits with a Luhn check digit. */
export function isBankCard(text: string): boolean {
  if (!allDigits(text) || text.length < 8 || text.length > 30) return false;
  const sum = [...text].reverse().reduce((sum, c, place) => {
    const digit = Number(c) * (place % 2 === 0 ? 1 : 2);
    return sum + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return sum % 10 === 0;
}

const CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** A unified social credit code (GB 32100): 17 characters and a check character. */
export function isCreditCode(text: string): boolean {
  const values = [...text.toUpperCase()].map((c) => CREDIT.indexOf(c));
  if (values.length !== 18 || values.includes(-1)) return false;
  let weight = 1;
  let sum = 0;
  for (const value of values.slice(0, 17)) {
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return values[17] === (31 - (sum % 31)) % 31;
}

/** From 1800 on; no `Date`, which moves days by time zone and counts years below 100 from 1900. */
function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1800 && days !== undefined && day >= 1 && day <= days;
}
