import type { Client } from '#sdk/client.ts';
import { quoted } from './completion/shell-words.ts';
import { safeText } from './safe-text.ts';

type Inverse = NonNullable<Awaited<ReturnType<Client['readAction']>>['inverse']>;
type Call = Inverse['calls'][number];

/** A screen has room for no more; `--json` has them all. */
const mostLines = 10;

/** What takes back what was done in spite of a stop, as commands that can be run as they stand. */
export function takeBackText({ message, calls, left }: Inverse): string {
  const shown = calls.slice(0, mostLines).map((call) => `  ${commandOf(call)}\n`);
  const more = calls.length + left - shown.length;
  const rest = more === 0 ? '' : `  and ${more} more: ask with --json for the calls themselves\n`;
  return `${safeText(message)}\n${shown.join('')}${rest}`;
}

/** By the name of the native operation. */
const commands: Readonly<Record<string, (call: Call) => readonly string[]>> = {
  undoAction: ({ path }) => ['actions', 'undo', path.split('/').at(-2) ?? ''],
  quarantineFile: ({ body }) => [
    ...['quarantine', '--path', word(body['path']), '--sha256', word(body['sha256']), '--endpoint'],
    ...words(body['endpointIds']),
  ],
  deleteEvidence: ({ path, body }) => [
    ...['evidence', 'delete', path.split('/').at(-2) ?? '', '--reason', word(body['reason'])],
  ],
};

/** A newer server may name what this program has no command for. */
function commandOf(call: Call): string {
  const named = commands[call.operation];
  return named === undefined
    ? safeText(`${call.method} /api/v1${call.path} ${JSON.stringify(call.body)}`)
    : `custody ${named(call).map(shellWord).join(' ')}`;
}

function shellWord(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : quoted(safeText(text));
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(word) : [];
}
