import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { occupiedOption, occupiedPolicyOf } from '../occupied-option.ts';
import { type VaultRecord, vaultRecord, vaultRecords } from '../vault-records.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface RestoreOptions extends ServerOptions, WaitOptions {
  readonly sha256?: string;
  readonly path?: string;
  readonly object?: string;
  readonly endpoint?: string;
  readonly to?: string;
  readonly ifOccupied: string;
  readonly incident?: string;
  readonly reason?: string;
  readonly allow?: boolean;
}

/** One action to start. */
interface Order {
  readonly sha256: string;
  readonly endpointId?: string | undefined;
  readonly vaultObject?: string | undefined;
}

/** `restore`. */
export function addRestoreCommand(program: Command, context: Context): void {
  const command = program
    .command('restore')
    .description('put quarantined files back, with bytes, mode, owner and time; overwrites nothing')
    .option('--sha256 <HASH>', 'its SHA-256: every copy, on every endpoint that holds one')
    .option('--path <PATH>', 'where it was; every copy with the same hash on that endpoint comes back')
    .option('--object <ID>', 'only this vault object, as `vault list` shows it')
    .option('--endpoint <ID>', 'only on this endpoint')
    .option('--to <PATH>', 'to this path instead of where it was; takes one copy of one endpoint')
    .addOption(occupiedOption())
    .option('--allow', 'put the hash on the allow list, where it is blocked')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: RestoreOptions) =>
    withClient(context, options, async (client) => {
      const { to, incident: incidentId, reason, allow = false } = options;
      const ifOccupied = occupiedPolicyOf(options);
      const ids: string[] = [];
      for (const order of await ordersFor(client, options)) {
        ids.push((await client.restoreFile({ ...order, to, ifOccupied, allow, incidentId, reason })).id);
      }
      await showActions(context, { client, ids }, options);
    }),
  );
}

async function ordersFor(client: Client, options: RestoreOptions): Promise<readonly Order[]> {
  const { sha256, path, object, endpoint: endpointId } = options;
  if ([sha256, path, object].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('restore takes --sha256, --path or --object.');
  }
  if (object !== undefined) {
    const record = await vaultRecord(client, object);
    return [{ sha256: record.sha256, endpointId: endpointId ?? record.endpointId, vaultObject: object }];
  }
  if (sha256 !== undefined) {
    return [{ sha256, endpointId }];
  }
  const held = await recordsAt(client, options, 'held');
  const records = held.length > 0 ? held : await recordsAt(client, options, 'restored');
  if (records.length === 0) {
    throw new CommandFailure(`No endpoint has quarantined ${path}.`);
  }
  const orders = records.map((record) => [`${record.sha256} ${record.endpointId}`, record] as const);
  return [...new Map(orders).values()].map((record) => ({ sha256: record.sha256, endpointId: record.endpointId }));
}

async function recordsAt(
  client: Client,
  { path, endpoint }: RestoreOptions,
  state: 'held' | 'restored',
): Promise<readonly VaultRecord[]> {
  const query = { state: [state], ...(endpoint !== undefined && { endpointId: [endpoint] }) };
  return (await vaultRecords(client, query)).filter((record) => record.path === path);
}
