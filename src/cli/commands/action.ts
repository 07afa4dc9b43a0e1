import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import type { ActionProgress } from '#sdk/follow-action.ts';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { type Context, say, show } from '../context.ts';
import { few, tellHeld } from '../held-actions.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { safeJsonLine } from '../safe-text.ts';
import { facts, table } from '../table.ts';
import { takeBackText } from '../take-back.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addUndoCommand } from './undo.ts';

interface ListOptions extends ServerOptions, PageOptions {
  readonly verb?: (typeof choices.verbs)[number];
  readonly status?: readonly (typeof choices.actionStatuses)[number][];
  readonly incident?: string;
  readonly endpoint?: string;
  readonly by?: string;
  readonly id?: string;
  readonly since?: string;
  readonly until?: string;
  readonly unconfirmed?: boolean;
}

interface ChosenOptions extends ServerOptions, WaitOptions {
  readonly endpoint?: readonly string[];
  readonly reason?: string;
}

/** `action list`, `action count`, `action show`, `action follow`, `action close`, `action cancel`, `action undo`, `action retry`, `action confirm`, `action resume`. */
export function addActionCommands(program: Command, context: Context): void {
  const action = program.command('action').description('what was ordered, and how it ended');
  narrowed(paged(speaksToServer(action.command('list').description('list actions, newest first'))))
    .addOption(new Option('--status <STATUS...>', 'only those that stand so now').choices(choices.actionStatuses))
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  narrowed(speaksToServer(action.command('count').description('count actions by how they stand'))).action(
    (options: ListOptions) =>
      withClient(context, options, async (client) => {
        const counted = await client.countActions(conditionsOf(options));
        await show(context, options, { json: counted, text: facts({ ...counted.counts, total: counted.total }) });
      }),
  );
  mayWait(
    speaksToServer(action.command('show').description('show an action, endpoint by endpoint').argument('<id>')),
  ).action((id: string, options: ServerOptions & WaitOptions) =>
    withClient(context, options, async (client) => {
      await showActions(context, { client, ids: [id] }, options);
    }),
  );
  speaksToServer(
    action
      .command('follow')
      .description('print how far an action is, whenever that changes, until it has ended')
      .argument('<id>'),
  ).action((id: string, options: ServerOptions) =>
    withClient(context, { ...options, mustRun: true }, (client) => follow(context, options, { client, id })),
  );
  speaksToServer(
    action.command('close').description('close a fetch and withdraw what no agent has taken').argument('<id>'),
  ).action((id: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await client.closeAction(id);
      say(context, `Action ${id} is closed.`);
      await show(context, options, { json: { id, closed: true }, text: '' });
    }),
  );
  speaksToServer(
    action
      .command('cancel')
      .description('withdraw what no agent has, and ask agents that have it to stop between files')
      .argument('<id>'),
  ).action((id: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      await tellCancelled(context, options, { id, ...(await client.cancelAction(id)) });
    }),
  );
  addUndoCommand(action, context);
  addRetry(action, context);
  addConfirm(action, context);
  addResume(action, context);
}

function addRetry(action: Command, context: Context): void {
  mayWait(
    speaksToServer(
      action
        .command('retry')
        .description('try again what an action did not do, within the same action')
        .argument('<id>')
        .option('--endpoint <ID...>', 'only on these of its endpoints')
        .option('--reason <TEXT>', 'why, for the record'),
    ),
  ).action((id: string, options: ChosenOptions) =>
    withClient(context, options, async (client) => {
      const { action: retried, endpoints, files, left } = await client.retryAction(id, chosen(options));
      say(context, `Action ${id}: ${few(files, 'file')} on ${few(endpoints, 'endpoint')} tried again.`);
      if (left.open.length > 0) {
        say(context, `Not ended yet, and left: ${left.open.join(' ')}`);
      }
      if (left.removed.length > 0) {
        say(context, `Removed, and left: ${left.removed.join(' ')}`);
      }
      await tellHeld(context, client, [retried]);
      await showActions(context, { client, ids: [id] }, options);
    }),
  );
}

function addConfirm(action: Command, context: Context): void {
  speaksToServer(
    action
      .command('confirm')
      .description('let old orders go out that wait to be confirmed anew')
      .argument('<id>')
      .option('--endpoint <ID...>', 'only on these of its endpoints')
      .option('--reason <TEXT>', 'why, for the record'),
  ).action((id: string, options: ChosenOptions) =>
    withClient(context, options, async (client) => {
      const { endpoints } = await client.confirmAction(id, chosen(options));
      say(context, `Action ${id} is confirmed for ${few(endpoints, 'endpoint')}.`);
      await show(context, options, { json: { id, endpoints }, text: '' });
    }),
  );
}

function chosen({ endpoint, reason }: ChosenOptions) {
  return {
    ...(endpoint !== undefined && { endpointIds: [...endpoint] }),
    ...(reason !== undefined && { reason }),
  };
}

function addResume(action: Command, context: Context): void {
  speaksToServer(
    action
      .command('resume')
      .description('let an order go on that has halted between two rings, as a person who may approve')
      .argument('<id>')
      .requiredOption('--reason <TEXT>', 'why it may go on; kept with the action'),
  ).action((id: string, options: ServerOptions & { readonly reason: string }) =>
    withClient(context, options, async (client) => {
      const { released, heldBack } = await client.resumeAction(id, { reason: options.reason });
      const now =
        released === 0
          ? 'its next ring goes out as soon as one of its endpoints is connected'
          : `it goes out to ${few(released, 'endpoint')} now`;
      say(context, `Action ${id} goes on: ${now}; ${few(heldBack, 'endpoint')} still held back.`);
      await show(context, options, { json: { id, released, heldBack }, text: '' });
    }),
  );
}

type Cancelled = Awaited<ReturnType<Client['cancelAction']>> & { readonly id: string };

async function tellCancelled(context: Context, options: ServerOptions, cancelled: Cancelled): Promise<void> {
  const { id, withdrawn, asked, tooLate, endpoints, inverse } = cancelled;
  const late = tooLate === 0 ? '' : `; on ${tooLate} it had ended before`;
  say(context, `Action ${id}: withdrawn from ${withdrawn} endpoints; ${asked} have it and were asked to stop${late}.`);
  if (endpoints.some(({ stop }) => stop.standing === 'requested')) {
    say(context, `What they had done by then, they report: custody actions show ${id} --wait`);
  }
  const rows = table(endpoints, {
    ENDPOINT: ({ endpointId, hostName }) => hostName ?? endpointId,
    STOP: ({ stop }) => stop.standing,
    DONE: ({ stop }) => stop.filesDone,
    SPARED: ({ stop }) => stop.filesSpared,
    MEANING: ({ stop }) => stop.message,
  });
  const parts = [...(endpoints.length > 0 ? [rows] : []), ...(inverse === null ? [] : [takeBackText(inverse)])];
  await show(context, options, { json: cancelled, text: parts });
}

function narrowed(command: Command): Command {
  return command
    .addOption(new Option('--verb <VERB>', 'only of this kind').choices(choices.verbs))
    .option('--incident <ID>', 'only for this incident')
    .option('--endpoint <ID>', 'only ordered of this endpoint')
    .option('--by <ID>', 'only ordered by this person or key, by its id')
    .option('--id <DIGITS>', 'only with these digits in the id')
    .option('--since <TIME>', 'only ordered then or later, RFC 3339')
    .option('--until <TIME>', 'only ordered before then, RFC 3339')
    .option('--unconfirmed', 'only with old orders that wait to be confirmed anew');
}

function conditionsOf({ verb, incident, endpoint, by, id, since, until, unconfirmed }: ListOptions) {
  return {
    ...(verb && { verb: [verb] }),
    ...(incident !== undefined && { incidentId: incident }),
    ...(endpoint !== undefined && { endpointId: endpoint }),
    ...(by !== undefined && { principalId: by }),
    ...(id !== undefined && { idContains: id }),
    ...(since !== undefined && { createdFrom: since }),
    ...(until !== undefined && { createdTo: until }),
    ...(unconfirmed === true && { unconfirmed: 'true' as const }),
  };
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { status } = options;
  return showList(context, options, {
    page: (at) =>
      client.listActions({
        ...at,
        ...conditionsOf(options),
        ...(status && { status: [...status] }),
      }),
    columns: {
      ID: (item) => item.id,
      VERB: (item) => item.verb,
      STATUS: (item) => item.status,
      ENDPOINTS: (item) => item.endpointsCount,
      UNCONFIRMED: (item) => item.unconfirmedCount || null,
      BY: (item) => item.principal.name,
      CLAIMED: (item) => item.claimedInitiator,
      CREATED: (item) => item.createdAt,
      INCIDENT: (item) => item.incidentId,
    },
  });
}

interface Followed {
  readonly client: Client;
  readonly id: string;
}

async function follow(context: Context, { json = false }: ServerOptions, { client, id }: Followed): Promise<void> {
  for await (const progress of client.followAction(id)) {
    await context.io.out(json ? safeJsonLine(progress) : lineOf(progress));
  }
}

function lineOf({ status, counts, endedCount, endpointsCount }: ActionProgress): string {
  const parts = Object.entries(counts).map(([each, count]) => `${count} ${each}`);
  return `${status}  ended on ${endedCount} of ${endpointsCount} endpoints  (${parts.join(', ')})\n`;
}
