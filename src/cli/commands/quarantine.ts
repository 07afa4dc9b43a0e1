import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface QuarantineOptions extends ServerOptions, WaitOptions {
  readonly path: string;
  readonly sha256?: string;
  readonly endpoint?: readonly string[];
  readonly all?: boolean;
  readonly incident?: string;
}

/** One action to start. */
interface Order {
  readonly endpointIds: string[];
  readonly sha256: string;
}

/** The most that one search returns; a quarantine of more files than this is no slip of the finger any more. */
const mostFiles = 1_000;

/** `quarantine`. */
export function addQuarantineCommand(program: Command, context: Context): void {
  const command = program
    .command('quarantine')
    .description('take a file out of reach on endpoints; its bytes are kept in their vaults')
    .requiredOption('--path <PATH>', 'path of the file')
    .option('--sha256 <HASH>', 'its SHA-256; without it, what the endpoints reported for that path')
    .option('--endpoint <ID...>', 'on these endpoints')
    .option('--all', 'on every endpoint that reported such a file')
    .option('--incident <ID>', 'incident to keep with the action');
  mayWait(speaksToServer(command)).action((options: QuarantineOptions) =>
    withClient(context, options, async (client) => {
      const orders = await ordersFor(client, options);
      const ids: string[] = [];
      for (const order of orders) {
        const started = await client.quarantineFile({ ...order, path: options.path, incidentId: options.incident });
        ids.push(started.id);
      }
      await showActions(context, { client, ids }, options);
    }),
  );
}

type Condition = NonNullable<Parameters<Client['findFiles']>[0]['conditions']>[number];

async function ordersFor(client: Client, options: QuarantineOptions): Promise<readonly Order[]> {
  const { endpoint = [], sha256, path, all = false } = options;
  if (endpoint.length > 0 && sha256 !== undefined) {
    return [{ endpointIds: [...endpoint], sha256 }];
  }
  const { items, total } = await client.findFiles({
    conditions: conditionsOf(options),
    states: ['present'],
    limit: mostFiles,
  });
  if (items.length === 0) {
    throw new CommandFailure(`No endpoint has reported a file ${path} that is there now.`);
  }
  if (items.length < total || (items.length > 1 && endpoint.length === 0 && !all)) {
    throw new UsageError(`${total} endpoints have reported ${path}: name them with --endpoint, or give --all.`);
  }
  const byHash = Map.groupBy(items, (file) => file.sha256);
  return [...byHash].map(([hash, files]) => ({ sha256: hash, endpointIds: files.map((file) => file.endpointId) }));
}

function conditionsOf({ path, sha256, endpoint = [] }: QuarantineOptions): Condition[] {
  const conditions: Condition[] = [{ field: 'path', values: [path] }];
  if (sha256 !== undefined) {
    conditions.push({ field: 'sha256', values: [sha256] });
  }
  if (endpoint.length > 0) {
    conditions.push({ field: 'endpointId', values: [...endpoint] });
  }
  return conditions;
}
