import { renameSync, writeFileSync } from 'node:fs';
import type { Chance } from '#kit/chance.ts';
import { sha256 } from '#kit/disk.ts';
import { ApiError } from '#sdk/api-error.ts';
import type { Diary, Fleet } from './fleet.ts';

/** What became of an order that was given: its action's id; or refused; or nobody knows, because no answer came. */
export type Given = { readonly id: string } | 'refused' | 'unanswered';

const kinds = ['quarantine', 'quarantine everywhere', 'restore', 'restore everywhere', 'fetch', 'fetch'] as const;
/** Bytes of a diary: one request, and more than the 8 MiB that one takes. */
const pages = [300_000, 300_000, 300_000, 9_000_000];

/** @returns what gives it, as often as the SDK tries: with one Idempotency-Key, so that it is carried out once at most. */
export function drawOrder({ server: { client }, agents, pawns, diaries }: Fleet, chance: Chance): () => Promise<Given> {
  const { agent, path, sha256: hash } = chance.one(pawns);
  const kind = chance.one(kinds);
  switch (kind) {
    case 'quarantine':
      return () => settled(client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash }));
    case 'quarantine everywhere':
      return () =>
        settled(client.quarantineFile({ endpointIds: agents.map(({ id }) => id), path: null, sha256: hash }));
    case 'restore':
      return () => settled(client.restoreFile({ endpointId: agent.id, sha256: hash }));
    case 'restore everywhere':
      return () => settled(client.restoreFile({ sha256: hash }));
    case 'fetch': {
      const chosen = diaries.filter(() => chance.fraction() < 0.5);
      const written = chosen.length > 0 ? chosen : [chance.one(diaries)];
      const contents = written.map((diary) => ({ diary, size: chance.one(pages), fill: chance.whole(2 ** 30) }));
      return () => {
        for (const { diary, size, fill } of contents) {
          write(diary, Buffer.alloc(size, `${fill} `));
        }
        return settled(client.startFetch({ guids: written.map(({ guid }) => guid) }).then(({ action }) => action));
      };
    }
  }
}

/** In one step, so that whoever reads it reads one content. */
function write({ path, held }: Diary, bytes: Buffer): void {
  held.add(sha256(bytes));
  writeFileSync(`${path}.next`, bytes);
  renameSync(`${path}.next`, path);
}

async function settled(started: Promise<{ readonly id: string }>): Promise<Given> {
  try {
    return { id: (await started).id };
  } catch (thrown) {
    if (thrown instanceof ApiError) {
      return ['unreachable', 'unexpected_reply'].includes(thrown.code) ? 'unanswered' : refusedRightly(thrown);
    }
    throw thrown;
  }
}

/** Nothing to restore, or a store that is just being opened: nothing else explains a refusal. */
function refusedRightly(error: ApiError): 'refused' {
  if (!['no_target', 'unavailable', 'timeout'].includes(error.code)) {
    throw error;
  }
  return 'refused';
}
