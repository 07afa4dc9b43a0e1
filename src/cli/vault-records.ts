import type { Client } from '#sdk/client.ts';
import { CommandFailure } from './command-error.ts';

type Query = NonNullable<Parameters<Client['listQuarantine']>[0]>;
export type VaultRecord = Awaited<ReturnType<Client['listQuarantine']>>['items'][number];

const pageSize = 1_000;

/** Every record that a query finds, however many pages that takes. */
export async function vaultRecords(client: Client, query: Omit<Query, 'offset' | 'limit'>): Promise<VaultRecord[]> {
  const first = await client.listQuarantine({ ...query, limit: pageSize });
  const records = [...first.items];
  while (records.length < first.total) {
    const { items } = await client.listQuarantine({ ...query, offset: records.length, limit: pageSize });
    if (items.length === 0) {
      break;
    }
    records.push(...items);
  }
  return records;
}

/** @throws CommandFailure when no vault has, or had, such an object. */
export async function vaultRecord(client: Client, vaultObject: string): Promise<VaultRecord> {
  const { items } = await client.listQuarantine({ vaultObject: [vaultObject] });
  if (items[0] === undefined) {
    throw new CommandFailure(`No vault has held an object ${vaultObject}.`);
  }
  return items[0];
}
