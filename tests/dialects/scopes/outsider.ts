import { expect } from 'bun:test';
import type { Ports } from '#core/ports/ports.ts';
import type { DumpedRow, Store } from '#core/ports/store/store.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { logIn } from '#core/verbs/log-in.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { bytesOf } from '#kit/event-stream.ts';
import { administrator } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';

/** One request that was made before by somebody without a limit. */
export interface Recorded {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const scope = { kind: 'tags', tags: ['borne by no endpoint'] } as const;

/** The headers by which somebody is known who may see none of the endpoints. */
export async function keyOfOutsider(ports: Ports, role: string): Promise<Readonly<Record<string, string>>> {
  const request = { name: 'outsider', role, scope, level: 'standard', expiresAt: null } as const;
  const { key, secret } = await createKey(ports, administrator, request);
  return { 'x-xdr-auth-id': String(key.id), authorization: secret };
}

export async function cookieOfOutsider(ports: Ports, role: string): Promise<Readonly<Record<string, string>>> {
  const email = `outsider.${role.replaceAll(' ', '.').toLowerCase()}@example.com`;
  const password = 'a password of an outsider';
  await createUser(ports, administrator, { email, password, role, scope });
  const { token } = await logIn(ports, { email, password, remoteAddress: '', dialect: 'cybereason' });
  return { cookie: `JSESSIONID=${token}` };
}

type Row = DumpedRow['row'];
type Tables = ReadonlyMap<string, readonly Row[]>;

export async function tablesOf(store: Store): Promise<Tables> {
  const rows = await Array.fromAsync(store.dump());
  // That a key was used is no change of what there is.
  const plain = ({ table, row }: DumpedRow) => (table === 'api_keys' ? { ...row, last_used_at: null } : row);
  return new Map([...Map.groupBy(rows, ({ table }) => table)].map(([name, all]) => [name, all.map(plain)]));
}

/** By what one endpoint, or something of it, is known. */
const marking: Readonly<Record<string, readonly string[]>> = {
  endpoints: ['id', 'host_name', 'number', 'alias', 'vault_recipient'],
  files: ['guid', 'display_path', 'sha256', 'sha1', 'md5'],
  actions: ['id'],
  tasks: ['id'],
  outcomes: ['display_path', 'file_guid', 'sha256', 'vault_object'],
  quarantine: ['vault_object', 'guid', 'file_guid', 'display_path', 'sha256'],
  evidence: ['sha256'],
  // An outsider's own incident may be called the same, after the same alert.
  incidents: ['id', 'guid'],
  alerts: ['id'],
  remediations: ['id'],
};
/** Shorter ones are met by chance. */
const shortestMark = 5;

export function marksOf(tables: Tables): readonly string[] {
  const values = Object.entries(marking).flatMap(([table, columns]) =>
    (tables.get(table) ?? []).flatMap((row) => columns.map((column) => String(row[column] ?? ''))),
  );
  return [...new Set(values)].filter((value) => value.length >= shortestMark);
}

/** What the answer tells beyond what the request has said already. */
async function leaks(answer: Response, request: Recorded, marks: readonly string[]): Promise<readonly string[]> {
  const said = [request.path, decodeURIComponent(request.path.replaceAll(/%(?![0-9a-f]{2})/gi, '')), request.body ?? '']
    .join('\n')
    .toLowerCase();
  const told = await textOf(answer);
  return marks.filter((mark) => told.includes(mark.toLowerCase()) && !said.includes(mark.toLowerCase()));
}

async function textOf(answer: Response): Promise<string> {
  const bytes = await bytesOf(answer);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const text = isZip
    ? Object.entries(await unzip(bytes))
        .flat()
        .join('\n')
    : new TextDecoder().decode(bytes);
  return `${JSON.stringify([...answer.headers])}\n${text}`.toLowerCase();
}

/** Tables of which an outsider may add rows of their own: incidents without endpoints, what was refused, log-ins. */
const ofIncidents = ['incidents', 'incident_comments', 'alerts', 'remediations', 'remediation_rows'];
const growing = [...ofIncidents, 'events', 'ledger_nodes', 'users'];
const passing = ['sessions', 'key_nonces', 'ledger', 'schema_version'];

/** Nothing that there was has changed, and what is new is about no endpoint. */
export function demandUnchanged(before: Tables, after: Tables): void {
  const marks = marksOf(before).filter((mark) => !mark.startsWith('/'));
  for (const [table, rows] of after) {
    const known = before.get(table) ?? [];
    if (growing.includes(table)) {
      const texts = new Set(rows.map((row) => JSON.stringify(row)));
      expect([table, known.filter((row) => !texts.has(JSON.stringify(row)))]).toEqual([table, []]);
      const old = new Set(known.map((row) => JSON.stringify(row)));
      const columns = ['endpoint_id', 'action_id', 'endpoints_count'];
      const added = [...texts].filter((text) => !old.has(text)).map((text) => JSON.parse(text) as Row);
      const bound = added.flatMap((row) => columns.flatMap((column) => row[column] ?? []));
      expect([table, bound]).toEqual([table, []]);
    } else if (!passing.includes(table)) {
      expect([table, rows]).toEqual([table, known]);
    }
  }
  expect(marks.length).toBeGreaterThan(0);
}

/** The operation that answers a request; undefined where none is guarded. */
export function guardedOperation(dialect: Dialect, { method, path }: Pick<Recorded, 'method' | 'path'>) {
  const [pathname = ''] = path.split('?');
  return dialect.operations.find(
    (operation) =>
      operation.method === method &&
      'permission' in operation.access &&
      operation.paths.some((pattern) => matches(pattern, pathname)),
  );
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const given = path.split('/');
  return parts.length === given.length && parts.every((part, at) => part.startsWith(':') || part === given[at]);
}

/** A request with nothing in it for each guarded call, so that none is forgotten. */
export function emptyRequests(dialect: Dialect): readonly Recorded[] {
  return dialect.operations.flatMap(({ method, paths, access }) =>
    'permission' in access
      ? paths.map((path) => ({
          method,
          path: path.replaceAll(/:\w+/g, '1'),
          headers: { 'content-type': 'application/json' },
          ...(method !== 'GET' && { body: '{}' }),
        }))
      : [],
  );
}

const who = ['cookie', 'authorization', 'x-xdr-auth-id', 'x-xdr-nonce', 'x-xdr-timestamp'];

/**
 * Sends again what was sent before, as somebody else.
 * @returns what they learnt, by request; nothing is right.
 */
export async function sendAgain(
  dialect: Dialect,
  recorded: readonly Recorded[],
  { headers, marks }: { readonly headers: Readonly<Record<string, string>>; readonly marks: readonly string[] },
): Promise<readonly string[]> {
  const learnt: string[] = [];
  for (const each of recorded) {
    const own = Object.entries(each.headers).filter(([name]) => !who.includes(name.toLowerCase()));
    const request = new Request(`https://custody.test:8443${each.path}`, {
      method: each.method,
      headers: { ...Object.fromEntries(own), ...headers },
      ...(each.body !== undefined && each.method !== 'GET' && { body: each.body }),
    });
    const answer = await dialect.handle(request, { remoteAddress: '192.0.2.200', local: false });
    const call = `${each.method} ${each.path} ${answer.status}`;
    expect([call, answer.status]).not.toEqual([call, 401]);
    learnt.push(...(await leaks(answer, each, marks)).map((mark) => `${call} tells ${mark} for ${each.body ?? ''}`));
  }
  return learnt;
}
