import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { FileReport, ReceivedReport } from './received-report.ts';
import type { EndedTask } from './vault-effects.ts';

/**
 * Reports of restores on endpoints that never took the file: their quarantine was superseded in time. The agent says that it holds
 * nothing with the hash, and nothing was ever recorded there, so what was asked for is so: `already_done`, not a failure. Where
 * there was an object once, an agent that finds nothing has lost it, and that stays a failure.
 */
export async function readNothingToRestore(
  { quarantine }: Pick<Transaction, 'quarantine'>,
  ended: readonly EndedTask[],
): Promise<readonly EndedTask[]> {
  const finding = ended.filter(({ task, report }) => task.verb === 'restore' && report.files.some(holdsNothing));
  if (finding.length === 0) {
    return ended;
  }
  const endpointIds = [...new Set(finding.map(({ report }) => report.endpoint.id))];
  const sha256 = [...new Set(finding.flatMap(({ report }) => report.files.flatMap((file) => file.sha256 ?? [])))];
  const known = new Set((await quarantine.placesAmong({ endpointIds, sha256 })).map(placeOf));
  const read = ({ endpoint, files }: ReceivedReport) =>
    files.map((file): FileReport => {
      const isNew = holdsNothing(file) && !known.has(placeOf({ endpointId: endpoint.id, sha256: file.sha256 }));
      return isNew ? { ...file, outcome: 'already_done' } : file;
    });
  const concerned = new Set(finding);
  return ended.map((each) =>
    concerned.has(each) ? { ...each, report: { ...each.report, files: read(each.report) } } : each,
  );
}

function holdsNothing({ outcome, path, vaultObject, sha256 }: FileReport): boolean {
  return outcome === 'not_found' && path === null && vaultObject === null && sha256 !== null;
}

function placeOf({ endpointId, sha256 }: { readonly endpointId: EndpointId; readonly sha256: Sha256 | null }): string {
  return `${endpointId} ${sha256}`;
}
