import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { fileName } from '#core/file/file-path.ts';
import { machineGuid } from '#core/file/guid.ts';
import type { FileObservation, Incident, ProcessObservation } from '#core/incident/incident.ts';
import { malopStatuses } from '../malop-status.ts';
import { type Element, type ElementReference, nonEmpty } from './element.ts';
import { processReference } from './process-element.ts';

/** What was observed of an incident. */
export interface MalopContext {
  readonly machines: readonly { readonly id: EndpointId; readonly number: EndpointNumber; readonly hostName: string }[];
  readonly files: readonly FileObservation[];
  readonly processes: readonly ProcessObservation[];
}

/** An incident as a MalOp: its processes are the suspects, its files the root cause. */
export function malopElement(incident: Incident, { machines, files, processes }: MalopContext): Element {
  const { guid, name, status, createdAt, updatedAt, resolvedAt, severity, description } = incident;
  const rootCause = files.map(
    ({ fileGuid, path }): ElementReference => ({ elementType: 'File', guid: fileGuid, name: fileName(path) }),
  );
  return {
    elementType: 'MalopProcess',
    guid,
    name,
    simple: {
      elementDisplayName: name,
      managementStatus: malopStatuses[status],
      creationTime: String(createdAt),
      malopStartTime: String(createdAt),
      malopLastUpdateTime: String(updatedAt),
      severity: severity.toUpperCase(),
      ...(resolvedAt === null ? {} : { closeTime: String(resolvedAt) }),
      ...(description === '' ? {} : { description }),
      ...(rootCause.length === 0 ? {} : { rootCauseElementNames: rootCause.map((each) => each.name) }),
    },
    references: nonEmpty({
      self: [{ elementType: 'MalopProcess', guid, name }],
      suspects: processes.map(processReference),
      affectedMachines: machines.map(
        ({ number, hostName }): ElementReference => ({
          elementType: 'Machine',
          guid: machineGuid(number),
          name: hostName,
        }),
      ),
      primaryRootCauseElements: rootCause,
    }),
    groupedBy: { kind: 'MalopProcessRuntime', guid },
  };
}
