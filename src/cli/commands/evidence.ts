import type { Command } from 'commander';
import type { Client } from '#sdk/client.ts';
import { UsageError } from '../command-error.ts';
import { type Context, say, show } from '../context.ts';
import { hexLines } from '../hex-lines.ts';
import { watchDownload } from '../progress.ts';
import { saveDownload } from '../save-download.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';
import { addStoredEvidenceCommands, sayWhatIsMissing } from './stored-evidence.ts';

interface GetOptions extends ServerOptions {
  readonly task?: string;
  readonly file?: number;
  readonly reason?: string;
  readonly output?: string;
}

/** `evidence get`, `evidence show`, `evidence export`, and those of `stored-evidence.ts`. */
export function addEvidenceCommands(program: Command, context: Context): void {
  const evidence = program.command('evidence').description('the bytes of fetched files');
  const get = evidence
    .command('get')
    .description('save what a fetch has brought: all of it as a ZIP, or one file')
    .argument('<action>', 'id of the fetch')
    .option('--task <ID>', 'with --file: the task that brought it')
    .option('--file <N>', 'ordinal of one file in its task, from 0', parseWholeNumber)
    .option('--reason <TEXT>', 'why, for the record')
    .option('--output <FILE>', 'where to; - is standard output (default: custody-<action>.zip or .bin)');
  speaksToServer(get).action((actionId: string, options: GetOptions) =>
    withClient(context, options, (client) => save(context, { actionId, options }, client)),
  );
  addStoredEvidenceCommands(evidence, context);
  addShow(evidence, context);
  addExport(evidence, context);
}

interface ShowOptions extends ServerOptions {
  readonly task?: string;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  readonly reason?: string;
}

function addShow(evidence: Command, context: Context): void {
  const command = evidence
    .command('show')
    .description('look at some bytes of a fetched file, as numbers and letters, without saving it')
    .argument('<action>', 'id of the fetch')
    .option('--task <ID>', 'the task that brought it')
    .option('--file <N>', 'ordinal of the file in its task, from 0', parseWholeNumber, 0)
    .option('--offset <N>', 'of the first byte', parseWholeNumber, 0)
    .option('--length <N>', 'how many bytes', parseWholeNumber, 512)
    .option('--reason <TEXT>', 'why, for the record');
  speaksToServer(command).action((actionId: string, options: ShowOptions) =>
    withClient(context, options, async (client) => {
      const { task, file: ordinal, offset, length, reason } = options;
      const taskId = task ?? (await onlyTask(client, actionId));
      const view = await client.viewFile({ actionId, taskId, ordinal }, { offset, length, reason });
      await show(context, options, { json: view, text: hexLines(Buffer.from(view.bytes, 'base64'), offset) });
    }),
  );
}

interface ExportOptions extends ServerOptions {
  readonly action?: string;
  readonly incident?: string;
  readonly file?: string;
  readonly evidence: boolean;
  readonly reason?: string;
  readonly output?: string;
}

function addExport(evidence: Command, context: Context): void {
  const command = evidence
    .command('export')
    .description(
      'save a bundle that proves what happened to something, to be checked anywhere with `verify`; CUSTODY_BUNDLE_PASSWORD, where it is set, encrypts it',
    )
    .option('--action <ID>', 'of an action')
    .option('--incident <ID>', 'of an incident, with all that was ordered for it')
    .option('--file <GUID>', 'of a file on an endpoint, with all that was ever done to it', (word: string) =>
      word.trim(),
    )
    .option('--no-evidence', 'without the files themselves')
    .option('--reason <TEXT>', 'why, for the record')
    .option('--output <FILE>', 'where to; - is standard output (default: custody-<subject>.zip)');
  speaksToServer(command).action((options: ExportOptions) =>
    withClient(context, options, async (client) => {
      const subject = subjectOf(options);
      const password = context.io.environment['CUSTODY_BUNDLE_PASSWORD'] || undefined;
      const { reason, evidence: withFiles } = options;
      const download = await client.exportBundle({ subject, evidence: withFiles, reason, password });
      const target = options.output ?? `custody-${subject.kind}-${subject.id}.zip`;
      const size = await saveDownload(context.io, watchDownload(context, options, download), target);
      if (target !== '-') {
        await show(context, options, { json: { file: target, size }, text: `${target}\n` });
      }
    }),
  );
}

type Subject = Parameters<Client['exportBundle']>[0]['subject'];

function subjectOf({ action, incident, file }: ExportOptions): Subject {
  const named: readonly Subject[] = [
    ...(action === undefined ? [] : [{ kind: 'action', id: action } as const]),
    ...(incident === undefined ? [] : [{ kind: 'incident', id: incident } as const]),
    ...(file === undefined ? [] : [{ kind: 'file', id: file } as const]),
  ];
  const [subject, ...others] = named;
  if (subject === undefined || others.length > 0) {
    throw new UsageError('evidence export takes one of --action, --incident and --file.');
  }
  return subject;
}

async function save(
  context: Context,
  { actionId, options }: { readonly actionId: string; readonly options: GetOptions },
  client: Client,
): Promise<void> {
  const { task, file, output, reason } = options;
  if (task !== undefined && file === undefined) {
    throw new UsageError('--task belongs to --file.');
  }
  const isWhole = file === undefined;
  const download = isWhole
    ? await client.downloadAction(actionId, { reason })
    : await client.downloadFile(
        { actionId, ordinal: file, taskId: task ?? (await onlyTask(client, actionId)) },
        { reason },
      );
  const target = output ?? `custody-${actionId}.${isWhole ? 'zip' : 'bin'}`;
  const size = await saveDownload(context.io, watchDownload(context, options, download), target);
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
  if (only.attempt > 1) {
    throw new UsageError(
      `Action ${actionId} was retried, and each attempt counts its own files: name one with --task.`,
    );
  }
  return only.id;
}
