import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import type { Context } from '../context.ts';
import { type PageOptions, paged, showList } from '../paged.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface ProcessOptions extends ServerOptions, PageOptions {
  readonly incident?: readonly string[];
  readonly endpoint?: readonly string[];
  readonly sha256?: readonly string[];
  readonly path?: readonly string[];
  readonly commandLine?: readonly string[];
  readonly user?: readonly string[];
  readonly running?: boolean;
}

/** `incident processes`. */
export function addProcessCommand(incident: Command, context: Context): void {
  const processes = incident.command('processes').description('find processes that incidents tell of');
  paged(speaksToServer(processes))
    .option('--incident <ID...>', 'only of these incidents')
    .option('--endpoint <ID...>', 'only on these endpoints')
    .option('--sha256 <HASH...>', 'only of this content')
    .option('--path <PART...>', 'only with this in the path of the program')
    .option('--command-line <PART...>', 'only with this in the command line')
    .option('--user <PART...>', 'only with this in the name of the user')
    .option('--running', 'only those that nobody has said to have ended')
    .action((options: ProcessOptions) => withClient(context, options, (client) => list(context, options, client)));
}

function list(context: Context, options: ProcessOptions, client: Client): Promise<void> {
  const { incident, endpoint, sha256, path, commandLine, user, running } = options;
  return showList(context, options, {
    page: (at) =>
      client.findProcesses({
        ...at,
        ...(incident && { incidentId: [...incident] }),
        ...(endpoint && { endpointId: [...endpoint] }),
        ...(sha256 && { sha256: [...sha256] }),
        ...(path && { pathContains: [...path] }),
        ...(commandLine && { commandLineContains: [...commandLine] }),
        ...(user && { userContains: [...user] }),
        ...(running === true && { running: 'true' }),
      }),
    columns: {
      INCIDENT: (item) => item.incidentId,
      ENDPOINT: (item) => item.endpointId,
      PID: (item) => item.pid,
      USER: (item) => item.userName,
      STARTED: (item) => item.startedAt,
      ENDED: (item) => item.endedAt,
      PATH: (item) => item.path,
    },
  });
}
