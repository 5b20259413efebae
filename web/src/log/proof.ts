// That an entry was published: entry, audit path, checkpoint, and that the checkpoint continues the last one its
// reader saw. As src/log/proof.rs.

import { within } from "../holders/refusals.ts";
import * as shape from "../holders/shape.ts";
import { type LogKey, Signed } from "./checkpoint.ts";
import { face } from "./leaf.ts";
import { refused } from "./refusals.ts";
import { type Hash, type Root, leafHash, readHash, verifyConsistency, verifyInclusion } from "./tree.ts";

/** What a reader remembers of a log: the largest tree it has checked. */
export type Seen = Root;

const hash: shape.Shape<Hash> = shape.text((text) => readHash(text));

/** The proof as it travels: nothing in it is believed before {@link verifyProof}. */
export const proof = shape.object({
  version: shape.u16,
  entry: shape.bytes,
  index: shape.u64,
  path: shape.list(hash),
  checkpoint: shape.string,
  consistency: shape.list(shape.object({ older: shape.u64, path: shape.list(hash) })),
});
export type Proof = shape.Of<typeof proof>;

/** An entry that stands in the log. Only {@link Published.verify} makes one. */
export class Published {
  private constructor(
    readonly entry: Uint8Array,
    readonly index: bigint,
    readonly signed: Signed,
  ) {}

  /**
   * Checks everything against the pinned key and what was seen before. The caller then remembers
   * {@link Published.seen}, before acting on it.
   */
  static verify(proof: Proof, log: LogKey, last: Seen | null): Published {
    const { entry } = proof;
    within("entry", () => face(entry));
    const signed = within("checkpoint", () => Signed.open(log, proof.checkpoint));
    if (last) continues(proof, last, signed.checkpoint);
    verifyInclusion(leafHash(entry), proof.index, signed.checkpoint, proof.path);
    return new Published(entry, proof.index, signed);
  }

  /** What to remember. */
  seen(): Seen {
    const { size, root } = this.signed.checkpoint;
    return { size, root };
  }
}

function continues(proof: Proof, last: Seen, now: Root): void {
  if (now.size < last.size) throw refused("proof-older", { size: now.size, seen: last.size });
  const found = proof.consistency.find((each) => each.older === last.size);
  if (!found && last.size === 0n) return;
  if (!found && last.size !== now.size) throw refused("proof-reach", { seen: last.size });
  verifyConsistency(last, now, found?.path ?? []);
}
