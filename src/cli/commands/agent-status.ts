import type { AgentService, AgentStatus } from '../agent-programs.ts';
import { CommandFailure } from '../command-error.ts';
import { type Context, type OutputOptions, say, show } from '../context.ts';
import { type Cell, facts, type Table, table } from '../table.ts';

/** Where an installed agent has its data. */
export const usualData = '/var/lib/custody-agent';

export interface PlaceOptions extends OutputOptions {
  readonly data: string;
  readonly policy?: string;
}

/** The exit code of `agent status` follows from what it found, so that a monitor needs to read nothing. */
const endings: Readonly<Record<AgentStatus['standing'], { readonly code: number; readonly words: string }>> = {
  connected: { code: 0, words: 'The agent runs and is connected.' },
  stopped: { code: 3, words: 'This machine is enrolled, but its agent does not run.' },
  disconnected: { code: 4, words: 'The agent runs, but is not connected to a server.' },
  not_enrolled: { code: 5, words: 'This machine is not enrolled.' },
};

/** For the help text. */
export const statusCodes = Object.values(endings)
  .map(({ code, words }) => `${code}  ${words}`)
  .join('\n');

/** Nothing else is asked of what the command line was given. */
interface StatusContext extends Pick<Context, 'io'> {
  readonly programs: { readonly service: Pick<AgentService, 'status'> };
}

/** @throws CommandFailure for anything but a connected agent. */
export async function showStatus(context: StatusContext, options: PlaceOptions): Promise<void> {
  const status = await context.programs.service.status(placeOf(options));
  const text = [facts(statusFacts(status)), ...limitationTables(status)];
  await show(context, options, { json: status, text });
  const { code, words } = endings[status.standing];
  if (code !== 0) {
    throw new CommandFailure(words, code);
  }
}

/** `agent vault list`. */
export async function listVault(context: Context, options: PlaceOptions): Promise<void> {
  const held = await context.programs.service.vault(placeOf(options));
  const text = table(held, {
    OBJECT: (item) => item.vaultObject,
    STATE: (item) => item.state,
    SINCE: (item) => shownTime(item.takenAt),
    SIZE: (item) => item.size,
    SHA256: (item) => item.sha256,
    PATH: (item) => item.path,
  });
  await show(context, options, { json: held, text });
}

export interface RestoreByTokenOptions extends PlaceOptions {
  readonly token: string;
}

/** `agent restore`. @throws CommandFailure when a file did not come back. */
export async function restoreByToken(context: Context, options: RestoreByTokenOptions): Promise<void> {
  const token = options.token === '-' ? await context.io.readInput() : options.token;
  const end = await context.programs.service.restore({ ...placeOf(options), token });
  const { actionId, isRepeated, files } = end;
  if (isRepeated) {
    say(context, 'This token was used before. Nothing was done now; this is what was done then:');
  }
  const text = table(files, {
    OUTCOME: (file) => file.outcome,
    PATH: (file) => file.path,
    MESSAGE: (file) => file.message,
  });
  await show(context, options, { json: end, text });
  if (files.some(({ succeeded }) => !succeeded)) {
    throw new CommandFailure(`Not every file came back. The server hears of it as action ${actionId}.`);
  }
}

/** `agent vault rekey`. @throws CommandFailure when an object was left with the old key. */
export async function rekeyVault(context: Context, options: PlaceOptions): Promise<void> {
  const { recipient, rewrapped, left } = await context.programs.service.rekey(placeOf(options));
  const text = facts({ recipient, 'objects with the new key': rewrapped, left: left.join(', ') });
  await show(context, options, { json: { recipient, rewrapped, left }, text });
  if (left.length > 0) {
    throw new CommandFailure('Some objects could not be opened. The recovery identity may still open them.', 1);
  }
}

function placeOf({ data, policy }: PlaceOptions) {
  return { dataDirectory: data, ...(policy !== undefined && { policy }) };
}

function statusFacts(status: AgentStatus): Readonly<Record<string, Cell>> {
  const { enrolled, vault, policy } = status;
  const quota = vault.quota === null ? '' : ` of ${vault.quota}`;
  return {
    agent: endings[status.standing].words,
    endpoint: enrolled?.endpointId ?? null,
    number: enrolled?.endpointNumber ?? null,
    servers: enrolled?.servers.join(', ') ?? null,
    process: status.pid,
    version: status.agentVersion,
    'running since': shownTime(status.startedAt),
    'last contact': shownTime(status.lastContact),
    trouble: status.trouble,
    vault: `${vault.files} files, ${vault.stored}${quota} bytes`,
    'open tasks': status.openTasks,
    ...(status.halted.length > 0 && { halted: `${status.halted.join(', ')}: an emergency stop is engaged` }),
    'unsent reports': status.unsentReports,
    policy: policy.trouble ?? `${policy.file} (${policy.rules ?? 0} rules)`,
  };
}

function limitationTables({ limitations }: AgentStatus): readonly Table[] {
  return limitations.length === 0 ? [] : [table(limitations, { LIMITATIONS: (each) => each })];
}

function shownTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
