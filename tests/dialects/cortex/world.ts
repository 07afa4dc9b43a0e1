import type { KeyLevel } from '#core/access/credential.ts';
import type { Json } from '#core/custody/event.ts';
import type { Sha256 } from '#core/file/hash.ts';
import { advancedSignature } from '#core/verbs/authenticate-key.ts';
import { type CreatedKey, createKey } from '#core/verbs/create-key.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts, type TestPortsOptions } from '#kit/ports.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

export const badBytes = bytesOf('the bytes of a bad file\n');
export const badPath = '/srv/bad.bin';
export const badHash: Sha256 = sha256Of(badBytes);
export const goodBytes = bytesOf('the bytes of a good file\n');
export const goodPath = '/srv/good.txt';

export interface CortexWorld extends AsyncDisposable {
  readonly ports: TestPorts;
  /** Linux, with the bad file and the good one. */
  readonly web: TestAgent;
  /** macOS, with the bad file. */
  readonly mac: TestAgent;
  /** Carries out whatever is open, on both. */
  work(): Promise<void>;
  send(request: {
    readonly method?: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    /** The address that it comes from. */
    readonly from?: string;
  }): Promise<Response>;
  /** A call as connectors make it: POST, a standard key of a Responder, `request_data` around the fields. */
  call(name: string, fields: Json, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** The headers of a new standard key. */
  key(role: string): Promise<Readonly<Record<string, string>>>;
  newKey(role: string, level: KeyLevel): Promise<CreatedKey>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly reply: Readonly<Record<string, unknown>>;
}

/** Two endpoints behind the dialect, through the real use cases and the real store. */
export async function openWorld(options: TestPortsOptions = {}): Promise<CortexWorld> {
  const ports = await openPorts(options);
  const dialect = createCortexDialect(ports);
  const web = startAgent(ports, await enrolMachine(ports), { [badPath]: badBytes, [goodPath]: goodBytes });
  const macFacts = { hostName: 'mac-1', platform: 'macos', addresses: ['192.0.2.20'], users: ['ben'] } as const;
  const mac = startAgent(ports, await enrolMachine(ports, macFacts), { [badPath]: badBytes });
  const send: CortexWorld['send'] = ({ method = 'POST', path, headers, body, from = '192.0.2.99' }) =>
    dialect.handle(
      new Request(`https://custody.test:8443${path}`, { method, headers, ...(body !== undefined && { body }) }),
      { remoteAddress: from, local: false },
    );
  const newKey: CortexWorld['newKey'] = (role, level) =>
    createKey(ports, administrator, { name: `a ${role}`, role, level, expiresAt: null });
  const key = async (role: string) => standard(await newKey(role, 'standard'));
  const responder = await key('Responder');
  return {
    ports,
    web,
    mac,
    send,
    key,
    newKey,
    async work() {
      await web.work();
      await mac.work();
    },
    async call(name, fields, headers = responder) {
      const body = JSON.stringify({ request_data: fields });
      const response = await send({ path: `/public_api/v1/${name}`, headers, body });
      const text = await response.text();
      return { status: response.status, text, reply: JSON.parse(text).reply };
    },
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}

export function standard({ key, secret }: CreatedKey): Readonly<Record<string, string>> {
  return { 'x-xdr-auth-id': String(key.id), authorization: secret };
}

export function advanced({ key, secret }: CreatedKey, timestamp: number): Readonly<Record<string, string>> {
  const nonce = 'b5834c137a825cc6c80111f237e1c5f8dedeef5df9dcd4c7f1dc73f180c89b47';
  return {
    'x-xdr-auth-id': String(key.id),
    'x-xdr-nonce': nonce,
    'x-xdr-timestamp': String(timestamp),
    authorization: advancedSignature(secret, nonce, String(timestamp)),
  };
}

export function quarantineFields(...agents: readonly TestAgent[]): { readonly [key: string]: Json } {
  const ids = agents.map(({ endpoint }) => endpoint.id);
  return {
    filters: [{ field: 'endpoint_id_list', operator: 'in', value: ids }],
    file_path: badPath,
    file_hash: badHash,
  };
}

export function retrievalFields(paths: Json, ...agents: readonly TestAgent[]): { readonly [key: string]: Json } {
  const ids = agents.map(({ endpoint }) => endpoint.id);
  return { filters: [{ field: 'endpoint_id_list', operator: 'in', value: ids }], files: paths };
}
