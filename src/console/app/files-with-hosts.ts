import { ApiError } from '#sdk/api-error.ts';
import type { File } from '../words/files.ts';
import { client } from './client.ts';

export interface FileOnHost extends File {
  /** Null where it is not known, or not to be seen. */
  readonly hostName: string | null;
}

/** Files with the names of the machines that they are on, which the server keeps apart. */
export async function findFilesWithHosts(body: Parameters<typeof client.findFiles>[0]) {
  const { items, total } = await client.findFiles(body);
  const hosts = await hostNames([...new Set(items.map(({ endpointId }) => endpointId))]);
  return {
    total,
    items: items.map((file): FileOnHost => ({ ...file, hostName: hosts.get(file.endpointId) ?? null })),
  };
}

/** Of those that this person may see. */
export async function hostNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) {
    return new Map();
  }
  try {
    const { items } = await client.listEndpoints({ id: [...ids], limit: 1_000 });
    return new Map(items.map(({ id, hostName }) => [id, hostName]));
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 403) {
      return new Map();
    }
    throw failure;
  }
}
