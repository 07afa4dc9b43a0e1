import { z } from 'zod';
import type { RealServer } from './real-server.ts';

/** A logged-in client of the Cybereason API. */
export interface CybereasonClient {
  /** As it goes into a `Cookie` header. */
  readonly cookie: string;
  get(path: string): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
  /** Elements of one type for which every filter holds. */
  query(requestedType: string, filters: readonly Filter[]): Promise<Readonly<Record<string, Element>>>;
  /** Starts a download. */
  start(elementGuids: readonly string[]): Promise<Started>;
  /** The rows of the list of downloads. */
  progress(): Promise<readonly DownloadRow[]>;
}

export interface Filter {
  readonly facetName: string;
  readonly values: readonly string[];
  readonly filterType?: string;
}

const startedSchema = z.looseObject({ data: z.boolean(), status: z.string(), message: z.string() });
export type Started = z.infer<typeof startedSchema>;

const progressSchema = z.object({
  status: z.literal('SUCCESS'),
  data: z.array(
    z.looseObject({
      batchId: z.int(),
      fileName: z.string(),
      machineName: z.string(),
      initiatorUserName: z.string(),
      sizeInBytes: z.int(),
      succeeded: z.boolean(),
    }),
  ),
});
export type DownloadRow = z.infer<typeof progressSchema>['data'][number];

const elementSchema = z.object({
  guidString: z.string(),
  simpleValues: z.record(z.string(), z.object({ totalValues: z.number(), values: z.array(z.string()) })),
});
export type Element = z.infer<typeof elementSchema>;

const querySchema = z.object({
  status: z.literal('SUCCESS'),
  data: z.object({ resultIdToElementDataMap: z.record(z.string(), elementSchema) }),
});

export const password = 'a password for the tests';

/** Makes a user and logs it in. */
export async function newUser(server: RealServer, email: string, role: Role): Promise<CybereasonClient> {
  await server.client.createUser({ email, password, role });
  return logIn(server, email);
}

type Role = Parameters<RealServer['client']['createUser']>[0]['role'];

async function logIn(server: RealServer, email: string): Promise<CybereasonClient> {
  const answer = await sendLogIn(server, email, password);
  const cookie = /^JSESSIONID=[0-9A-F]{32}/.exec(answer.headers.getSetCookie()[0] ?? '')?.[0];
  if (cookie === undefined) {
    throw new Error(`No session: ${answer.status} ${answer.headers.get('location')}`);
  }
  const headers = { cookie, 'content-type': 'application/json' };
  const get = (path: string) => server.fetch(path, { headers });
  const post = (path: string, body: unknown) =>
    server.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return {
    ...{ cookie, get, post },
    async query(requestedType, filters) {
      const queryPath = [{ requestedType, filters, isResult: true }];
      const limits = { totalResultLimit: 1000, perGroupLimit: 100, perFeatureLimit: 100, queryTimeout: 120_000 };
      const reply = await post('/rest/visualsearch/query/simple', {
        ...{ queryPath, ...limits, templateContext: 'SPECIFIC' },
        customFields: ['elementDisplayName', 'correctedPath', 'sha256String', 'size'],
      });
      return querySchema.parse(await reply.json()).data.resultIdToElementDataMap;
    },
    async start(elementGuids) {
      const reply = await post('/rest/fetchfile/start', { elementGuids, initiatorUserName: email });
      return startedSchema.parse(await reply.json());
    },
    async progress() {
      return progressSchema.parse(await (await get('/rest/fetchfile/downloads/progress')).json()).data;
    },
  };
}

/** `POST /login.html`, as a browser's form. */
export function sendLogIn(server: RealServer, username: string, given: string): Promise<Response> {
  return server.fetch('/login.html', { method: 'POST', body: new URLSearchParams({ username, password: given }) });
}
