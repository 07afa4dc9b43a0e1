import type { Principal } from '../access/principal.ts';
import { demandWholeFleet } from '../access/scope.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { readTag } from '../endpoint/label.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import { orderTargets } from './order-targets.ts';

export interface TagEndpoints {
  readonly by: Principal;
  readonly endpointIds: readonly EndpointId[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Every list of endpoints carries them. */
const mostTags = 100;

/**
 * Puts tags on endpoints and takes others off, on all of them or on none. Unknown and removed endpoints are left out.
 * @returns those that have the one and lack the other now.
 * @throws Fault `permission_denied` for whoever is limited to some tags, `invalid_request` for a tag that is no line of text, `limit_exceeded` for too many on one endpoint.
 */
export async function tagEndpoints(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { by, endpointIds, add, remove }: TagEndpoints,
): Promise<readonly EndpointId[]> {
  demandWholeFleet(by.scope, 'Which tags an endpoint bears says who may reach it, and so concerns');
  const added = add.map(readTag);
  const removed = new Set(remove.map(readTag));
  const actor = { kind: by.kind, id: by.id, name: by.name };
  return store.transact(async (transaction) => {
    const known = await orderTargets(transaction, endpointIds);
    const before = await transaction.endpoints.byIds(known);
    const changes = before.flatMap(({ id, tags: had }) => {
      const tags = [...new Set([...had, ...added])].filter((tag) => !removed.has(tag));
      demandFew(tags);
      return tags.join('\n') === had.join('\n') ? [] : [{ id, tags }];
    });
    await transaction.endpoints.setTags(changes);
    const at = clock.now();
    await transaction.events.append(
      changes.map(({ id, tags }) => ({ type: 'endpoint_tagged', at, actor, endpointId: id, facts: { tags } })),
    );
    return known;
  });
}

function demandFew(tags: readonly string[]): void {
  if (tags.length > mostTags) {
    throw new Fault('limit_exceeded', `tag: one endpoint has at most ${mostTags} tags.`, {
      details: { limit: mostTags, asked: tags.length },
    });
  }
}
