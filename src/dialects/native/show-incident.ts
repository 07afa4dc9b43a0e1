import type { z } from 'zod';
import { parsePath } from '#core/file/file-path.ts';
import type {
  FileObservation,
  Incident,
  IncidentComment,
  IncidentHold,
  ProcessObservation,
} from '#core/incident/incident.ts';
import type { ReportedObservations } from '#core/incident/observations.ts';
import type { HeldIncident } from '#core/verbs/read-incident.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { CheckedInput } from './schemas/contract.ts';
import type {
  changeIncident,
  commentOnIncident,
  holdIncident,
  observeIncident,
  readIncident,
} from './schemas/incident.ts';

type ShownWhole = z.input<typeof readIncident.reply>;

export function showIncident(incident: Incident): z.input<typeof changeIncident.reply> {
  const { createdAt, updatedAt, resolvedAt, createdBy, ...same } = incident;
  return {
    ...same,
    createdBy: { kind: createdBy.kind, id: createdBy.id, name: createdBy.name },
    createdAt: instantOf(createdAt),
    updatedAt: instantOf(updatedAt),
    resolvedAt: nullableInstantOf(resolvedAt),
  };
}

export function showWholeIncident(whole: HeldIncident): ShownWhole {
  return {
    ...showIncident(whole.incident),
    hold: whole.hold && showHold(whole.hold),
    endpointIds: [...whole.endpointIds],
    files: whole.files.map(showFile),
    processes: whole.processes.map(showProcess),
    comments: whole.comments.map(showComment),
  };
}

export function showHold({ reason, at, by }: IncidentHold): z.input<typeof holdIncident.reply> {
  return { reason, at: instantOf(at), by: { kind: by.kind, id: by.id, name: by.name } };
}

export function showComment({ id, at, author, text }: IncidentComment): z.input<typeof commentOnIncident.reply> {
  return { id, at: instantOf(at), author: { kind: author.kind, id: author.id, name: author.name }, text };
}

function showFile({ fileGuid, endpointId, displayPath, sha256 }: FileObservation): ShownWhole['files'][number] {
  return { guid: fileGuid, endpointId, path: displayPath, sha256 };
}

export function showProcess(process: ProcessObservation): ShownWhole['processes'][number] {
  const { guid, endpointId, displayPath, sha256, pid, commandLine, userName, startedAt, endedAt } = process;
  return {
    ...{ guid, endpointId, path: displayPath, sha256, pid, commandLine, userName },
    startedAt: nullableInstantOf(startedAt),
    endedAt: nullableInstantOf(endedAt),
  };
}

/** What a request tells of an incident, as the domain takes it. */
export function readObservations(body: CheckedInput<typeof observeIncident>['body']): ReportedObservations {
  return {
    endpointIds: body.endpointIds,
    files: body.files.map((file) => ({ ...file, path: parsePath(file.path) })),
    processes: body.processes.map(({ path, startedAt, endedAt, ...same }) => ({
      ...same,
      path: parsePath(path),
      ...(startedAt !== undefined && { startedAt: Date.parse(startedAt) }),
      ...(endedAt !== undefined && { endedAt: Date.parse(endedAt) }),
    })),
  };
}
