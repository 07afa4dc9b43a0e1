import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import type { Endpoint, HostFacts } from '#core/endpoint/endpoint.ts';
import { displayPath, type FilePath, parsePath } from '#core/file/file-path.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { archiveNames as cortexNames } from '#dialects/cortex/archive-names.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { archiveNames as cybereasonNames } from '#dialects/cybereason/archive-names.ts';
import { csvRow } from '#dialects/cybereason/csv.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { hostileNames, hostilePaths } from '#kit/hostile-names.ts';
import { decode, encode } from '#wire/codec.ts';
import { hostFactsSchema } from '#wire/host-facts.ts';
import { agentMessageSchema } from '#wire/messages.ts';
import { type CommandWorld, openCommands } from '../cli/command-world.ts';

/** Whatever a terminal, a browser or a log reader would act on, but for the line feeds that a program itself puts between lines. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const content = new TextEncoder().encode('x');

interface Named {
  /** As the agent said it. */
  readonly said: string;
  readonly endpoint: Endpoint;
}

let commands: CommandWorld;
let named: readonly Named[];
let refused: readonly string[];
let files: Endpoint;
const agents = new Map<string, ReturnType<typeof startAgent>>();

/** What arrives of an agent's hello, or undefined where the protocol takes none of it. */
function overTheWire(facts: HostFacts): HostFacts | undefined {
  const hello = {
    ...{ type: 'hello', version: 2, endpointId: '0'.repeat(32), signature: new Uint8Array(64), vaultRecipient: 'age1' },
    facts,
  };
  try {
    const heard = decode(encode(hello), agentMessageSchema);
    return heard.type === 'hello' ? heard.facts : undefined;
  } catch {
    return undefined;
  }
}

function arrived(path: Uint8Array): FilePath {
  const facts = { ...fileFacts('/x', content), path };
  const heard = decode(
    encode({ type: 'inventory', batch: 1, part: 'delta', files: [facts], gone: [] }),
    agentMessageSchema,
  );
  return heard.type === 'inventory' ? (heard.files[0]?.path ?? expect.unreachable()) : expect.unreachable();
}

beforeAll(async () => {
  commands = await openCommands();
  const { ports } = commands;
  const known: Named[] = [];
  const none: string[] = [];
  const plain = await enrolMachine(ports, { hostName: 'plain' });
  for (const said of hostileNames) {
    const facts = overTheWire({
      ...hostFactsSchema.parse(plain),
      hostName: said,
      users: [said],
      domain: said,
      limitations: [said],
    });
    if (facts === undefined) {
      none.push(said);
    } else {
      known.push({ said, endpoint: await enrolMachine(ports, facts) });
    }
  }
  named = known;
  refused = none;
  files = await enrolMachine(ports, { hostName: '\u202e../files\x1b[2J' });
  const disk = Object.fromEntries(hostilePaths.map((path) => [displayPath(path), content]));
  agents.set(files.id, startAgent(ports, files, disk));
  await inventory(
    ports,
    files,
    hostilePaths.map((path) => ({ ...fileFacts('/x', content), path: arrived(path) })),
  );
}, 120_000);

afterAll(async () => {
  await commands[Symbol.asyncDispose]();
});

async function native(method: string, path: string, body?: unknown): Promise<Response> {
  const request = new Request(`http://localhost/api/v1${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return createNativeDialect(commands.ports).handle(request, { remoteAddress: 'local', local: true });
}

/** The body of an answer that no browser takes for a page, with nothing raw in it that JSON or a log would act on. */
async function jsonOf(answer: Response): Promise<unknown> {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toStartWith('application/json');
  const text = await answer.text();
  expect(text).not.toMatch(/[\x00-\x1f]/);
  expect(text.isWellFormed()).toBe(true);
  return JSON.parse(text);
}

test('The corpus has about 500 names, of which only those with a NUL or without end are refused.', () => {
  expect(hostileNames.length).toBeGreaterThan(480);
  for (const name of refused) {
    expect(name.includes('\0') || name.length > 1_000).toBe(true);
  }
  expect(named.length + refused.length).toBe(hostileNames.length);
});

describe('A hostile name is data, and nothing else, in an API', () => {
  test('in the native one', async () => {
    const shown = new Map<string, string>();
    for (let offset = 0; offset < named.length + 2; offset += 100) {
      const page = (await jsonOf(await native('GET', `/endpoints?limit=100&offset=${offset}`))) as {
        readonly items: readonly { readonly id: string; readonly hostName: string }[];
      };
      for (const { id, hostName } of page.items) {
        shown.set(id, hostName);
      }
    }
    for (const { said, endpoint } of named) {
      expect(shown.get(endpoint.id)).toBe(said.toWellFormed());
    }
  });

  test('as a path of it, which is one line, cannot turn the reading direction and is the same bytes when it comes back', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < hostilePaths.length; offset += 100) {
      const found = (await jsonOf(await native('POST', '/files/search', { offset, limit: 100 }))) as {
        readonly items: readonly { readonly path: string }[];
      };
      seen.push(...found.items.map(({ path }) => path));
    }
    expect(new Set(seen)).toEqual(new Set(hostilePaths.map(displayPath)));
    for (const path of seen) {
      expect(path).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(path).not.toMatch(bidi);
    }
    const bytesOf = (path: Uint8Array) => Buffer.from(path).toString('hex');
    expect(new Set(seen.map((path) => bytesOf(parsePath(path))))).toEqual(new Set(hostilePaths.map(bytesOf)));
  });

  test('in that of Cortex XDR', async () => {
    const { ports } = commands;
    const key = await createKey(ports, administrator, { name: '', role: 'Viewer', level: 'standard', expiresAt: null });
    const headers = { 'x-xdr-auth-id': String(key.key.id), authorization: key.secret };
    const request = new Request('https://x/public_api/v1/endpoints/get_endpoints', {
      method: 'POST',
      headers,
      body: '{}',
    });
    const answer = await createCortexDialect(ports).handle(request, { remoteAddress: '', local: false });
    const { reply } = (await jsonOf(answer)) as {
      readonly reply: readonly { readonly agent_id: string; readonly host_name: string }[];
    };
    const names = new Map(reply.map(({ agent_id: id, host_name: name }) => [id, name]));
    for (const { said, endpoint } of named) {
      expect(names.get(endpoint.id)).toBe(said.toWellFormed());
    }
  });

  test('in that of Cybereason', async () => {
    const { ports } = commands;
    const [email, password] = ['viewer@example.com', 'correct horse battery staple'];
    await createUser(ports, administrator, { email, password, role: 'Viewer' });
    const dialect = createCybereasonDialect(ports);
    const ask = (path: string, init: RequestInit) =>
      dialect.handle(new Request(`https://x${path}`, init), { remoteAddress: '', local: false });
    const logIn = await ask('/login.html', {
      method: 'POST',
      body: new URLSearchParams({ username: email, password }),
    });
    const cookie = logIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const headers = { cookie, 'content-type': 'application/json' };
    const seen = new Set<string>();
    for (let offset = 0; seen.size < named.length && offset < 20; offset += 1) {
      const body = JSON.stringify({ limit: 100, offset, filters: [] });
      const sensors = (await jsonOf(await ask('/rest/sensors/query', { method: 'POST', headers, body }))) as {
        readonly sensors: readonly { readonly machineName: string }[];
      };
      for (const { machineName } of sensors.sensors) {
        seen.add(machineName);
      }
    }
    for (const { said } of named) {
      expect(seen.has(said.toWellFormed())).toBe(true);
    }
  });
});

describe('A hostile name is data, and nothing else,', () => {
  test('on a terminal: one line for each, and nothing in it that the terminal acts on', async () => {
    const shown = await commands.run(['endpoint', 'list', '--limit', '1000', '--data', commands.directory]);
    const lines = shown.out.split('\n');
    expect(lines.at(-1)).toBe('');
    expect(lines).toHaveLength(named.length + 2 + 2);
    const found = await commands.run(['file', 'find', '--limit', '1000', '--data', commands.directory]);
    expect(found.out.split('\n')).toHaveLength(hostilePaths.length + 2);
    for (const line of [...lines, ...found.out.split('\n'), ...shown.err.split('\n')]) {
      expect(line).not.toMatch(acting);
    }
    const one = await commands.run(['endpoint', 'show', files.id, '--data', commands.directory]);
    expect(one.out.replaceAll('\n', '')).not.toMatch(acting);
  });

  test('as JSON on a terminal, which is still the same JSON', async () => {
    const { out } = await commands.run(['endpoint', 'list', '--limit', '1000', '--json', '--data', commands.directory]);
    expect(out.replaceAll('\n', '')).not.toMatch(acting);
    const { items } = JSON.parse(out) as {
      readonly items: readonly { readonly id: string; readonly hostName: string }[];
    };
    const names = new Map(items.map(({ id, hostName }) => [id, hostName]));
    for (const { said, endpoint } of named) {
      expect(names.get(endpoint.id)).toBe(said.toWellFormed());
    }
  });

  test('in a log: one line for each event', () => {
    const program = `
      import { createLog } from '#server/log.ts';
      import { hostileNames } from '#kit/hostile-names.ts';
      const log = createLog('info');
      for (const hostName of hostileNames) {
        log.warn('An agent was refused.', { hostName, cause: new Error(hostName) });
      }`;
    const { stderr } = spawnSync(process.execPath, ['-e', program], { cwd: import.meta.dirname, maxBuffer: 2 ** 28 });
    const lines = stderr
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toHaveLength(hostileNames.length);
    for (const [index, line] of lines.entries()) {
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(line).not.toMatch(bidi);
      const { msg, hostName } = JSON.parse(line) as { readonly msg: string; readonly hostName: string };
      expect([msg, hostName]).toEqual(['An agent was refused.', hostileNames[index] ?? '']);
    }
  });

  test('in a CSV file: one line, one cell, and no formula', () => {
    for (const name of hostileNames) {
      const row = csvRow(['before', name, 'after']);
      expect(row.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      const cell = /^before,(?:"((?:[^"]|"")*)"|([^",]*)),after\n$/u.exec(row);
      expect(cell).not.toBeNull();
      expect(cell?.[1] ?? cell?.[2] ?? '').not.toMatch(/^\s*[=+\-@]/);
    }
  });
});

/** What any system would unpack somewhere else, under another name, or not at all. */
function demandSafe(names: readonly string[]): void {
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  for (const name of names) {
    expect(Buffer.byteLength(name)).toBeLessThan(4_096);
    expect(name).not.toMatch(/[\\:*?"<>|\p{Cc}\p{Cs}\u2028\u2029]/u);
    expect(name).not.toMatch(bidi);
    for (const part of name.split('/')) {
      expect(part).not.toMatch(/^\.{0,2}$|[. ]$/);
      expect(part).not.toMatch(/^(?:con|prn|aux|nul|com[1-9\u00b9]|lpt[1-9]|conin\$)(?:\.|$)/i);
      expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255);
    }
  }
}

describe('A hostile name in an archive leads nowhere,', () => {
  test('in one of the native API, and neither does the name under which a file is saved', async () => {
    const { ports } = commands;
    const origin = { principal: administrator, dialect: 'native' } as const;
    // Each piece as it is, and what is no UTF-8; every request reads the whole action.
    const paths = [...hostilePaths.slice(0, 90), ...hostilePaths.slice(-25)].map(arrived);
    const action = await retrieveFiles(ports, { origin, endpointIds: [files.id], paths: { linux: paths } });
    await agents.get(files.id)?.work();
    const archive = await native('GET', `/actions/${action.id}/evidence`);
    expect(archive.status).toBe(200);
    const entries = entriesOf(new Uint8Array(await archive.arrayBuffer()));
    expect(entries).toHaveLength(paths.length);
    demandSafe(entries);
    const [task] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
    for (const ordinal of paths.keys()) {
      const file = await native('GET', `/actions/${action.id}/tasks/${task?.id}/evidence/${ordinal}`);
      const disposition = file.headers.get('content-disposition') ?? '';
      expect([file.status, disposition]).toEqual([200, expect.stringMatching(/^attachment; filename="[\x20-\x7e]*"/)]);
      expect(disposition).toMatch(
        /^attachment; filename="[^"\\/]*"(?:; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*)?$/,
      );
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
      await file.body?.cancel();
    }
  }, 120_000);

  test('in one of the Cortex XDR API', () => {
    demandSafe(cortexNames(hostilePaths as readonly FilePath[], ['retrieval_log.json']));
  });

  test('in one of the Cybereason API', () => {
    demandSafe(
      cybereasonNames(
        hostilePaths.map((path, index) => ({
          endpointId: String(index % 3).repeat(32),
          machineName: hostileNames[index % 3] ?? '',
          displayPath: displayPath(path),
        })),
      ),
    );
  });
});

/** The names in the central directory of a ZIP (APPNOTE 4.3.12), as they stand there. */
function entriesOf(zip: Uint8Array): readonly string[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const names: string[] = [];
  for (let at = 0; at + 46 <= zip.length; at += 1) {
    if (view.getUint32(at, true) === 0x02014b50) {
      const length = view.getUint16(at + 28, true);
      names.push(new TextDecoder('utf-8', { fatal: true }).decode(zip.subarray(at + 46, at + 46 + length)));
    }
  }
  return names;
}
