import { isInForce } from '#core/list/judge.ts';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { csvRow } from '../csv.ts';
import { reputationWords } from '../reputation.ts';

const header = 'key,reputation,prevent execution,comment,remove\n';
const hashesPerRead = 10_000;
const rowsPerPart = 500;

/** `GET /rest/classification/download`: what is blocked and allowed now, as CSV, newest first. */
export const downloadReputations: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/classification/download'],
  access: { permission: 'lists.read', licence: [] },
  async run({ ports }) {
    const hashes = await listedNow(ports);
    const parts = partsOf(ports, hashes);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await parts.next();
        return done === true ? controller.close() : controller.enqueue(encoder.encode(value));
      },
    });
    return new Response(body, {
      headers: {
        'content-type': 'text/csv',
        'content-disposition': 'attachment; filename="reputations.csv"',
        'content-security-policy': "sandbox; default-src 'none'",
        'cross-origin-resource-policy': 'same-origin',
      },
    });
  },
};

/** The hashes alone, of one moment: comments are read when they are sent, so that no download holds them all. */
async function listedNow({ store, clock }: Pick<Ports, 'store' | 'clock'>): Promise<readonly string[]> {
  return await store.read(
    async ({ hashLists }) => {
      const found: string[] = [];
      for (;;) {
        const page = { offset: found.length, limit: hashesPerRead };
        const { items, total } = await hashLists.list({ at: clock.now() }, page);
        found.push(...items.map(({ hash }) => hash));
        if (items.length === 0 || found.length >= total) {
          return found;
        }
      }
    },
    { search: true },
  );
}

async function* partsOf(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  hashes: readonly string[],
): AsyncGenerator<string> {
  yield header;
  for (let from = 0; from < hashes.length; from += rowsPerPart) {
    const named = hashes.slice(from, from + rowsPerPart);
    const entries = await store.read(({ hashLists }) => hashLists.byHashes(named));
    const known = new Map(entries.map((entry) => [entry.hash, entry]));
    const rows = named.flatMap((hash) => known.get(hash) ?? []).filter((entry) => isInForce(entry, clock.now()));
    yield rows.map(rowOf).join('');
  }
}

function rowOf(entry: ListedHash): string {
  return csvRow([entry.hash, reputationWords[entry.list], String(entry.prevent), entry.comment, 'false']);
}
