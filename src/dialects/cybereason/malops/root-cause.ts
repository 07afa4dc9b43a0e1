import type { EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { fileName } from '#core/file/file-path.ts';
import { machineGuid } from '#core/file/guid.ts';
import type { FileObservation, Incident, ProcessObservation } from '#core/incident/incident.ts';
import type { ElementReference } from '../query/element.ts';

export interface Observed {
  readonly incident: Pick<Incident, 'guid' | 'name'>;
  readonly files: readonly Pick<FileObservation, 'fileGuid' | 'path'>[];
  readonly processes: readonly Pick<ProcessObservation, 'guid' | 'name'>[];
  readonly machines: readonly { readonly number: EndpointNumber; readonly hostName: string }[];
}

/**
 * What a MalOp is about: the files that were reported, else the programs, else the machines. Never empty: one client takes the
 * first without looking, and one incident of which nothing was told would end its whole poll; such a one stands for itself.
 */
export function rootCauseOf({ incident, files, processes, machines }: Observed): readonly ElementReference[] {
  const candidates: readonly (readonly ElementReference[])[] = [
    files.map(({ fileGuid: guid, path }) => ({ elementType: 'File', guid, name: fileName(path) })),
    processes.map(({ guid, name }) => ({ elementType: 'Process', guid, name })),
    machines.map(({ number, hostName }) => ({ elementType: 'Machine', guid: machineGuid(number), name: hostName })),
  ];
  return (
    candidates.find((list) => list.length > 0) ?? [
      { elementType: 'MalopProcess', guid: incident.guid, name: incident.name },
    ]
  );
}
