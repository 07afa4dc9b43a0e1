import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid, type Guid, machineGuid } from '#core/file/guid.ts';
import type { Policy } from '#core/ports/policy.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { startAgent, type TestAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { openPorts, type TestPorts, type TestPortsOptions } from '#kit/ports.ts';

export const origin = 'https://custody.test:8443';
export const password = 'correct horse battery staple';
export const remoteAddress = '198.51.100.7';

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** A server's Cybereason dialect on real parts, two machines and their files. */
export interface World extends AsyncDisposable {
  readonly ports: TestPorts;
  readonly web: Machine;
  readonly mail: Machine;
  send(request: Sent): Promise<Response>;
  /** Logs a new user in. @returns the value of its `Cookie` header. */
  cookieOf(role: string, email?: string): Promise<string>;
}

export interface Machine {
  readonly endpoint: Endpoint;
  readonly agent: TestAgent;
  readonly guid: Guid;
  guidOf(path: string): Guid;
}

export const texts: Readonly<Record<string, string>> = {
  '/srv/calc.bin': 'the bytes of the calculator',
  '/srv/report.txt': 'quarterly figures',
  '/srv/old/report.txt': 'last year',
  '/srv/reports.txt.bak': 'a backup',
  '/srv/Ünïcode näme.txt': 'letters',
  '/srv/on-disk-no-more.bin': 'inventoried, then deleted',
};

export interface WorldOptions extends TestPortsOptions {
  readonly guidSpelling?: Policy['cybereason']['guidSpelling'];
}

export async function openWorld({ guidSpelling, ...options }: WorldOptions = {}): Promise<World> {
  const opened = await openPorts({ ...options, policy: { sessionLifetime: 8 * 3_600_000, ...options.policy } });
  const { cybereason } = opened.policy;
  const spelt = { ...cybereason, guidSpelling: guidSpelling ?? cybereason.guidSpelling };
  const ports = { ...opened, policy: { ...opened.policy, cybereason: spelt } };
  const dialect = createCybereasonDialect(ports);
  const send = ({ method = 'GET', path, headers = {}, body }: Sent) =>
    dialect.handle(new Request(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }), {
      remoteAddress,
      local: false,
    });
  const web = await startMachine(ports, 'web-1');
  const mail = await startMachine(ports, 'mail-1');
  web.agent.disk.delete('/srv/on-disk-no-more.bin');
  return {
    ports,
    web,
    mail,
    send,
    async cookieOf(role, email = `${role.toLowerCase().replace(/\s/g, '.')}@example.com`) {
      await createUser(ports, administrator, { email, password, role });
      const answer = await send(logInRequest(email, password));
      return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    },
    [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
  };
}

function logInRequest(username: string, secret: string): Sent {
  return {
    method: 'POST',
    path: '/login.html',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username, password: secret }).toString(),
  };
}

export function post(path: string, cookie: string, body: unknown): Sent {
  return { method: 'POST', path, headers: { cookie, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function startMachine(ports: TestPorts, hostName: string): Promise<Machine> {
  const endpoint = await enrolMachine(ports, { hostName });
  const files = Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  await inventory(
    ports,
    endpoint,
    files.map(([path, bytes]) => fileFacts(path, bytes)),
  );
  return {
    endpoint,
    agent: startAgent(ports, endpoint, Object.fromEntries(files)),
    guid: machineGuid(endpoint.number),
    guidOf: (path) => fileGuid(endpoint.number, parsePath(path)),
  };
}
