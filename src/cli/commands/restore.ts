import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { occupiedOption, occupiedPolicyOf } from '../occupied-option.ts';
import { type VaultRecord, vaultRecord, vaultRecords } from '../vault-records.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addRestorePlanCommands } from './restore-plan.ts';

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
  readonly asToken?: boolean;
}

/** One action to start. */
interface Order {
  readonly sha256: string;
  readonly endpointId?: string | undefined;
  readonly vaultObject?: string | undefined;
}

/** `restore`, and what is below it. */
export function addRestoreCommand(program: Command, context: Context): void {
  const command = program
    .command('restore')
    .enablePositionalOptions()
    .description('put quarantined files back, with bytes, mode, owner and time; overwrites nothing')
    .option('--sha256 <HASH>', 'its SHA-256: every copy, on every endpoint that holds one')
    .option('--path <PATH>', 'where it was; every copy with the same hash on that endpoint comes back')
    .option('--object <ID>', 'only this vault object, as `vault list` shows it')
    .option('--endpoint <ID>', 'only on this endpoint')
    .option('--to <PATH>', 'to this path instead of where it was; takes one copy of one endpoint')
    .addOption(occupiedOption())
    .option('--allow', 'put the hash on the allow list, where it is blocked')
    .option('--as-token', 'print the signed order, for `custody agent restore` on a machine that no network reaches')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: RestoreOptions) =>
    withClient(context, options, async (client) => {
      const { to, incident: incidentId, reason, allow = false } = options;
      const more = { to, ifOccupied: occupiedPolicyOf(options), allow, incidentId, reason };
      const orders = await ordersFor(client, options);
      if (options.asToken === true) {
        await showToken(context, options, await client.issueRestoreToken({ ...tokenOrder(orders), ...more }));
        return;
      }
      const ids: string[] = [];
      for (const order of orders) {
        ids.push((await client.restoreFile({ ...order, ...more })).id);
      }
      await showActions(context, { client, ids }, options);
    }),
  );
  addRestorePlanCommands(command, context);
}

function tokenOrder(orders: readonly Order[]): Order & { readonly endpointId: string } {
  const [order, ...others] = orders;
  const endpointId = order?.endpointId;
  if (order === undefined || endpointId === undefined || others.length > 0) {
    throw new UsageError('A token is for one machine and one hash: name the machine with --endpoint.');
  }
  return { ...order, endpointId };
}

/** The token alone goes to standard output, so that it can be piped into a file or a code to photograph. */
async function showToken(
  context: Context,
  options: RestoreOptions,
  issued: Awaited<ReturnType<Client['issueRestoreToken']>>,
): Promise<void> {
  await show(context, options, { json: issued, text: `${issued.token}\n` });
  say(context, `It works once, on that machine alone, until ${issued.expiresAt}:`);
  say(context, `  custody agent restore --token TOKEN`);
  say(context, `Action ${issued.action.id} says how it ended once the machine has a connection again.`);
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
