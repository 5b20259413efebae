// The Merkle tree of RFC 6962, section 2.1: hashing, growing, checking. Sizes and places are `bigint`.

import { concat, fromPaddedBase64, same, toPaddedBase64 } from "../core/bytes.ts";
import { sha256 } from "../core/transcript.ts";
import { refused } from "./refusals.ts";

/** 32 bytes. */
export type Hash = Uint8Array;

/** Size and root of a tree. */
export interface Root {
  size: bigint;
  root: Hash;
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array());

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Hash {
  return sha256(concat(Uint8Array.of(0), entry));
}

/** The right edge of a tree: all that is needed to append to it and to know its root. */
export class Frontier {
  size = 0n;
  /** Roots of the complete subtrees, largest first: one for each set bit of `size`. */
  private peaks: Hash[] = [];

  append(entry: Uint8Array): void {
    let hash = leafHash(entry);
    for (let index = this.size; index & 1n; index >>= 1n) {
      const left = this.peaks.pop();
      if (left) hash = nodeHash(left, hash);
    }
    this.peaks.push(hash);
    this.size += 1n;
  }

  root(): Hash {
    const [last, ...rest] = [...this.peaks].reverse();
    return rest.reduce((right, left) => nodeHash(left, right), last ?? EMPTY_ROOT);
  }
}

/** Checks an audit path (RFC 9162, 2.1.3.2). */
export function verifyInclusion(leaf: Hash, index: bigint, { size, root }: Root, path: Hash[]): void {
  if (index < 0n || index >= size) throw refused("tree-range", { index, size });
  const walk = new Walk(index, size - 1n);
  let hash = leaf;
  for (const sibling of path) {
    if (walk.atTheTop()) throw refused("tree-not-included");
    hash = walk.joinsLeft() ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    walk.up();
  }
  if (!walk.atTheTop() || !same(hash, root)) throw refused("tree-not-included");
}

/** Checks a consistency proof (RFC 9162, 2.1.4.2). */
export function verifyConsistency(older: Root, newer: Root, proof: Hash[]): void {
  const rewritten = refused("tree-rewritten");
  if (older.size <= 0n || older.size > newer.size) {
    throw refused("tree-no-prefix", { older: older.size, newer: newer.size });
  }
  if (older.size === newer.size) {
    if (proof.length === 0 && same(older.root, newer.root)) return;
    throw rewritten;
  }
  const walk = new Walk(older.size - 1n, newer.size - 1n);
  while (walk.node & 1n) walk.step();
  // When the older tree is one complete subtree, its root opens the proof without being sent.
  const whole = (older.size & (older.size - 1n)) === 0n;
  const seed = whole ? older.root : proof[0];
  if (!seed) throw rewritten;
  let [old, fresh] = [seed, seed];
  for (const hash of whole ? proof : proof.slice(1)) {
    if (walk.atTheTop()) throw rewritten;
    if (walk.joinsLeft()) {
      old = nodeHash(hash, old);
      fresh = nodeHash(hash, fresh);
    } else {
      fresh = nodeHash(fresh, hash);
    }
    walk.up();
  }
  if (!walk.atTheTop() || !same(old, older.root) || !same(fresh, newer.root)) throw rewritten;
}

/** The way from a node up to the root, beside the last node of each level. */
class Walk {
  constructor(
    public node: bigint,
    private last: bigint,
  ) {}

  atTheTop(): boolean {
    return this.last === 0n;
  }
  joinsLeft(): boolean {
    return (this.node & 1n) === 1n || this.node === this.last;
  }
  step(): void {
    this.node >>= 1n;
    this.last >>= 1n;
  }
  up(): void {
    if (this.joinsLeft()) while ((this.node & 1n) === 0n && this.node !== 0n) this.step();
    this.step();
  }
}

/** A hash as checkpoints and proofs write it. */
export function readHash(text: string): Hash {
  let bytes: Uint8Array;
  try {
    bytes = fromPaddedBase64(text);
  } catch {
    throw refused("tree-no-hash");
  }
  if (bytes.length !== 32) throw refused("tree-no-hash");
  return bytes;
}

export function writeHash(hash: Hash): string {
  return toPaddedBase64(hash);
}

/** SHA-256(0x01 ‖ left ‖ right). */
function nodeHash(left: Hash, right: Hash): Hash {
  return sha256(concat(Uint8Array.of(1), left, right));
}
