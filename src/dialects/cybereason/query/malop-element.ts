import type { EndpointId, EndpointNumber } from '#core/endpoint/endpoint-id.ts';
import { machineGuid } from '#core/file/guid.ts';
import {
  type FileObservation,
  type Incident,
  type IncidentComment,
  isResolved,
  type ProcessObservation,
  severityOf,
} from '#core/incident/incident.ts';
import type { Listing } from '#core/ports/store/page.ts';
import { malopStatuses } from '../malop-status.ts';
import { rootCauseOf } from '../malops/root-cause.ts';
import { commentAsWritten } from '../malops/show-comment.ts';
import { type Element, type ElementReference, nonEmpty } from './element.ts';
import { processReference } from './process-element.ts';

/** What was observed of an incident. */
export interface MalopContext {
  readonly machines: readonly { readonly id: EndpointId; readonly number: EndpointNumber; readonly hostName: string }[];
  readonly files: readonly FileObservation[];
  readonly processes: readonly ProcessObservation[];
  /** The last ones. */
  readonly comments: Listing<IncidentComment>;
}

/**
 * Why it is a MalOp: somebody has reported it. One client cannot do without this feature, and takes what stands between the dot and
 * the bracket for its name.
 */
export const decision = 'Process.reportedIncident(Malop decision)';

/** An incident as a MalOp: its processes are the suspects, its files the root cause. */
export function malopElement(incident: Incident, { machines, files, processes, comments }: MalopContext): Element {
  const { guid, name, status, createdAt, updatedAt, resolvedAt, description } = incident;
  // What an incident names that is not resolved has a MalOp: this one.
  const hasMalops = !isResolved(status);
  const rootCause = rootCauseOf({ incident, files, processes, machines }).map(
    (each): ElementReference => (each.elementType === 'MalopProcess' ? each : { ...each, hasMalops }),
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
      severity: severityOf(incident).toUpperCase(),
      decisionFeature: decision,
      ...(resolvedAt === null ? {} : { closeTime: String(resolvedAt) }),
      ...(description === '' ? {} : { description }),
      rootCauseElementNames: rootCause.map((each) => each.name),
      rootCauseElementTypes: [...new Set(rootCause.map((each) => each.elementType))],
    },
    ...(comments.total > 0 && {
      objects: { comments: { values: comments.items.map(commentAsWritten), total: comments.total } },
    }),
    references: {
      ...nonEmpty({
        self: [{ elementType: 'MalopProcess', guid, name }],
        suspects: processes.map((process) => processReference(process, hasMalops)),
        primaryRootCauseElements: rootCause,
        rootCauseElements: rootCause,
      }),
      // There for every MalOp, even of no machine: clients go through it without looking.
      affectedMachines: machines.map(
        ({ number, hostName }): ElementReference => ({
          elementType: 'Machine',
          guid: machineGuid(number),
          name: hostName,
          hasMalops,
        }),
      ),
    },
    groupedBy: { kind: 'MalopProcessRuntime', guid },
  };
}
