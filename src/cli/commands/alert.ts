import { type Command, Option } from 'commander';
import { choices } from '#sdk/choices.ts';
import { type Context, say, show } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

type Severity = (typeof choices.alertSeverities)[number];

interface ReportOptions extends ServerOptions {
  readonly name: string;
  readonly severity: Severity;
  readonly source: string;
  readonly description?: string;
  readonly externalId?: string;
  readonly host?: string;
  readonly user?: string;
  readonly path?: string;
  readonly sha256?: string;
  readonly detectedAt?: string;
}

interface ListOptions extends ServerOptions, PageOptions {
  readonly incident?: string;
  readonly severity?: Severity;
  readonly source?: string;
  readonly externalId?: string;
}

/** `alert list`, `alert report`. */
export function addAlertCommands(program: Command, context: Context): void {
  const alert = program.command('alert').description('what other systems detected; each belongs to an incident');
  const severity = (help: string) => new Option('--severity <LEVEL>', help).choices(choices.alertSeverities);
  paged(speaksToServer(alert.command('list').description('list alerts, newest first')))
    .option('--incident <ID>', 'only of this incident')
    .addOption(severity('only this bad'))
    .option('--source <TEXT>', 'only from this system')
    .option('--external-id <ID>', 'only what its system calls so')
    .action((options: ListOptions) => list(context, options));
  speaksToServer(alert.command('report').description('tell of an alert: it joins an incident, or opens one'))
    .requiredOption('--name <TEXT>', 'what it is called')
    .addOption(severity('how bad it is').makeOptionMandatory())
    .requiredOption('--source <TEXT>', 'the system that detected it')
    .option('--description <TEXT>', 'what is known')
    .option('--external-id <ID>', 'what its system calls it; a repeated one changes nothing')
    .option('--host <NAME>', 'host name of the endpoint')
    .option('--user <NAME>', 'the user that it concerns')
    .option('--path <PATH>', 'the file that it concerns')
    .option('--sha256 <HASH>', 'the SHA-256 of that file')
    .option('--detected-at <TIME>', 'when, RFC 3339 (default: now)')
    .action((options: ReportOptions) => report(context, options));
}

function list(context: Context, options: ListOptions): Promise<void> {
  const { incident, severity, source, externalId } = options;
  return withClient(context, options, (client) =>
    showList(context, options, {
      page: (at) =>
        client.listAlerts({
          ...at,
          ...(incident !== undefined && { incidentId: [incident] }),
          ...(severity && { severity: [severity] }),
          ...(source !== undefined && { source: [source] }),
          ...(externalId !== undefined && { externalId: [externalId] }),
        }),
      columns: {
        ID: (item) => item.id,
        SEVERITY: (item) => item.severity,
        INCIDENT: (item) => item.incidentId,
        DETECTED: (item) => item.detectedAt,
        SOURCE: (item) => item.source,
        HOST: (item) => item.hostName,
        NAME: (item) => item.name,
      },
    }),
  );
}

async function report(context: Context, options: ReportOptions): Promise<void> {
  const { name, severity, source, description, externalId, host, user, path, sha256, detectedAt } = options;
  const alert = {
    ...{ name, severity, source },
    ...(description !== undefined && { description }),
    ...(externalId !== undefined && { externalId }),
    ...(host !== undefined && { hostName: host }),
    ...(user !== undefined && { userName: user }),
    ...(path !== undefined && { filePath: path }),
    ...(sha256 !== undefined && { sha256 }),
    ...(detectedAt !== undefined && { detectedAt }),
  };
  await withClient(context, options, (client) => client.reportAlerts({ alerts: [alert] }));
  say(context, 'The alert is kept; "custody alerts list" tells its incident.');
  await show(context, options, { json: { reported: true }, text: '' });
}
