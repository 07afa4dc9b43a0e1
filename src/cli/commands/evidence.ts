import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { saveDownload } from '../save-download.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addStoredEvidenceCommands, sayWhatIsMissing } from './stored-evidence.ts';

interface GetOptions extends ServerOptions {
  readonly task?: string;
  readonly file?: number;
  readonly output?: string;
}

/** `evidence get`, and those of `stored-evidence.ts`. */
export function addEvidenceCommands(program: Command, context: Context): void {
  const evidence = program.command('evidence').description('the bytes of fetched files');
  const get = evidence
    .command('get')
    .description('save what a fetch has brought: all of it as a ZIP, or one file')
    .argument('<action>', 'id of the fetch')
    .option('--task <ID>', 'with --file: the task that brought it')
    .option('--file <N>', 'ordinal of one file in its task, from 0', parseWholeNumber)
    .option('--output <FILE>', 'where to; - is standard output (default: custody-<action>.zip or .bin)');
  speaksToServer(get).action((actionId: string, options: GetOptions) =>
    withClient(context, options, (client) => save(context, { actionId, options }, client)),
  );
  addStoredEvidenceCommands(evidence, context);
}

async function save(
  context: Context,
  { actionId, options }: { readonly actionId: string; readonly options: GetOptions },
  client: Client,
): Promise<void> {
  const { task, file, output } = options;
  if (task !== undefined && file === undefined) {
    throw new UsageError('--task belongs to --file.');
  }
  const isWhole = file === undefined;
  const download = isWhole
    ? await client.downloadAction(actionId)
    : await client.downloadFile({ actionId, ordinal: file, taskId: task ?? (await onlyTask(client, actionId)) });
  const target = output ?? `custody-${actionId}.${isWhole ? 'zip' : 'bin'}`;
  const size = await saveDownload(context.io, download, target);
  if (target === '-') {
    return;
  }
  if (isWhole) {
    await sayWhatIsMissing(context, client, actionId);
  }
  say(context, `${size} bytes. Handle them with care: they come from the endpoint as they were.`);
  await show(context, options, { json: { file: target, size }, text: `${target}\n` });
}

async function onlyTask(client: Client, actionId: string): Promise<string> {
  const { tasks } = await client.readAction(actionId);
  const [only, ...others] = tasks;
  if (only === undefined || others.length > 0) {
    throw new UsageError(`Action ${actionId} has ${tasks.length} tasks: name one with --task.`);
  }
  return only.id;
}
