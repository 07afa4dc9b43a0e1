import { expect, test } from 'bun:test';
import type { Ports } from '#core/ports/ports.ts';
import type { FileFilter } from '#core/ports/store/files.ts';
import type { Reader, Store, StoreOptions } from '#core/ports/store/store.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { bytesOf } from '#kit/event-stream.ts';
import { administrator } from '#kit/fleet.ts';
import { nativeRequests, openNativeFleet } from './scopes/native-requests.ts';
import { emptyRequests, type Recorded } from './scopes/outsider.ts';

/** What costs more with every row that there is: what it holds is compared, counted or sorted. */
const scanning: Readonly<Partial<Record<keyof Reader, readonly string[]>>> = {
  endpoints: ['list', 'count'],
  files: ['list'],
  actions: ['list', 'standings'],
  approvals: ['list'],
  quarantine: ['list', 'contents'],
  evidence: ['list', 'totals'],
  hashLists: ['list'],
  incidents: ['list', 'processes'],
  alerts: ['list'],
  fleetActions: ['list'],
  events: ['list', 'latest', 'search'],
};

/** Filters that name what is meant, and that there are indexes for. */
const naming = ['ids', 'guids', 'incidentId', 'incidentIds', 'actionId', 'endpointIds'];

function isNamed(filter: unknown): boolean {
  return typeof filter === 'object' && filter !== null && (naming.some((key) => key in filter) || isHash(filter));
}

function isHash(filter: object): boolean {
  const { conditions = [] } = filter as FileFilter;
  return conditions.some(({ field, operator }) => field === 'sha256' && operator === 'equals');
}

/** Tells of every call that may look at every row and was not said to. */
function watched(store: Store, told: (call: string) => void): Store {
  const watchedReader = (reader: Reader): Reader =>
    new Proxy(reader, {
      get(target, name: keyof Reader) {
        const room = target[name];
        return new Proxy(room, {
          get(within, method: string) {
            const found: unknown = Reflect.get(within, method);
            if (typeof found !== 'function' || scanning[name]?.includes(method) !== true) {
              return found;
            }
            return (...given: readonly unknown[]) => {
              if (!isNamed(given[0])) {
                told(`${name}.${method}`);
              }
              return Reflect.apply(found, within, given);
            };
          },
        });
      },
    });
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'read') {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return <Result>(work: (reader: Reader) => Promise<Result>, options?: StoreOptions) =>
        target.read((reader) => work(options?.search === true ? reader : watchedReader(reader)), options);
    },
  });
}

async function headersFor(ports: Ports): Promise<Readonly<Record<string, string>>> {
  const request = { name: 'all', role: 'Instance Administrator', level: 'standard', expiresAt: null } as const;
  const { key, secret } = await createKey(ports, administrator, request);
  const person = { email: 'all@example.com', password: 'a password of everybody' };
  await createUser(ports, administrator, { ...person, role: 'Instance Administrator' });
  const { token } = await logIn(ports, { ...person, remoteAddress: '', dialect: 'cybereason' });
  return { 'x-xdr-auth-id': String(key.id), authorization: secret, cookie: `JSESSIONID=${token}` };
}

test('whatever may look at every row is asked for as a search, so that no list keeps a log-in or an order waiting', async () => {
  const world = await openNativeFleet();
  await using _ = world;
  const headers = await headersFor(world.ports);
  let asking = '';
  const found = new Set<string>();
  const ports = { ...world.ports, store: watched(world.ports.store, (call) => found.add(`${asking}: ${call}`)) };
  const ask = async (dialect: Dialect, requests: readonly Recorded[], local: boolean) => {
    for (const { method, path, headers: own, body } of requests) {
      asking = `${method} ${path.split('?')[0]}`;
      const init = {
        method,
        headers: { ...own, ...(!local && headers) },
        ...(method !== 'GET' && body !== undefined && { body }),
      };
      const answer = await dialect.handle(new Request(`https://custody.test${path}`, init), {
        remoteAddress: '',
        local,
      });
      expect([asking, answer.status]).not.toEqual([asking, 401]);
      if (answer.headers.get('content-type') !== 'text/event-stream') {
        await bytesOf(answer);
      }
    }
  };
  await ask(createNativeDialect(ports), await nativeRequests(world), true);
  const [cortex, cybereason] = [createCortexDialect(ports), createCybereasonDialect(ports)];
  await ask(cortex, emptyRequests(cortex), false);
  await ask(cybereason, emptyRequests(cybereason), false);
  expect([...found]).toEqual([]);
});
