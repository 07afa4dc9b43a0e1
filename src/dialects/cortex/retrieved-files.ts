import type { Action } from '#core/action/action.ts';
import type { ActionId } from '#core/action/action-id.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';

/** Every file of a retrieval, by endpoint; undefined when there is no such retrieval. */
export async function retrievedFiles(
  ports: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<readonly FetchedFile[] | undefined> {
  const action = await ports.store.read(({ actions }) => actions.byId(id));
  return action?.verb === 'fetch' ? fetchedFiles(ports, [action]) : undefined;
}

/** Whether links to a retrieval still answer. */
export function linksAnswer(ports: Pick<Ports, 'clock' | 'policy'>, action: Action): boolean {
  return ports.clock.now() < action.createdAt + ports.policy.retrievalLifetime;
}

/** Whether the server holds the file's bytes. */
export function isRetrieved({ outcome }: FetchedFile): boolean {
  return outcome?.outcome === 'done' && outcome.sha256 !== null;
}
