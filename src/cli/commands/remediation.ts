import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { CommandFailure, UsageError } from '../command-error.ts';
import { type ConfirmOptions, confirm, yesOption } from '../confirm.ts';
import { type Context, say, show } from '../context.ts';
import { type StartedAction, tellHeld } from '../held-actions.ts';
import { facts, table } from '../table.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addUndoRemediationCommand } from './undo-remediation.ts';

type Remediation = Awaited<ReturnType<Client['readRemediation']>>;
type AskedRow = Parameters<Client['remediate']>[0]['rows'][number];
type Remedy = (typeof choices.remedies)[number];

interface StartOptions extends ServerOptions, ConfirmOptions {
  readonly incident?: string;
  readonly everything?: Remedy;
  readonly quarantine?: readonly string[];
  readonly restore?: readonly string[];
  readonly block?: readonly string[];
  readonly reason?: string;
}

interface ListOptions extends ServerOptions {
  readonly incident?: string;
}

/** `remediation options`, `start`, `list`, `show`, `abort`, `undo`. */
export function addRemediationCommands(program: Command, context: Context): void {
  const remediation = program.command('remediation').description('many things about many files at once');
  speaksToServer(remediation.command('options').description('list what can be done about the files of an incident'))
    .argument('<incident>')
    .action((incident: string, options: ServerOptions) => listRemedies(context, options, incident));
  addStart(remediation, context);
  speaksToServer(remediation.command('list').description('list the newest remediations of an incident'))
    .option('--incident <ID>', 'of this one (default: those that named none)')
    .action((options: ListOptions) => list(context, options));
  const named = (name: string, help: string) =>
    speaksToServer(remediation.command(name).description(help).argument('<id>'));
  named('show', 'show a remediation, row by row').action((id: string, options: ServerOptions) =>
    withClient(context, options, async (client) => showOne(context, options, await client.readRemediation(id))),
  );
  named('abort', 'withdraw what no agent has; what was done stays done').action((id: string, options: ServerOptions) =>
    withClient(context, options, async (client) => showOne(context, options, await client.abortRemediation(id))),
  );
  addUndoRemediationCommand(remediation, context);
}

function addStart(remediation: Command, context: Context): void {
  const places = '<ENDPOINT=TARGET...>';
  speaksToServer(remediation.command('start').description('order it; a row that cannot be done fails by itself'))
    .option('--incident <ID>', 'what it is about: other bytes than those of its files are not touched')
    .addOption(
      new Option('--everything <REMEDY>', 'all of this that `remediations options` offers').choices(choices.remedies),
    )
    .option(`--quarantine ${places}`, 'files by GUID; without =TARGET all files of the incident there')
    .option(`--restore ${places}`, 'quarantined files by their own GUID, or all of the incident there')
    .option(`--block ${places}`, 'hashes, or files by GUID')
    .option('--reason <TEXT>', 'why, for the record')
    .option(...yesOption)
    .action((options: StartOptions) => start(context, options));
}

async function start(context: Context, options: StartOptions): Promise<void> {
  await withClient(context, options, async (client) => {
    const rows = await rowsOf(client, options);
    if (rows.length === 0) {
      throw new UsageError('remediations start takes --quarantine, --restore, --block or --everything.');
    }
    const endpoints = new Set(rows.map(({ endpointId }) => endpointId)).size;
    if (endpoints > 1) {
      await confirm(context, options, `${rows.length} rows are ordered on ${endpoints} endpoints.`);
    }
    const { incident: incidentId, reason } = options;
    const started = await client.remediate({ incidentId, reason, rows: [...rows] });
    const held = heldOf(started);
    await tellHeld(context, client, held);
    // Whoever sits at a terminal may just have let it out.
    await showOne(context, options, held.length === 0 ? started : await client.readRemediation(started.id));
    say(context, `"custody remediations show ${started.id}" says how far it is.`);
    const failed = started.rows.filter(({ status }) => status === 'failed').length;
    if (failed > 0) {
      throw new CommandFailure(`${failed} of ${started.rows.length} rows could not be ordered; the others are.`);
    }
  });
}

/** Each once: rows that mean one file became one action. */
function heldOf({ rows }: Remediation): readonly StartedAction[] {
  const held = rows.flatMap(({ actionId: id, approval }) =>
    id !== null && approval?.state === 'waiting' ? [[id, { id, approval }] as const] : [],
  );
  return [...new Map(held).values()];
}

async function rowsOf(client: Client, options: StartOptions): Promise<readonly AskedRow[]> {
  const { everything, incident, quarantine = [], restore = [], block = [] } = options;
  const named = [
    ...quarantine.map((text) => rowOf('quarantine', text)),
    ...restore.map((text) => rowOf('restore', text)),
    ...block.map((text) => rowOf('block', text)),
  ];
  if (everything === undefined) {
    return named;
  }
  if (incident === undefined) {
    throw new UsageError('--everything goes with --incident.');
  }
  const { items } = await client.findRemedies(incident);
  const offered = items.filter(({ remedy }) => remedy === everything);
  if (offered.length === 0) {
    throw new CommandFailure(
      `Incident ${incident} has nothing to ${everything}: "custody remediations options" says what it has.`,
    );
  }
  return [...named, ...offered.map(({ remedy, endpointId, target }) => ({ remedy, endpointId, target }))];
}

function rowOf(remedy: Remedy, text: string): AskedRow {
  const [endpointId = '', ...rest] = text.split('=');
  const target = rest.join('=');
  if (!/^[0-9a-fA-F]{32}$/.test(endpointId)) {
    throw new UsageError(`"${text}" is no ENDPOINT=TARGET: the id of an endpoint, and a GUID or a hash.`);
  }
  return { remedy, endpointId: endpointId.toLowerCase(), ...(target !== '' && { target }) };
}

function listRemedies(context: Context, options: ServerOptions, incident: string): Promise<void> {
  return withClient(context, options, async (client) => {
    const found = await client.findRemedies(incident);
    const text = table(found.items, {
      REMEDY: (item) => item.remedy,
      HOST: (item) => item.hostName,
      ENDPOINT: (item) => item.endpointId,
      TARGET: (item) => item.target,
      PATH: (item) => item.path,
    });
    await show(context, options, { json: found, text });
  });
}

function list(context: Context, options: ListOptions): Promise<void> {
  return withClient(context, options, async (client) => {
    const { incident } = options;
    const listing = await client.listRemediations(incident === undefined ? {} : { incidentId: incident });
    const text = table(listing.items, {
      ID: (item) => item.id,
      CREATED: (item) => item.createdAt,
      ENDED: (item) => item.endedAt,
      ROWS: (item) => item.rows.length,
      FAILED: (item) => item.rows.filter(({ status }) => status === 'failed').length,
      BY: (item) => item.principal.name,
    });
    await show(context, options, { json: listing, text });
  });
}

/** Where the files are by now that a row took: "1 restored". */
function takenText({ taken }: Remediation['rows'][number]): string | null {
  const counts = Object.entries(taken ?? {}).filter(([, count]) => count > 0);
  return counts.length === 0 ? null : counts.map(([state, count]) => `${count} ${state}`).join(', ');
}

async function showOne(context: Context, options: ServerOptions, remediation: Remediation): Promise<void> {
  const head = facts({
    remediation: remediation.id,
    incident: remediation.incidentId ?? remediation.incident,
    by: remediation.principal.name,
    created: remediation.createdAt,
    ended: remediation.endedAt,
    ...(remediation.abortedBy !== null && { 'aborted by': remediation.abortedBy.name }),
  });
  const rows = table(remediation.rows, {
    REMEDY: (row) => row.remedy,
    STATUS: (row) => (row.approval?.state === 'waiting' ? 'held' : row.status),
    MACHINE: (row) => row.machine,
    TARGET: (row) => row.target,
    ACTION: (row) => row.actionId,
    TAKEN: (row) => takenText(row),
    WHY: (row) => row.error?.message ?? null,
  });
  await show(context, options, { json: remediation, text: [head, rows] });
}
