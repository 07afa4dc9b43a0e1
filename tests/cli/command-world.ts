import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentStatus } from '#cli/agent-programs.ts';
import { runCommandLine } from '#cli/main.ts';
import type { Programs, RestoredBackup } from '#cli/programs.ts';
import type { Terminal } from '#cli/terminal.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { openPorts, type TestPorts, type TestPortsOptions } from '#kit/ports.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly err: string;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Somebody looks on. */
  readonly terminal?: Terminal;
  /** What writing a result ends with. */
  readonly broken?: Error;
  /** What a person at a terminal types; left out: nobody sits there. */
  readonly typed?: string;
}

export interface CommandWorld extends AsyncDisposable {
  readonly ports: TestPorts;
  /** An empty directory, where no server runs. */
  readonly directory: string;
  /** What the programs were called with, in order. */
  readonly called: { readonly name: string; readonly with: unknown }[];
  /** Whether what was opened in process was closed again. */
  isClosed(): boolean;
  run(words: readonly string[], surroundings?: Surroundings): Promise<Ran>;
  /** The same with `--data` and `--json`, which must succeed. */
  json(words: readonly string[], surroundings?: Surroundings): Promise<unknown>;
}

/** What an agent's machine says, with nothing in it. */
export function statusOf(standing: AgentStatus['standing']): AgentStatus {
  return {
    ...{ standing, enrolled: null, pid: null, agentVersion: null, startedAt: null, lastContact: null, trouble: null },
    vault: { files: 0, stored: 0, quota: null },
    ...{ openTasks: 0, unsentReports: 0, halted: ['fetch'], limitations: ['runs as user nobody'] },
    policy: { file: '/etc/custody/agent-policy.toml', rules: 0, trouble: null },
  };
}

type Note = (name: string, facts: unknown) => void;

function agentService(note: Note): Programs['service'] {
  return {
    async status(place) {
      note('status', place);
      return statusOf('stopped');
    },
    async vault(place) {
      note('vault', place);
      return [];
    },
    async rekey(place) {
      note('rekey', place);
      return { recipient: 'age1new', rewrapped: 0, left: [] };
    },
    async restore(wish) {
      note('restore', wish);
      const file = { path: '/srv/a', outcome: 'done', succeeded: true, message: '' };
      return { actionId: '7', isRepeated: wish.token === 'used', files: [file] };
    },
    async trust(change) {
      note('trust', change);
      return { endpointId: '0'.repeat(32), servers: ['https://a.example'], authorities: 1, proxy: null };
    },
    async install(wish) {
      note('install', wish);
      return ['write the unit'];
    },
    async uninstall(wish) {
      note('uninstall', wish);
      return [];
    },
  };
}

type OfflineProgram = 'backUp' | 'verifyServer' | 'verifyBundle' | 'restoreBackup' | 'rotateEvidenceKey';

function offlinePrograms(note: (name: string, facts: unknown) => void): Pick<Programs, OfflineProgram> {
  return {
    async backUp(command) {
      note('backUp', command);
      return { file: command.file, evidenceFiles: 0, evidenceLeftOut: ['c'.repeat(64), 'd'.repeat(64)] };
    },
    async verifyServer(command) {
      note('verifyServer', command);
      return { events: 3, root: 'AAAA', checkpoints: command.checkpoints.length, finding: null };
    },
    async restoreBackup(command) {
      note('restoreBackup', command);
      return restored;
    },
    async verifyBundle(bundle) {
      note('verifyBundle', bundle);
      return {
        ...{ subject: 'action 1', exportedAt: null, exportedBy: null, events: 3, reports: 1, files: 1 },
        ...{ ledger: null, keyIsGiven: bundle.key !== undefined, finding: null },
      };
    },
    async rotateEvidenceKey(sources) {
      note('rotateEvidenceKey', sources);
      return { rewrapped: 2, damaged: ['ab'] };
    },
  };
}

/** The programs of whoever signs orders; each notes its call. */
function signerPrograms(note: (name: string, facts: unknown) => void): Pick<Programs, 'signer' | 'rotateOrderKey'> {
  return {
    signer: {
      async init(wish) {
        note('signerInit', wish);
        const { directory } = wish;
        return { directory, publicKey: 'a2V5', policy: `${directory}/signer.toml`, serverIdentity: null };
      },
      run: async (place) => note('signerRun', place),
      async rotate(place) {
        note('signerRotate', place);
        return { publicKey: 'bmV3' };
      },
    },
    async rotateOrderKey(sources) {
      note('rotateOrderKey', sources);
      return { publicKey: 'bmV3' };
    },
  };
}

async function keep(chunks: Uint8Array[], chunk: string | Uint8Array): Promise<void> {
  chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
}
const longAgo = '2026-11-22T12:00:00.000Z';
const restored: RestoredBackup = {
  ...{ data: 'd', madeAt: longAgo, evidenceFiles: 0, evidenceIncluded: true, keysRevoked: 0, tokensExpired: 2 },
  evidenceLeftOut: ['a'.repeat(64), 'b'.repeat(64)],
  keys: [{ id: 3, name: 'soar', role: 'Responder', createdAt: longAgo, createdBy: 'ana' }],
  users: [{ email: 'ana@example.com', role: 'Viewer', passwordChangedAt: longAgo, hasSecondFactor: false }],
};

/** A command line whose `openLocalServices` answers from a real store, and whose other programs note their call. */
export async function openCommands(options: TestPortsOptions = {}): Promise<CommandWorld> {
  const ports = await openPorts(options);
  const dialect = createNativeDialect(ports);
  const directory = await mkdtemp(join(tmpdir(), 'custody-cli-'));
  const called: { readonly name: string; readonly with: unknown }[] = [];
  let open = 0;
  const note = (name: string, facts: unknown) => void called.push({ name, with: facts });
  const programs: Programs = {
    runServer: async (sources, words) => {
      note('runServer', sources);
      words.say('It answers.');
    },
    runUp: async (sources) => note('runUp', sources),
    enrolAgent: async (enrolment) => {
      note('enrolAgent', enrolment);
      const roots = enrolment.roots ?? [];
      return { endpointId: '0'.repeat(32), endpointNumber: 1_234_567_890, roots, missingRoots: roots.slice(1) };
    },
    runAgent: async (options) => note('runAgent', options),
    service: agentService(note),
    async openLocalServices(sources) {
      note('openLocalServices', sources);
      open += 1;
      return {
        send: ({ method, path, headers, body }) =>
          dialect.handle(
            new Request(`http://localhost${path}`, { method, headers, ...(body !== undefined && { body }) }),
            { remoteAddress: 'local', local: true },
          ),
        async close() {
          open -= 1;
        },
      };
    },
    ...signerPrograms(note),
    ...offlinePrograms(note),
  };
  const run = runner(programs);
  return {
    ports,
    directory,
    called,
    isClosed: () => open === 0,
    run,
    async json(words, surroundings) {
      const { code, out, err } = await run([...words, '--data', directory, '--json'], surroundings);
      if (code !== 0) {
        throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
      }
      return JSON.parse(out);
    },
    async [Symbol.asyncDispose]() {
      await ports[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

function runner(programs: Programs): CommandWorld['run'] {
  return async (words, { environment = {}, input = '', typed, terminal, broken } = {}) => {
    const chunks: Uint8Array[] = [];
    let err = '';
    const say = (text: string) => {
      err += text;
    };
    const ask = async (question: string) => {
      say(question);
      return typed ?? '';
    };
    const code = await runCommandLine(words, programs, {
      environment,
      out: (chunk) => (broken === undefined ? keep(chunks, chunk) : Promise.reject(broken)),
      err: say,
      readInput: async () => input,
      ask: typed === undefined ? undefined : ask,
      terminal,
    });
    const bytes = new Uint8Array(Buffer.concat(chunks));
    return { code, out: new TextDecoder().decode(bytes), bytes, err };
  };
}
