import { createHash } from 'node:crypto';
import { mostRows, type ReportFacts } from '../bundle/custody-report.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { EventFilter } from '../ports/store/events.ts';
import { minute } from '../time.ts';

const pageSize = 1_000;

/** A bundle may be about most of the ledger, and nobody's log-in waits for it. */
export const bundleReading = { deadline: 5 * minute, search: true } as const;

export interface BundleRecord {
  readonly sequences: readonly number[];
  /** Of all lines, with their breaks. */
  readonly size: number;
  readonly sha256: Sha256;
  readonly first: ReportFacts['events'];
}

/** Goes through the events once, to know what will be written when they are gone through again: they do not change. */
export async function readBundleRecord(ports: Pick<Ports, 'store'>, filter: EventFilter): Promise<BundleRecord> {
  const hash = createHash('sha256');
  const sequences: number[] = [];
  let size = 0;
  for await (const page of eventPages(ports, filter)) {
    for (const { sequence, line } of page) {
      sequences.push(sequence);
      hash.update(line);
      size += line.length;
    }
  }
  const first = await ports.store.read(({ events }) => events.list(filter, 0, mostRows), bundleReading);
  return { sequences, size, sha256: hash.digest('hex') as Sha256, first };
}

interface EventLine {
  readonly sequence: number;
  readonly line: Uint8Array;
}

async function* eventPages({ store }: Pick<Ports, 'store'>, filter: EventFilter): AsyncGenerator<readonly EventLine[]> {
  for (let after = 0; ; ) {
    const from = after;
    const leaves = await store.read(({ ledger }) => ledger.leavesOf(filter, from, pageSize), bundleReading);
    yield leaves.map(({ sequence, bytes }) => ({ sequence, line: Buffer.concat([bytes, lineBreak]) }));
    const last = leaves.at(-1);
    if (last === undefined || leaves.length < pageSize) {
      return;
    }
    after = last.sequence;
  }
}

const lineBreak = Uint8Array.of(0x0a);

/** The same lines again, without holding them. */
export function recordLines(ports: Pick<Ports, 'store'>, filter: EventFilter): ReadableStream<Uint8Array> {
  const pages = eventPages(ports, filter);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pages.next();
      if (done === true) {
        controller.close();
        return;
      }
      controller.enqueue(Buffer.concat(value.map(({ line }) => line)));
    },
    cancel: async () => {
      await pages.return(undefined);
    },
  });
}
