import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import type { Client } from '#sdk/client.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { facts } from '../table.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ListOptions extends ServerOptions, PageOptions {
  readonly sha256?: string;
  readonly pathContains?: string;
  readonly state?: (typeof choices.evidenceStates)[number];
}

interface DeleteOptions extends ServerOptions {
  readonly reason: string;
}

interface RetentionOptions extends ServerOptions {
  readonly days?: number;
  readonly forever?: boolean;
}

/** `evidence list`, `evidence delete`, `evidence retention`. */
export function addStoredEvidenceCommands(evidence: Command, context: Context): void {
  paged(speaksToServer(evidence.command('list').description('list what was fetched, by its bytes')))
    .addOption(new Option('--state <STATE>', 'only what is in this state').choices(choices.evidenceStates))
    .option('--sha256 <HASH>', 'only these bytes')
    .option('--path-contains <TEXT>', 'only what came from a path with this in it, in any case')
    .action((options: ListOptions) => withClient(context, options, (client) => list(context, options, client)));
  speaksToServer(
    evidence.command('delete').description('delete bytes for good; what is known of them stays').argument('<sha256>'),
  )
    .requiredOption('--reason <TEXT>', 'why')
    .action((sha256: string, options: DeleteOptions) =>
      withClient(context, options, async (client) => {
        const deleted = await client.deleteEvidence(sha256.toLowerCase(), { reason: options.reason });
        await show(context, options, { json: deleted, text: `${sha256} ${deleted.state}\n` });
      }),
    );
  speaksToServer(
    evidence.command('retention').description('show, or set, how long evidence is kept after it was fetched last'),
  )
    .option('--days <N>', 'delete what is older, unless an incident on hold keeps it', parseWholeNumber)
    .option('--forever', 'delete nothing because of its age')
    .action((options: RetentionOptions) =>
      withClient(context, options, (client) => retention(context, options, client)),
    );
}

/** An archive of the rest must not be taken for the whole. */
export async function sayWhatIsMissing(context: Context, client: Client, actionId: string): Promise<void> {
  const { tasks } = await client.readAction(actionId);
  const lost = tasks.flatMap(({ files }) => files.filter(({ evidence }) => evidence && evidence.state !== 'kept'));
  if (lost.length > 0) {
    say(
      context,
      `${lost.length} files of this fetch are not included: deleted or damaged; not-included.txt says more.`,
    );
  }
}

function list(context: Context, options: ListOptions, client: Client): Promise<void> {
  const { state, sha256, pathContains } = options;
  return showList(context, options, {
    page: (at) =>
      client.listEvidence({
        ...at,
        ...(state && { state: [state] }),
        ...(sha256 !== undefined && { sha256: [sha256] }),
        ...(pathContains !== undefined && { pathContains }),
      }),
    columns: {
      SHA256: (item) => item.sha256,
      SIZE: (item) => item.size,
      STATE: (item) => item.state,
      FETCHED: (item) => item.wantedAt,
      FROM: (item) =>
        listed(
          item.sources.map(({ hostName, endpointId, path }) => `${hostName ?? endpointId}:${path}`),
          item.sourcesCount,
        ),
      ACTIONS: (item) => listed(item.actionIds, item.actionsCount),
      'HELD BY': (item) => item.heldBy.join(' '),
      DELETED: (item) => item.deletion && `${item.deletion.at} ${item.deletion.by.name}: ${item.deletion.reason}`,
    },
  });
}

/** With how many more there are than those that are told. */
function listed(some: readonly string[], count: number): string {
  const more = count - some.length;
  return `${some.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function retention(context: Context, options: RetentionOptions, client: Client): Promise<void> {
  const { days, forever = false } = options;
  if (days !== undefined && forever) {
    throw new UsageError('--days and --forever exclude each other.');
  }
  const isChange = days !== undefined || forever;
  const kept = isChange ? await client.changeRetention({ days: days ?? null }) : await client.readRetention();
  await show(context, options, {
    json: kept,
    text: facts({ 'kept for': kept.days === null ? 'ever' : `${kept.days} days` }),
  });
}
