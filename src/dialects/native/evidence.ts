import type { Action } from '#core/action/action.ts';
import type { ActionId, TaskId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type FetchedFile, fetchedFiles, filesOfEveryAttempt } from '#core/verbs/fetched-files.ts';

/** Every file of a fetch. @throws Fault `not_found`; an action of another kind has no files to give */
export async function filesOfAction(
  ports: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<readonly FetchedFile[]> {
  return fetchedFiles(ports, [await demandAction(ports, id)]);
}

async function demandAction({ store }: Pick<Ports, 'store'>, id: ActionId): Promise<Action> {
  const action = await store.read(({ actions }) => actions.byId(id));
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  return action;
}

/** One file of a fetch, of whichever attempt. @throws Fault `not_found` */
export async function demandFile(
  ports: Pick<Ports, 'store' | 'clock'>,
  place: { readonly actionId: ActionId; readonly taskId: TaskId; readonly ordinal: number },
): Promise<FetchedFile> {
  const files = await filesOfEveryAttempt(ports, [await demandAction(ports, place.actionId)]);
  const file = files.find(({ task, ordinal }) => task.id === place.taskId && ordinal === place.ordinal);
  if (file === undefined) {
    throw new Fault('not_found', 'This action has no such file.', { details: { what: 'evidence' } });
  }
  return file;
}
