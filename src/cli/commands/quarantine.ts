import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import type { Context } from '../context.ts';
import { type StartedAction, tellHeld } from '../held-actions.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface QuarantineOptions extends ServerOptions, WaitOptions, ConfirmOptions {
  readonly anyContent?: boolean;
  readonly path?: string;
  readonly sha256?: string;
  readonly endpoint?: readonly string[];
  readonly all?: boolean;
  readonly everywhere?: boolean;
  readonly overrideProtection?: boolean;
  readonly incident?: string;
  readonly reason?: string;
}

/** One action to start. */
interface Order {
  readonly endpointIds: string[];
  readonly sha256: string | null;
}

/** The most that one search returns; a quarantine of more files than this is no slip of the finger any more. */
const mostFiles = 1_000;

/** `quarantine`. */
export function addQuarantineCommand(program: Command, context: Context): void {
  const command = program
    .command('quarantine')
    .description('take files out of reach on endpoints; their bytes are kept in the vaults')
    .option('--path <PATH>', 'path of the file; without it, every copy with the hash')
    .option('--sha256 <HASH>', 'its SHA-256; without it, what the endpoints reported for that path')
    .option('--endpoint <ID...>', 'on these endpoints')
    .option('--all', 'on every endpoint that reported such a file, with --path')
    .option('--everywhere', 'on every endpoint that reported a file with the hash, with --sha256 alone')
    .option('--any-content', 'whichever file stands at --path on --endpoint now, reported or not')
    .option(...yesOption)
    .option('--override-protection', 'take files that agents protect, too')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: QuarantineOptions) =>
    withClient(context, options, async (client) => {
      const { path = null, overrideProtection = false, incident: incidentId, reason } = options;
      const started: StartedAction[] = [];
      const orders = await ordersFor(client, options);
      const count = new Set(orders.flatMap(({ endpointIds }) => endpointIds)).size;
      if (count > 1 && (options.all === true || options.everywhere === true)) {
        await confirm(context, options, `Files are taken into the vaults of ${count} endpoints.`);
      }
      for (const order of orders) {
        started.push(await client.quarantineFile({ ...order, path, overrideProtection, incidentId, reason }));
      }
      await tellHeld(context, client, started);
      await showActions(context, { client, ids: started.map(({ id }) => id) }, options);
    }),
  );
}

type Condition = NonNullable<Parameters<Client['findFiles']>[0]['conditions']>[number];

function ordersFor(client: Client, options: QuarantineOptions): Promise<readonly Order[]> {
  const { path, everywhere = false, all = false, anyContent = false } = options;
  if (anyContent && path === undefined) {
    throw new UsageError('--any-content goes with --path and --endpoint.');
  }
  if (path === undefined ? all : everywhere) {
    throw new UsageError('--all goes with --path, and --everywhere with --sha256 alone.');
  }
  return path === undefined ? ordersByHash(client, options) : ordersByPath(client, { ...options, path });
}

async function ordersByHash(client: Client, options: QuarantineOptions): Promise<readonly Order[]> {
  const { sha256, endpoint = [], everywhere = false } = options;
  if (sha256 === undefined) {
    throw new UsageError('quarantine takes --path, --sha256 or both.');
  }
  if (endpoint.length > 0 === everywhere) {
    throw new UsageError('quarantine by hash takes --endpoint or --everywhere.');
  }
  if (!everywhere) {
    return [{ endpointIds: [...endpoint], sha256 }];
  }
  const { items, total } = await client.findFiles({
    conditions: [{ field: 'sha256', values: [sha256] }],
    states: ['present'],
    limit: mostFiles,
  });
  if (items.length === 0) {
    throw new CommandFailure(`No endpoint has reported a file with the SHA-256 ${sha256} that is there now.`);
  }
  if (items.length < total) {
    throw new UsageError(`${total} files have this SHA-256: name their endpoints with --endpoint.`);
  }
  return [{ endpointIds: [...new Set(items.map((file) => file.endpointId))], sha256 }];
}

async function ordersByPath(
  client: Client,
  options: QuarantineOptions & { readonly path: string },
): Promise<readonly Order[]> {
  const { endpoint = [], sha256, path, all = false, anyContent = false } = options;
  if (anyContent) {
    if (endpoint.length === 0 || sha256 !== undefined) {
      throw new UsageError('--any-content goes with --path and --endpoint, and without --sha256.');
    }
    return [{ endpointIds: [...endpoint], sha256: null }];
  }
  if (endpoint.length > 0 && sha256 !== undefined) {
    return [{ endpointIds: [...endpoint], sha256 }];
  }
  const conditions = conditionsOf(options);
  const { items, total } = await client.findFiles({ conditions, states: ['present'], limit: mostFiles });
  if (items.length === 0) {
    throw new CommandFailure(`No endpoint has reported a file ${path} that is there now.`);
  }
  if (items.length < total || (items.length > 1 && endpoint.length === 0 && !all)) {
    throw new UsageError(`${total} endpoints have reported ${path}: name them with --endpoint, or give --all.`);
  }
  const byHash = Map.groupBy(items, (file) => file.sha256);
  return [...byHash].map(([hash, files]) => ({ sha256: hash, endpointIds: files.map((file) => file.endpointId) }));
}

function conditionsOf({ path, sha256, endpoint = [] }: QuarantineOptions & { readonly path: string }): Condition[] {
  const conditions: Condition[] = [{ field: 'path', values: [path] }];
  if (sha256 !== undefined) {
    conditions.push({ field: 'sha256', values: [sha256] });
  }
  if (endpoint.length > 0) {
    conditions.push({ field: 'endpointId', values: [...endpoint] });
  }
  return conditions;
}
