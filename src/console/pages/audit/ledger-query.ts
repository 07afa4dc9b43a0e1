import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { ApiError } from '#sdk/api-error.ts';
import { client } from '../../app/client.ts';
import { now } from '../../kit/clock.ts';
import { checkSignature, readCheckpoint } from './checkpoint.ts';
import { isContinued } from './merkle.ts';

const place = 'custody.ledger.seen';

const seenSchema = z.object({
  origin: z.string(),
  verifierKey: z.string(),
  size: z.int(),
  root: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
});

/** What this browser saw of the record when it last looked. */
type Seen = z.infer<typeof seenSchema>;

/**
 * How the record stands to what this browser has seen of it: `first`: it has not looked before; `grown`: all that it saw is still there;
 * `changed`: it is not, and somebody has changed what was on record; `other`: it is a record with another name or key.
 */
export type Growth = 'first' | 'grown' | 'changed' | 'other';

function readSeen(): Seen | undefined {
  const kept = localStorage.getItem(place);
  if (kept === null) {
    return undefined;
  }
  try {
    return seenSchema.safeParse(JSON.parse(kept)).data;
  } catch {
    return undefined;
  }
}

/** The record's newest checkpoint, checked here against its key and against what this browser remembers. */
export const ledgerQuery = queryOptions({
  queryKey: ['events', 'ledger'],
  async queryFn() {
    const seen = readSeen();
    const { ledger, isShrunk } = await readFrom(seen?.size);
    const head = readCheckpoint(ledger.checkpoint);
    const signature = await checkSignature(head, ledger.verifierKey);
    const isSame = seen?.origin === ledger.origin && seen.verifierKey === ledger.verifierKey;
    const growth = await growthOf(seen, isSame, async (before) => {
      return !isShrunk && (await isContinued(ledger.consistency ?? [], before, head));
    });
    if (signature !== 'wrong' && (growth === 'first' || growth === 'grown')) {
      const { origin, verifierKey } = ledger;
      localStorage.setItem(place, JSON.stringify({ origin, verifierKey, size: head.size, root: head.root, at: now() }));
    }
    return { ...ledger, signature, growth, seen };
  },
});

async function growthOf(
  seen: Seen | undefined,
  isSame: boolean,
  isContinuation: (seen: Seen) => Promise<boolean>,
): Promise<Growth> {
  if (seen === undefined) {
    return 'first';
  }
  if (!isSame) {
    return 'other';
  }
  return (await isContinuation(seen)) ? 'grown' : 'changed';
}

/** A record that has fewer events than were seen cannot be asked for a proof from there. */
async function readFrom(size: number | undefined) {
  try {
    return { ledger: await client.readLedger(size === undefined ? {} : { from: size }), isShrunk: false };
  } catch (failure) {
    if (failure instanceof ApiError && failure.code === 'invalid_request') {
      return { ledger: await client.readLedger(), isShrunk: true };
    }
    throw failure;
  }
}

/** Has this browser begin anew with the record as it is now. */
export function forgetSeen(): void {
  localStorage.removeItem(place);
}
