import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import type { Context } from '../context.ts';
import { tellHeld } from '../held-actions.ts';
import { vaultRecord, vaultRecords } from '../vault-records.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface PurgeOptions extends ServerOptions, WaitOptions, ConfirmOptions {
  readonly sha256?: string;
  readonly object?: string;
  readonly endpoint?: readonly string[];
  readonly everywhere?: boolean;
  readonly incident?: string;
  readonly reason?: string;
}

type Order = Omit<Parameters<Client['purgeVault']>[0], 'incidentId' | 'reason'>;

/** `vault purge`. */
export function addVaultPurgeCommand(vault: Command, context: Context): void {
  const command = vault
    .command('purge')
    .description('delete quarantined files for good')
    .option('--sha256 <HASH>', 'every copy with this SHA-256, on the endpoints that are named')
    .option('--object <ID>', 'only this vault object, as `vault list` shows it')
    .option('--endpoint <ID...>', 'out of the vaults of these endpoints')
    .option('--everywhere', 'out of every vault that holds a copy')
    .option(...yesOption)
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: PurgeOptions) =>
    withClient(context, options, async (client) => {
      const order = await orderFor(client, options);
      if (options.object === undefined) {
        const count = order.endpointIds.length;
        const vaults = count === 1 ? 'the vault of 1 endpoint' : `the vaults of ${count} endpoints`;
        await confirm(context, options, `Every copy of this file is deleted from ${vaults}, for good.`);
      }
      const { incident: incidentId, reason } = options;
      const started = await client.purgeVault({ ...order, incidentId, reason });
      await tellHeld(context, client, [started]);
      await showActions(context, { client, ids: [started.id] }, options);
    }),
  );
}

async function orderFor(client: Client, options: PurgeOptions): Promise<Order> {
  const { sha256, object, endpoint = [], everywhere = false } = options;
  if ((sha256 === undefined) === (object === undefined)) {
    throw new UsageError('vault purge takes --sha256 or --object.');
  }
  if (object !== undefined) {
    const record = await vaultRecord(client, object);
    const endpointIds = endpoint.length > 0 ? [...endpoint] : [record.endpointId];
    return { sha256: record.sha256, endpointIds, vaultObject: object };
  }
  if (sha256 === undefined || endpoint.length > 0 === everywhere) {
    throw new UsageError(
      'vault purge by hash takes --endpoint or --everywhere: what is purged cannot be brought back.',
    );
  }
  return { sha256, endpointIds: everywhere ? await holdersOf(client, sha256) : [...endpoint] };
}

async function holdersOf(client: Client, sha256: string): Promise<string[]> {
  const held = await vaultRecords(client, { sha256: [sha256], state: ['held', 'lost'] });
  if (held.length === 0) {
    throw new CommandFailure('No vault holds a file with this SHA-256.');
  }
  return [...new Set(held.map((record) => record.endpointId))];
}
