import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import type { Context } from '../context.ts';
import { type StartedAction, tellHeld } from '../held-actions.ts';
import { previewSentence, showPreview } from '../quarantine-preview.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface QuarantineOptions extends ServerOptions, WaitOptions, ConfirmOptions {
  readonly anyContent?: boolean;
  readonly preview?: boolean;
  readonly search?: string;
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
  readonly endpointIds: string[] | 'holders';
  readonly sha256: string | null;
  readonly targetDigest?: string;
}

/** Orders, with what is asked before they are given; undefined: nothing. */
interface Plan {
  readonly orders: readonly Order[];
  readonly question?: string | undefined;
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
    .option('--preview', 'say what --everywhere would touch, and do nothing')
    .option('--search <ACTION>', 'with --preview: a live search for the hash, to say where it runs')
    .option('--any-content', 'whichever file stands at --path on --endpoint now, reported or not')
    .option(...yesOption)
    .option('--override-protection', 'take files that agents protect, too')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((options: QuarantineOptions) =>
    withClient(context, options, (client) =>
      options.preview === true ? preview(context, client, options) : quarantine(context, client, options),
    ),
  );
}

async function preview(context: Context, client: Client, options: QuarantineOptions): Promise<void> {
  const { sha256, path, endpoint = [], search: searchId } = options;
  if (sha256 === undefined || path !== undefined || endpoint.length > 0) {
    throw new UsageError('--preview goes with --sha256 alone.');
  }
  await showPreview(context, options, await client.previewQuarantine({ sha256, searchId }));
}

async function quarantine(context: Context, client: Client, options: QuarantineOptions): Promise<void> {
  const { path = null, overrideProtection = false, incident: incidentId, reason } = options;
  if (options.search !== undefined) {
    throw new UsageError('--search goes with --preview.');
  }
  const started: StartedAction[] = [];
  const { orders, question } = await planFor(client, options);
  if (question !== undefined) {
    await confirm(context, options, question);
  }
  for (const order of orders) {
    started.push(await client.quarantineFile({ ...order, path, overrideProtection, incidentId, reason }));
  }
  await tellHeld(context, client, started);
  await showActions(context, { client, ids: started.map(({ id }) => id) }, options);
}

type Condition = NonNullable<Parameters<Client['findFiles']>[0]['conditions']>[number];

async function planFor(client: Client, options: QuarantineOptions): Promise<Plan> {
  const { path, everywhere = false, all = false, anyContent = false } = options;
  if (anyContent && path === undefined) {
    throw new UsageError('--any-content goes with --path and --endpoint.');
  }
  if (path === undefined ? all : everywhere) {
    throw new UsageError('--all goes with --path, and --everywhere with --sha256 alone.');
  }
  if (path === undefined) {
    return await planByHash(client, options);
  }
  const orders = await ordersByPath(client, { ...options, path });
  const count = new Set(orders.flatMap(({ endpointIds }) => endpointIds)).size;
  const question = all && count > 1 ? `Files are taken into the vaults of ${count} endpoints.` : undefined;
  return { orders, question };
}

/** What is everywhere is ordered for just those endpoints that were counted before the question. */
async function planByHash(client: Client, options: QuarantineOptions): Promise<Plan> {
  const { sha256, endpoint = [], everywhere = false } = options;
  if (sha256 === undefined) {
    throw new UsageError('quarantine takes --path, --sha256 or both.');
  }
  if (endpoint.length > 0 === everywhere) {
    throw new UsageError('quarantine by hash takes --endpoint or --everywhere.');
  }
  if (!everywhere) {
    return { orders: [{ endpointIds: [...endpoint], sha256 }] };
  }
  const found = await client.previewQuarantine({ sha256 });
  const { endpoints, digest: targetDigest } = found.targets;
  if (endpoints === 0) {
    throw new CommandFailure(`No endpoint has reported a file with the SHA-256 ${sha256} that is there now.`);
  }
  const question = endpoints > 1 ? previewSentence(found) : undefined;
  return { orders: [{ endpointIds: 'holders', sha256, targetDigest }], question };
}

async function ordersByPath(
  client: Client,
  options: QuarantineOptions & { readonly path: string },
): Promise<readonly (Order & { readonly endpointIds: string[] })[]> {
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
