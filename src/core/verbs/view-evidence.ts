import type { Principal } from '../access/principal.ts';
import type { Ports } from '../ports/ports.ts';
import { deliveredFacts, openEvidence } from './deliver-evidence.ts';
import type { FetchedFile } from './fetched-files.ts';

export interface View {
  readonly principal: Principal;
  readonly remoteAddress: string;
  readonly reason?: string | undefined;
  /** In bytes. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A few bytes of a fetched file, for people to look at where nothing can run them. Whoever looked at what, and why, is recorded before they see
 * it (promise P60). Beyond the file's end there are none.
 * @throws Fault as `openEvidence`
 */
export async function viewEvidence(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'log'>,
  file: FetchedFile,
  view: View,
): Promise<Uint8Array> {
  const { principal, remoteAddress, reason, offset, length } = view;
  const bytes = await bytesOf(await openEvidence(ports, file), { offset, length });
  await ports.store.transact(({ events }) =>
    events.append([
      {
        type: 'evidence_viewed',
        at: ports.clock.now(),
        actor: { kind: principal.kind, id: principal.id, name: principal.name },
        actionId: file.action.id,
        facts: { remoteAddress, reason: reason ?? null, files: [deliveredFacts(file)], offset, length: bytes.length },
      },
    ]),
  );
  return bytes;
}

async function bytesOf(
  content: ReadableStream<Uint8Array>,
  { offset, length }: Pick<View, 'offset' | 'length'>,
): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let at = 0;
  for await (const chunk of content) {
    // No part of a chunk, however small, that would keep the whole of it in memory for nothing.
    if (at + chunk.length > offset) {
      taken.push(chunk.subarray(Math.max(0, offset - at), offset + length - at));
    }
    at += chunk.length;
    if (at >= offset + length) {
      break;
    }
  }
  return new Uint8Array(Buffer.concat(taken));
}
