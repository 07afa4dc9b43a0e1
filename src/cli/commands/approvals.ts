import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { askForCounts, whyHeld } from '../held-actions.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { facts, wholeTable } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ListOptions extends ServerOptions, PageOptions {
  readonly all?: boolean;
}

interface ApproveOptions extends ServerOptions {
  readonly digest: string;
  readonly endpoints?: number;
  readonly files?: number;
  readonly breakGlass?: boolean;
  readonly reason?: string;
}

interface RefuseOptions extends ServerOptions {
  readonly reason: string;
}

type ShownApproval = Awaited<ReturnType<Client['readApproval']>>;

/** `approvals list`, `approvals show`, `approvals approve`, `approvals refuse`. */
export function addApprovalCommands(program: Command, context: Context): void {
  const approvals = program.command('approvals').description('orders that are too wide for one person');
  paged(speaksToServer(approvals.command('list').description('list what waits for a second person, newest first')))
    .option('--all', 'what was decided, too')
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  speaksToServer(
    approvals.command('show').description('show what would be done, endpoint by endpoint').argument('<action>'),
  ).action((id: string, options: ServerOptions) =>
    withClient(context, options, (client) => showOne(context, options, { client, id })),
  );
  addApprove(approvals, context);
  speaksToServer(
    approvals.command('refuse').description('end an action that waits; nothing is done').argument('<action>'),
  )
    .requiredOption('--reason <TEXT>', 'why; whoever ordered it reads it')
    .action((id: string, options: RefuseOptions) =>
      withClient(context, options, async (client) => {
        const refused = await client.refuseApproval(id, { reason: options.reason });
        say(context, `Action ${id} is refused; no endpoint was told of it.`);
        await show(context, options, { json: refused, text: '' });
      }),
    );
}

function addApprove(approvals: Command, context: Context): void {
  speaksToServer(
    approvals
      .command('approve')
      .description('let an action out, as the person who did not order it')
      .argument('<action>')
      .requiredOption('--digest <HEX>', 'what `approvals show` says that it is: just that is approved')
      .option('--endpoints <N>', 'their number, where nobody else can approve it; with --files', parseWholeNumber)
      .option('--files <N>', 'their number', parseWholeNumber)
      .option(
        '--break-glass',
        'without a second person who could be asked; needs --reason, and stands out in the record',
      )
      .option('--reason <TEXT>', 'kept with the approval'),
  ).action((id: string, options: ApproveOptions) =>
    withClient(context, options, async (client) => {
      const { digest, breakGlass = false, reason = '' } = options;
      const confirmation = breakGlass ? undefined : await countsFor(context, options, { client, id });
      const approved = await client.approveAction(id, { digest, breakGlass, reason, confirmation });
      say(context, `Action ${id} is let out (${approved.state}).`);
      await show(context, options, { json: approved, text: '' });
    }),
  );
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { all = false } = options;
  return showList(context, options, {
    page: (at) => client.listApprovals({ state: all ? 'all' : 'waiting', ...at }),
    columns: {
      ACTION: (item) => item.actionId,
      VERB: (item) => item.verb,
      STATE: (item) => item.state,
      ENDPOINTS: (item) => item.endpointsCount,
      FILES: (item) => item.filesCount,
      BY: (item) => item.requestedBy.name,
      EXPIRES: (item) => item.expiresAt,
      DECIDED: (item) => item.decidedBy?.name ?? null,
    },
  });
}

async function showOne(
  context: Context,
  options: ServerOptions,
  { client, id }: { readonly client: Client; readonly id: string },
): Promise<void> {
  const approval = await client.readApproval(id);
  const { tasks } = await client.readAction(id);
  const rows = tasks.flatMap(({ hostName, endpointId, paths, sha256 }) => {
    const endpoint = hostName ?? endpointId;
    return (paths.length > 0 ? paths : [null]).map((path) => ({ endpoint, path, sha256 }));
  });
  const files = wholeTable(rows, {
    ENDPOINT: (row) => row.endpoint,
    PATH: (row) => row.path,
    SHA256: (row) => row.sha256,
  });
  await show(context, options, { json: { ...approval, tasks }, text: [facts(headOf(approval)), files] });
}

function headOf(approval: ShownApproval): Parameters<typeof facts>[0] {
  const { decidedBy, decidedAt, reason, needed } = approval;
  return {
    action: approval.actionId,
    verb: approval.verb,
    state: approval.state,
    'ordered by': approval.requestedBy.name,
    'ordered at': approval.requestedAt,
    because: whyHeld(approval),
    endpoints: approval.endpointsCount,
    files: approval.filesCount,
    expires: approval.expiresAt,
    ...(needed !== null && { needs: needed === 'confirmation' ? 'its numbers, typed' : 'a second person' }),
    ...(decidedBy !== null && { 'decided by': decidedBy.name, 'decided at': decidedAt, reason }),
    digest: approval.digest,
  };
}

/** Undefined where they are of no use: then another person is needed. */
async function countsFor(
  context: Context,
  { endpoints, files }: ApproveOptions,
  { client, id }: { readonly client: Client; readonly id: string },
): Promise<{ readonly endpoints: number; readonly files: number } | undefined> {
  if ((endpoints === undefined) !== (files === undefined)) {
    throw new UsageError('--endpoints and --files go together.');
  }
  if (endpoints !== undefined && files !== undefined) {
    return { endpoints, files };
  }
  const approval = await client.readApproval(id);
  if (approval.needed !== 'confirmation') {
    return undefined;
  }
  const typed = await askForCounts(context, approval);
  if (typed === undefined && context.io.ask !== undefined) {
    throw new CommandFailure('That is not two numbers. The action stays held.');
  }
  return typed;
}
