import { createHash } from 'node:crypto';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { pylumId } from './pylum-id.ts';

/**
 * 24 hex digits that stay the same as long as the installation does: they follow from the first event of its records, which a
 * backup brings back.
 */
export async function serverId({ events }: Pick<Reader, 'events'>): Promise<string> {
  const [first] = await events.list({}, 0, 1);
  const text = `custody-server-v1 ${first?.at ?? ''} ${JSON.stringify(first?.facts ?? {})}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** The vendor's name for a sensor of one server. */
export function sensorId(server: string, endpoint: Pick<Endpoint, 'hostName' | 'id'>): string {
  return `${server}:${pylumId(endpoint)}`;
}
