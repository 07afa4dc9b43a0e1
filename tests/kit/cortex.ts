import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RealServer } from './real-server.ts';

export type Headers = Readonly<Record<string, string>>;

export interface CortexAnswer {
  readonly status: number;
  readonly reply: unknown;
}

/** A client of the Cortex XDR API with a key of its own. */
export interface CortexClient {
  readonly keyId: number;
  readonly secret: string;
  readonly headers: Headers;
  /** `POST /public_api/v1/<call>` with `request_data` around the fields. */
  call(call: string, fields: unknown): Promise<CortexAnswer>;
  /** A call that starts an action. @returns the action's id; throws when it was refused. */
  order(call: string, fields: unknown): Promise<string>;
}

type NewKey = Parameters<RealServer['client']['createKey']>[0];

const envelope = z.object({ reply: z.unknown() });
/** What every call that starts an action replies. */
export const startedSchema = z.object({
  action_id: z.string().regex(/^\d+$/),
  status: z.literal(1),
  endpoints_count: z.string(),
});
export type Started = z.infer<typeof startedSchema>;

export async function newKey(
  server: RealServer,
  role: NewKey['role'],
  level: NewKey['level'] = 'standard',
): Promise<CortexClient> {
  const { id, secret } = await server.client.createKey({ role, level });
  const headers = level === 'standard' ? standardHeaders(id, secret) : advancedHeaders(id, secret);
  const call: CortexClient['call'] = (name, fields) =>
    send(server, `/public_api/v1/${name}`, { headers, body: JSON.stringify({ request_data: fields }) });
  return {
    ...{ keyId: id, secret, headers, call },
    async order(name, fields) {
      const { status, reply } = await call(name, fields);
      if (status !== 200) {
        throw new Error(`${name} was refused: ${status} ${JSON.stringify(reply)}`);
      }
      return startedSchema.parse(reply).action_id;
    },
  };
}

/** A POST as it is given. */
export async function send(
  server: RealServer,
  path: string,
  request: { readonly headers: Headers; readonly body: string },
): Promise<CortexAnswer> {
  const answer = await server.fetch(path, { method: 'POST', ...request });
  return { status: answer.status, reply: envelope.parse(await answer.json()).reply };
}

function standardHeaders(id: number, secret: string): Headers {
  return { 'x-xdr-auth-id': String(id), authorization: secret, 'content-type': 'application/json' };
}

/** Lower-case hex SHA-256 of key, nonce and timestamp, one after the other. */
function advancedHeaders(id: number, secret: string): Headers {
  const nonce = Array.from({ length: 8 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, '0')).join('');
  const timestamp = String(Date.now());
  const authorization = createHash('sha256').update(`${secret}${nonce}${timestamp}`).digest('hex');
  return { ...standardHeaders(id, authorization), 'x-xdr-nonce': nonce, 'x-xdr-timestamp': timestamp };
}
