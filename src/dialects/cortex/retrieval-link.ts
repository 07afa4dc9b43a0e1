import { type ActionId, isActionId } from '#core/action/action-id.ts';
import { type EndpointId, isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';

export interface RetrievalTarget {
  readonly actionId: ActionId;
  readonly endpointId: EndpointId;
}

const label = 'cortex-retrieval';
const longestToken = 2_000;
/** Of a link that answers as long as its retrieval is kept. */
const never = '-';

/**
 * The address of one endpoint's archive. Connectors cut it at the word "download" and put their own base in front, so
 * the word stands in it once and the token, hex, cannot hold it. The token is sealed: nobody can make one, and it tells
 * nothing; a key is needed beside it all the same.
 */
export function retrievalLink(ports: Pick<Ports, 'secrets' | 'policy' | 'clock'>, target: RetrievalTarget): string {
  const { linkLifetime } = ports.policy.cortex.retrieval;
  const end = linkLifetime === null ? never : String(ports.clock.now() + linkLifetime);
  const plain = new TextEncoder().encode([label, target.actionId, target.endpointId, end].join(' '));
  const token = Buffer.from(ports.secrets.seal(plain)).toString('hex');
  return `${ports.policy.publicUrl}/public_api/v1/download/${token}`;
}

/** @throws Fault `not_found`, for a link that is over as well. */
export function readToken(ports: Pick<Ports, 'secrets' | 'clock'>, token: string): RetrievalTarget {
  const [kind, actionId = '', endpointId = '', end = ''] = open(ports, token).split(' ');
  const isOver = end !== never && !(ports.clock.now() < Number(end));
  if (kind !== label || !isActionId(actionId) || !isEndpointId(endpointId) || isOver) {
    throw unknownLink();
  }
  return { actionId, endpointId };
}

/** @throws Fault `not_found` for a link that leads nowhere, or no longer. */
export function unknownLink(cause?: unknown): Fault {
  return new Fault('not_found', 'There is nothing behind this link. Ask for the retrieval details again.', {
    cause,
    details: { what: 'link' },
  });
}

function open(ports: Pick<Ports, 'secrets'>, token: string): string {
  if (token.length > longestToken || !/^([0-9a-f]{2})+$/.test(token)) {
    throw unknownLink();
  }
  try {
    return new TextDecoder().decode(ports.secrets.open(new Uint8Array(Buffer.from(token, 'hex'))));
  } catch (cause) {
    throw unknownLink(cause);
  }
}
