import { ApiError } from '#sdk/api-error.ts';
import type { Client } from '#sdk/client.ts';
import { now } from '../kit/clock.ts';
import type { File } from '../words/files.ts';
import { client } from './client.ts';

export interface FileOnHost extends File {
  /** Null where it is not known, or not to be seen. */
  readonly hostName: string | null;
}

/** Files with the names of the machines that they are on, which the server keeps apart. */
export async function findFilesWithHosts(body: Parameters<Client['findFiles']>[0], ask: Client) {
  const { items, total } = await ask.findFiles(body);
  const hosts = await hostNames([...new Set(items.map(({ endpointId }) => endpointId))], ask);
  return {
    total,
    items: items.map((file): FileOnHost => ({ ...file, hostName: hosts.get(file.endpointId) ?? null })),
  };
}

/** Machines are seldom called otherwise, and a long list names the same ones page after page. */
const knownFor = 60_000;
let known = new Map<string, { readonly hostName: string; readonly until: number }>();

/** Whoever comes next may see others. */
export function forgetHostNames(): void {
  known = new Map();
}

/** Of those that this person may see. */
export async function hostNames(ids: readonly string[], ask: Client = client): Promise<ReadonlyMap<string, string>> {
  // An answer that comes after they were forgotten is kept with those that were.
  const names = known;
  const unknown = ids.filter((id) => (names.get(id)?.until ?? 0) < now());
  if (unknown.length > 0) {
    for (const { id, hostName } of await endpointsOf(unknown, ask)) {
      names.set(id, { hostName, until: now() + knownFor });
    }
  }
  return new Map(
    ids.flatMap((id) => {
      const host = names.get(id);
      return host === undefined ? [] : [[id, host.hostName] as const];
    }),
  );
}

async function endpointsOf(ids: readonly string[], ask: Client) {
  try {
    return (await ask.listEndpoints({ id: [...ids], limit: 1_000 })).items;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 403) {
      return [];
    }
    throw failure;
  }
}
