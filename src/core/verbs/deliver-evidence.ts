import type { Principal } from '../access/principal.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import { demandBlobs } from './demand-evidence-storage.ts';
import type { FetchedFile } from './fetched-files.ts';
import { lossOf } from './lost-evidence.ts';
import { type FoundDamage, recordDamage } from './record-damage.ts';

export interface Delivery {
  readonly principal: Principal;
  readonly remoteAddress: string;
  /** Why they are taken, in the words of whoever does. */
  readonly reason?: string | undefined;
  /** Only files whose outcome is `done`. */
  readonly files: readonly FetchedFile[];
}

/**
 * The bytes of one fetched file. Damage that is found while they are read ends the stream before what is damaged, and is recorded.
 * @throws Fault `not_found`, `evidence_unavailable`, `evidence_deleted`, `evidence_damaged`
 */
export async function openEvidence(
  ports: Pick<Ports, 'blobs' | 'store' | 'clock' | 'log'>,
  file: FetchedFile,
): Promise<ReadableStream<Uint8Array>> {
  const { action, task, ordinal } = file;
  return openStored(ports, { sha256: demandBytes(file), found: { action, task, ordinal } });
}

/**
 * Stored bytes by their hash. Damage that is found while they are read ends the stream before what is damaged, and is recorded.
 * @throws Fault `not_found`, `evidence_unavailable`
 */
export async function openStored(
  ports: Pick<Ports, 'blobs' | 'store' | 'clock' | 'log'>,
  wanted: FoundDamage,
): Promise<ReadableStream<Uint8Array>> {
  return noticingDamage(ports, wanted, await demandBlobs(ports).read(wanted.sha256));
}

/**
 * Before the first byte of several files, so that what cannot be had is an error and not half an archive.
 * @throws Fault as `openEvidence`, `evidence_unavailable` for what storage does not hold now
 */
export async function demandEvidence(ports: Pick<Ports, 'blobs'>, files: readonly FetchedFile[]): Promise<void> {
  const blobs = demandBlobs(ports);
  for (const file of files) {
    const sha256 = demandBytes(file);
    if ((await blobs.size(sha256)) === undefined) {
      throw new Fault('evidence_unavailable', `Evidence storage does not hold ${sha256} (${file.name}) now.`);
    }
  }
}

function demandBytes({ outcome, evidence }: FetchedFile): Sha256 {
  if (outcome?.outcome !== 'done' || outcome.sha256 === null) {
    throw new Fault('not_found', 'This file was not fetched.', { details: { what: 'evidence' } });
  }
  const loss = evidence && lossOf(evidence);
  if (loss !== undefined) {
    throw loss;
  }
  return outcome.sha256;
}

function noticingDamage(
  ports: Pick<Ports, 'store' | 'clock' | 'log'>,
  wanted: FoundDamage,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
          } else {
            controller.enqueue(value);
          }
        } catch (thrown) {
          if (thrown instanceof Fault && thrown.code === 'evidence_damaged') {
            await recordDamage(ports, wanted);
          }
          throw thrown;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * Passes a stream on. Before its first byte it records who takes which files, for bytes that are given out are not taken back however the
 * stream ends; and once its last byte was taken by the client's side, that they have them (P60). After a stream that breaks off the files
 * stay on the list.
 */
export function delivering(
  ports: Pick<Ports, 'store' | 'clock' | 'log'>,
  delivery: Delivery,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let isBegun = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (!isBegun) {
          isBegun = true;
          await ports.store.transact(({ events }) => events.append(eventsOf(ports, delivery, 'evidence_opened')));
        }
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        await recordDelivery(ports, delivery);
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    // Nothing is read ahead, so that a body which nobody reads opens no file.
    { highWaterMark: 0 },
  );
}

async function recordDelivery(ports: Pick<Ports, 'store' | 'clock'>, delivery: Delivery): Promise<void> {
  const at = ports.clock.now();
  await ports.store.transact(async ({ outcomes, events }) => {
    for (const [taskId, group] of Map.groupBy(delivery.files, (file) => file.task.id)) {
      const ordinals = group.map((file) => file.ordinal);
      await outcomes.markDelivered(taskId, ordinals, at);
    }
    await events.append(eventsOf(ports, delivery, 'evidence_delivered'));
  });
}

function eventsOf(
  { clock }: Pick<Ports, 'clock'>,
  { principal, remoteAddress, reason, files }: Delivery,
  type: 'evidence_opened' | 'evidence_delivered',
): readonly NewEvent[] {
  const actor = { kind: principal.kind, id: principal.id, name: principal.name };
  return [...Map.groupBy(files, (file) => file.action.id)].map(([actionId, group]) => ({
    ...{ type, at: clock.now(), actor, actionId },
    facts: { remoteAddress, reason: reason ?? null, files: group.map(deliveredFacts) },
  }));
}

/** Which file it was, for the record. */
export function deliveredFacts(file: FetchedFile): Json {
  return {
    endpointId: file.task.endpointId,
    name: file.name,
    sha256: file.outcome?.sha256 ?? null,
    size: file.outcome?.size ?? null,
  };
}
