import type { ActionId, TaskId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type FetchedFile, fetchedFiles } from '#core/verbs/fetched-files.ts';

/** Every file of a fetch. @throws Fault `not_found`; an action of another kind has no files to give */
export async function filesOfAction(
  ports: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<readonly FetchedFile[]> {
  const action = await ports.store.read(({ actions }) => actions.byId(id));
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  return fetchedFiles(ports, [action]);
}

/** One file of a fetch. @throws Fault `not_found` */
export async function demandFile(
  ports: Pick<Ports, 'store' | 'clock'>,
  place: { readonly actionId: ActionId; readonly taskId: TaskId; readonly ordinal: number },
): Promise<FetchedFile> {
  const files = await filesOfAction(ports, place.actionId);
  const file = files.find(({ task, ordinal }) => task.id === place.taskId && ordinal === place.ordinal);
  if (file === undefined) {
    throw new Fault('not_found', 'This action has no such file.', { details: { what: 'evidence' } });
  }
  return file;
}
