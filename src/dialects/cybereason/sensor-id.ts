import { createHash } from 'node:crypto';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { pylumId } from './pylum-id.ts';

const hexDigits = 24;
const named = /^(?:([0-9a-fA-F]{24}):)?PYLUMCLIENT_.*_([0-9A-Fa-f]{12})$/s;

/**
 * This installation as the vendor names a server: 24 hex digits, the head of a hash of the first event that it recorded. That
 * never changes, is in every backup, and goes with the records from one database to another.
 */
export async function serverIdOf({ events }: Pick<Reader, 'events'>): Promise<string> {
  const first = await events.first();
  const facts = first === undefined ? [] : [first.type, first.at, first.actor.kind, first.actor.id, first.facts];
  const hash = createHash('sha256').update('custody-server-id-v1\0').update(JSON.stringify(facts));
  return hash.digest('hex').slice(0, hexDigits);
}

export function sensorId(serverId: string, endpoint: Pick<Endpoint, 'hostName' | 'id'>): string {
  return `${serverId}:${pylumId(endpoint)}`;
}

/**
 * The head of the endpoint id that a sensor id, or a pylum id alone, ends with. The host name in it is not read: a machine
 * that was renamed is still the one that was meant.
 * @returns undefined for another server's sensor, and for text that names none.
 */
export function endpointHead(text: string, serverId: string): string | undefined {
  const [, server, head] = named.exec(text) ?? [];
  const isOurs = server === undefined || server.toLowerCase() === serverId;
  return isOurs ? head?.toLowerCase() : undefined;
}
