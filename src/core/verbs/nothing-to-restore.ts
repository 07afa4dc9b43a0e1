import type { TaskId } from '../action/action-id.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { FileReport } from './received-report.ts';
import type { EndedTask } from './vault-effects.ts';

type Records = Pick<Transaction, 'quarantine' | 'tasks'>;

/**
 * Reports of restores and undos on endpoints that never took the file: their quarantine was superseded in time. The agent says that it
 * holds nothing, and nothing was ever recorded there, so what was asked for is so: `already_done`, not a failure. Where
 * there was an object once, an agent that finds nothing has lost it, and that stays a failure.
 */
export async function readNothingToRestore(
  records: Records,
  ended: readonly EndedTask[],
): Promise<readonly EndedTask[]> {
  const restores = ended.filter(({ task, report }) => task.verb === 'restore' && report.files.some(holdsNothing));
  const undos = ended.filter(({ task, report }) => task.verb === 'undo' && report.files.some(tookNothing));
  if (restores.length + undos.length === 0) {
    return ended;
  }
  const known = await knownPlaces(records, restores);
  const lost = await undosOfSomething(records, undos);
  const read = (each: EndedTask, isDone: (file: FileReport) => boolean): EndedTask => {
    const files = each.report.files.map(
      (file): FileReport => (isDone(file) ? { ...file, outcome: 'already_done' } : file),
    );
    return { ...each, report: { ...each.report, files } };
  };
  return ended.map((each) => {
    const { task, report } = each;
    if (task.verb === 'undo') {
      return read(each, (file) => tookNothing(file) && !lost.has(task.id));
    }
    return task.verb === 'restore'
      ? read(each, (file) => holdsNothing(file) && !known.has(placeOf(report.endpoint.id, file.sha256)))
      : each;
  });
}

/** Where there is, or was, something with the hash that a restore did not find. */
async function knownPlaces(
  { quarantine }: Pick<Records, 'quarantine'>,
  restores: readonly EndedTask[],
): Promise<ReadonlySet<string>> {
  const endpointIds = [...new Set(restores.map(({ report }) => report.endpoint.id))];
  const sha256 = [...new Set(restores.flatMap(({ report }) => report.files.flatMap((file) => file.sha256 ?? [])))];
  const places = await quarantine.placesAmong({ endpointIds, sha256 });
  return new Set(places.map((place) => placeOf(place.endpointId, place.sha256)));
}

/** Those of these undos whose quarantine did take something there, as far as the records go. */
async function undosOfSomething(
  { quarantine, tasks }: Records,
  undos: readonly EndedTask[],
): Promise<ReadonlySet<TaskId>> {
  const found = await tasks.byIds(undos.map(({ task }) => task.id));
  const undone = found.flatMap(({ id, endpointId, parameters }) =>
    parameters.verb === 'undo' ? [{ id, endpointId, actionId: parameters.actionId }] : [],
  );
  const taken = await quarantine.takenBy({
    actionIds: [...new Set(undone.map(({ actionId }) => actionId))],
    endpointIds: [...new Set(undone.map(({ endpointId }) => endpointId))],
  });
  const places = new Set(taken.map(({ endpointId, actionId }) => `${endpointId} ${actionId}`));
  return new Set(
    undone.filter(({ endpointId, actionId }) => places.has(`${endpointId} ${actionId}`)).map(({ id }) => id),
  );
}

function holdsNothing({ outcome, path, vaultObject, sha256 }: FileReport): boolean {
  return outcome === 'not_found' && path === null && vaultObject === null && sha256 !== null;
}

function tookNothing({ outcome, path, vaultObject, sha256 }: FileReport): boolean {
  return outcome === 'not_found' && path === null && vaultObject === null && sha256 === null;
}

function placeOf(endpointId: EndpointId, sha256: Sha256 | null): string {
  return `${endpointId} ${sha256}`;
}
