import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '#sdk/client.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import { type Context, say, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { watchDownload } from '../progress.ts';
import { saveDownload } from '../save-download.ts';
import { facts } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface RevokeOptions extends ServerOptions, ConfirmOptions {
  readonly reason?: string;
}

interface LogsOptions extends ServerOptions, WaitOptions {
  readonly output?: string;
  readonly reason?: string;
}

/** `endpoint revoke`, `count`, `logs`, `history`. */
export function addFleetCommands(endpoint: Command, context: Context): void {
  speaksToServer(endpoint.command('revoke').description('remove endpoints for good: their agents are refused'))
    .argument('<id...>')
    .option('--reason <TEXT>', 'why')
    .option(...yesOption)
    .action((endpointIds: string[], options: RevokeOptions) => revoke(context, endpointIds, options));
  speaksToServer(endpoint.command('count').description('count endpoints by their presence')).action(
    (options: ServerOptions) =>
      withClient(context, options, async (client) => {
        const counts = await client.countEndpoints();
        await show(context, options, { json: counts, text: facts(counts) });
      }),
  );
  const logs = endpoint.command('logs').description('have agents send their own logs');
  mayWait(speaksToServer(logs.argument('<id...>', 'of these endpoints; `all` for every one')))
    .option('--output <FILE>', 'wait, and save them as a ZIP')
    .option('--reason <TEXT>', 'why, for the record')
    .action((ids: string[], options: LogsOptions) => fetchLogs(context, ids, options));
  const history = endpoint.command('history').description('what was asked of many endpoints at once, newest first');
  paged(speaksToServer(history.argument('[number]', 'one of them, endpoint by endpoint', batchNumber))).action(
    (number: number | undefined, options: ServerOptions & PageOptions) =>
      withClient(context, options, (client) =>
        number === undefined
          ? listHistory(context, options, client)
          : showHistory(context, options, { client, number }),
      ),
  );
}

async function revoke(context: Context, endpointIds: string[], options: RevokeOptions): Promise<void> {
  const subject = endpointIds.length === 1 ? '1 endpoint is' : `${endpointIds.length} endpoints are`;
  await confirm(context, options, `${subject} removed for good; to come back, a machine must enrol anew.`);
  await withClient(context, options, async (client) => {
    const removed = await client.revokeEndpoints({ endpointIds, reason: options.reason });
    await show(context, options, { json: removed, text: removed.endpointIds.map((id) => `${id}\n`).join('') });
    const left = [
      ...removed.kept.map(({ endpointId, message }) => `${endpointId} is kept: ${message}`),
      ...(removed.unknown.length > 0 ? [`Unknown, and left out: ${removed.unknown.join(' ')}`] : []),
    ];
    if (left.length > 0) {
      throw new CommandFailure(left.join(' '));
    }
  });
}

async function fetchLogs(context: Context, ids: readonly string[], options: LogsOptions): Promise<void> {
  const { output, reason } = options;
  if (output === '-') {
    throw new UsageError('--output takes the name of a file: standard output tells how the endpoints fared.');
  }
  await withClient(context, options, async (client) => {
    const { id } = await client.fetchLogs({ endpointIds: ids.includes('all') ? 'all' : [...ids], reason });
    if (output === undefined) {
      await showActions(context, { client, ids: [id] }, options);
      return;
    }
    const ended = await showActions(context, { client, ids: [id] }, { ...options, wait: true, partial: true });
    const download = watchDownload(context, options, await client.downloadAction(id, { reason }));
    const size = await saveDownload(context.io, download, output);
    say(context, `${size} bytes are in ${output}.`);
    const missing = ended.flatMap(({ tasks }) => tasks).filter(({ status }) => status !== 'completed_successfully');
    if (missing.length > 0) {
      const names = missing.map(({ hostName, endpointId }) => hostName ?? endpointId).join(', ');
      throw new CommandFailure(`The logs of these endpoints are not in it: ${names}.`);
    }
  });
}

function listHistory(context: Context, options: ServerOptions & PageOptions, client: Client): Promise<void> {
  return showList(context, options, {
    page: (at) => client.listFleetActions(at),
    columns: {
      NUMBER: (item) => item.batchNumber,
      KIND: (item) => item.name,
      ENDPOINTS: (item) => item.endpointsCount,
      DONE: (item) => (item.actionId === null ? item.done : null),
      FAILED: (item) => (item.actionId === null ? item.failed : null),
      ACTION: (item) => item.actionId,
      BY: (item) => item.principal.name,
      CREATED: (item) => item.createdAt,
    },
  });
}

async function showHistory(
  context: Context,
  options: ServerOptions & PageOptions,
  { client, number }: { readonly client: Client; readonly number: number },
): Promise<void> {
  const order: { id: string | null } = { id: null };
  await showList(context, options, {
    async page(at) {
      const { rows, ...head } = await client.readFleetAction(number, at);
      order.id = head.actionId;
      return { ...head, items: rows };
    },
    columns: {
      ENDPOINT: (row) => row.endpointId,
      DONE: (row) => (row.done ? 'yes' : 'no'),
      WHY: (row) => row.message,
    },
  });
  if (order.id !== null) {
    say(context, `Agents carry it out: "custody actions show ${order.id}" says how far it is.`);
  }
}

/** Numbers may be negative, as the clients of one vendor have them: write -- in front of such a one. */
function batchNumber(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) {
    throw new InvalidArgumentError('Write a number, as `endpoints history` prints it.');
  }
  return Number(text);
}
