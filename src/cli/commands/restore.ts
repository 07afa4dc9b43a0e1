import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface RestoreOptions extends ServerOptions, WaitOptions {
  readonly sha256?: string;
  readonly path?: string;
  readonly endpoint?: string;
  readonly incident?: string;
}

/** One action to start. */
interface Order {
  readonly sha256: string;
  readonly endpointId?: string | undefined;
}

const pageSize = 1_000;

/** `restore`. */
export function addRestoreCommand(program: Command, context: Context): void {
  const command = program
    .command('restore')
    .description('put a quarantined file back, with bytes, mode, owner and time; overwrites nothing')
    .option('--sha256 <HASH>', 'its SHA-256: every copy, on every endpoint that holds one')
    .option('--path <PATH>', 'where it was; every copy with the same hash on that endpoint comes back')
    .option('--endpoint <ID>', 'only on this endpoint')
    .option('--incident <ID>', 'incident to keep with the action');
  mayWait(speaksToServer(command)).action((options: RestoreOptions) =>
    withClient(context, options, async (client) => {
      const orders = await ordersFor(client, options);
      const ids: string[] = [];
      for (const order of orders) {
        const started = await client.restoreFile({ ...order, incidentId: options.incident });
        ids.push(started.id);
      }
      await showActions(context, { client, ids }, options);
    }),
  );
}

async function ordersFor(client: Client, options: RestoreOptions): Promise<readonly Order[]> {
  const { sha256, path, endpoint: endpointId } = options;
  if ((sha256 === undefined) === (path === undefined)) {
    throw new UsageError('restore takes --sha256 or --path.');
  }
  if (sha256 !== undefined) {
    return [{ sha256, endpointId }];
  }
  const held = await recordsOf(client, options, 'held');
  const records = held.length > 0 ? held : await recordsOf(client, options, 'restored');
  if (records.length === 0) {
    throw new CommandFailure(`No endpoint has quarantined ${path}.`);
  }
  const orders = records.map((record) => [`${record.sha256} ${record.endpointId}`, record] as const);
  return [...new Map(orders).values()].map((record) => ({ sha256: record.sha256, endpointId: record.endpointId }));
}

async function recordsOf(client: Client, { path, endpoint }: RestoreOptions, state: 'held' | 'restored') {
  const query = { state: [state], limit: pageSize, ...(endpoint !== undefined && { endpointId: [endpoint] }) };
  const first = await client.listQuarantine(query);
  const records = [...first.items];
  while (records.length < first.total) {
    const { items } = await client.listQuarantine({ ...query, offset: records.length });
    if (items.length === 0) {
      break;
    }
    records.push(...items);
  }
  return records.filter((record) => record.path === path);
}
