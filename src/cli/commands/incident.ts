import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { facts, table } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addProcessCommand } from './process.ts';

type Severity = (typeof choices.incidentSeverities)[number];
type Status = (typeof choices.incidentStatuses)[number];

interface ObservationOptions extends ServerOptions {
  readonly endpoint?: readonly string[];
  readonly file?: readonly string[];
  readonly sha256?: readonly string[];
  readonly process?: readonly string[];
}

interface CreateOptions extends ObservationOptions {
  readonly name: string;
  readonly description?: string;
  readonly severity?: Severity;
  readonly externalId?: string;
}

interface ListOptions extends ServerOptions, PageOptions {
  readonly status?: Status;
  readonly severity?: Severity;
  readonly endpoint?: string;
  readonly externalId?: string;
  readonly starred?: boolean;
}

interface ChangeOptions extends ServerOptions {
  readonly name?: string;
  readonly description?: string;
  readonly severity?: Severity;
  readonly status?: Status;
  readonly assign?: string;
  readonly unassign?: boolean;
  readonly judge?: Severity | 'none';
  readonly resolveComment?: string;
  readonly star?: boolean;
}

interface TimelineOptions extends ServerOptions {
  readonly after: number;
  readonly limit: number;
}

const severity = (help: string) => new Option('--severity <LEVEL>', help).choices(choices.incidentSeverities);
const judgement = new Option(
  '--judge <LEVEL>',
  'how bad it is, whatever was reported; none: as it was reported',
).choices([...choices.incidentSeverities, 'none']);
const status = (help: string) => new Option('--status <STATUS>', help).choices(choices.incidentStatuses);

/** `incident create`, `list`, `processes`, `show`, `change`, `observe`, `comment`, `hold`, `release`, `timeline`. */
export function addIncidentCommands(program: Command, context: Context): void {
  const incident = program.command('incident').description('what is responded to, and all that was done about it');
  observing(speaksToServer(incident.command('create').description('open an incident')))
    .requiredOption('--name <TEXT>', 'what it is called')
    .option('--description <TEXT>', 'what is known')
    .option('--external-id <ID>', 'what the reporting system calls it; a repeated one opens nothing')
    .addOption(severity('how bad it is'))
    .action((options: CreateOptions) => withClient(context, options, (client) => create(context, options, client)));
  paged(speaksToServer(incident.command('list').description('list incidents, newest first')))
    .addOption(status('only in this state'))
    .addOption(severity('only this bad'))
    .option('--endpoint <ID>', 'only what concerns this endpoint')
    .option('--external-id <ID>', 'only what the reporting system calls so')
    .option('--starred', 'only what stands out')
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  addProcessCommand(incident, context);
  speaksToServer(
    incident.command('show').description('show an incident, its files and processes').argument('<incident>'),
  ).action((id: string, options: ServerOptions) =>
    withClient(context, options, (client) => showOne(context, options, { client, id })),
  );
  addChangeCommands(incident, context);
  addHoldCommands(incident, context);
}

function addChangeCommands(incident: Command, context: Context): void {
  speaksToServer(incident.command('change').description('change an incident').argument('<incident>'))
    .option('--name <TEXT>', 'what it is called from now on')
    .option('--description <TEXT>', 'what is known now')
    .option('--assign <EMAIL>', 'who has it')
    .option('--unassign', 'nobody has it')
    .option('--resolve-comment <TEXT>', 'why it is resolved')
    .option('--star', 'make it stand out')
    .option('--no-star', 'let it stand out no more')
    .addOption(status('where it stands'))
    .addOption(severity('how bad it was reported to be'))
    .addOption(judgement)
    .action((id: string, options: ChangeOptions) =>
      withClient(context, options, async (client) => {
        const changed = await client.changeIncident(id, changesOf(options));
        await show(context, options, { json: changed, text: `${changed.id} ${changed.status}\n` });
      }),
    );
  observing(
    speaksToServer(incident.command('observe').description('add endpoints, files and programs').argument('<incident>')),
  ).action((id: string, options: ObservationOptions) =>
    withClient(context, options, async (client) => {
      const changed = await client.observeIncident(id, observationsOf(options));
      await show(context, options, { json: changed, text: `${changed.id}\n` });
    }),
  );
  speaksToServer(
    incident.command('comment').description('say something of an incident').argument('<incident>').argument('<text>'),
  ).action((id: string, text: string, options: ServerOptions) =>
    withClient(context, options, async (client) => {
      const comment = await client.commentOnIncident(id, { text });
      await show(context, options, { json: comment, text: `${comment.id}\n` });
    }),
  );
  speaksToServer(incident.command('timeline').description('all that was done, in order').argument('<incident>'))
    .option('--after <N>', 'only later than this sequence number', parseWholeNumber, 0)
    .option('--limit <N>', 'how many to list, at most 1000', parseWholeNumber, 100)
    .action((id: string, options: TimelineOptions) =>
      withClient(context, options, async (client) => {
        const { after, limit } = options;
        const timeline = await client.readTimeline(id, { after, limit });
        const text = table(timeline.items, {
          N: (item) => item.sequence,
          AT: (item) => item.at,
          EVENT: (item) => item.type,
          BY: (item) => `${item.actor.kind} ${item.actor.name}`,
          ACTION: (item) => item.actionId,
          FACTS: (item) => JSON.stringify(item.facts),
        });
        await show(context, options, { json: timeline, text });
      }),
    );
}

function addHoldCommands(incident: Command, context: Context): void {
  const why = '--reason <TEXT>';
  speaksToServer(incident.command('hold').description('keep its evidence from being deleted').argument('<incident>'))
    .requiredOption(why, 'why')
    .action((id: string, options: ServerOptions & { readonly reason: string }) =>
      withClient(context, options, async (client) => {
        const hold = await client.holdIncident(id, { reason: options.reason });
        await show(context, options, {
          json: hold,
          text: facts({ since: hold.at, by: hold.by.name, why: hold.reason }),
        });
      }),
    );
  speaksToServer(incident.command('release').description('let its evidence be deleted again').argument('<incident>'))
    .requiredOption(why, 'why')
    .action((id: string, options: ServerOptions & { readonly reason: string }) =>
      withClient(context, options, async (client) => {
        await client.releaseIncident(id, { reason: options.reason });
        await show(context, options, { json: { released: id }, text: `${id} is not on hold any more.\n` });
      }),
    );
}

function observing(command: Command): Command {
  return command
    .option('--endpoint <ID...>', 'endpoints that it concerns')
    .option('--file <ENDPOINT:PATH...>', 'files that it is about: what lies there now')
    .option('--sha256 <HASH...>', 'the SHA-256 of each --file, in the same order, where it is about other bytes')
    .option('--process <ENDPOINT:PATH...>', 'programs that were seen running');
}

function observationsOf({ endpoint = [], file = [], sha256, process = [] }: ObservationOptions) {
  if (sha256 !== undefined && sha256.length !== file.length) {
    throw new UsageError(
      `--sha256 goes with --file, one hash for each in the same order: ${sha256.length} for ${file.length} were given.`,
    );
  }
  const files = file.map((text, index) => {
    const hash = sha256?.[index];
    return { ...placeOf(text), ...(hash !== undefined && { sha256: hash.toLowerCase() }) };
  });
  return { endpointIds: [...endpoint], files, processes: process.map(placeOf) };
}

function placeOf(text: string): { endpointId: string; path: string } {
  const match = /^([0-9a-fA-F]{32}):(.+)$/s.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new UsageError(`"${text}" is no ENDPOINT:PATH: the id of an endpoint, a colon and a path.`);
  }
  return { endpointId: match[1].toLowerCase(), path: match[2] };
}

async function create(context: Context, options: CreateOptions, client: Client): Promise<void> {
  const { name, description, severity: level, externalId } = options;
  const { incident, created } = await client.createIncident({
    name,
    ...(description !== undefined && { description }),
    ...(level !== undefined && { severity: level }),
    ...(externalId !== undefined && { externalId }),
    ...observationsOf(options),
  });
  say(context, created ? `Incident ${incident.id} is open.` : `Incident ${incident.id} was reported before.`);
  await show(context, options, { json: { incident, created }, text: `${incident.id}\n` });
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { status: state, severity: level, endpoint, externalId, starred } = options;
  return showList(context, options, {
    page: (at) =>
      client.listIncidents({
        ...at,
        ...(state && { status: [state] }),
        ...(level && { severity: [level] }),
        ...(endpoint !== undefined && { endpointId: endpoint }),
        ...(externalId !== undefined && { externalId }),
        ...(starred === true && { starred: 'true' }),
      }),
    columns: {
      ID: (item) => item.id,
      SEVERITY: (item) => item.manualSeverity ?? item.severity,
      STATUS: (item) => item.status,
      CREATED: (item) => item.createdAt,
      ASSIGNED: (item) => item.assignedTo,
      NAME: (item) => item.name,
    },
  });
}

async function showOne(
  context: Context,
  options: ServerOptions,
  { client, id }: { readonly client: Client; readonly id: string },
): Promise<void> {
  const incident = await client.readIncident(id);
  const text = [
    facts({
      id: incident.id,
      guid: incident.guid,
      name: incident.name,
      description: incident.description,
      severity: incident.manualSeverity ?? incident.severity,
      'reported as': incident.severity,
      starred: incident.starred ? 'yes' : 'no',
      status: incident.status,
      'resolved because': incident.resolveComment,
      'assigned to': incident.assignedTo,
      created: incident.createdAt,
      by: incident.createdBy.name,
      'on hold': incident.hold && `since ${incident.hold.at}, ${incident.hold.by.name}: ${incident.hold.reason}`,
      endpoints: incident.endpointIds.join(' '),
    }),
    table(incident.processes, {
      PROCESS: (item) => item.path,
      PID: (item) => item.pid,
      ENDPOINT: (item) => item.endpointId,
      SHA256: (item) => item.sha256,
    }),
    table(incident.files, {
      FILE: (item) => item.path,
      GUID: (item) => item.guid,
      ENDPOINT: (item) => item.endpointId,
      SHA256: (item) => item.sha256,
    }),
    table(incident.comments, { AT: (item) => item.at, BY: (item) => item.author.name, COMMENT: (item) => item.text }),
  ];
  await show(context, options, { json: incident, text });
}

function changesOf(options: ChangeOptions) {
  const { name, description, severity: level, status: state, assign, unassign = false } = options;
  if (assign !== undefined && unassign) {
    throw new UsageError('--assign and --unassign exclude each other.');
  }
  const assignedTo = unassign ? null : assign;
  const manualSeverity = options.judge === 'none' ? null : options.judge;
  const { resolveComment, star: starred } = options;
  const given = {
    name,
    description,
    severity: level,
    manualSeverity,
    status: state,
    resolveComment,
    starred,
    assignedTo,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
