import type { Action, FileOutcome, Task } from '../action/action.ts';
import type { BundledEvidence } from '../bundle/manifest.ts';
import type { BundleSubject } from '../bundle/subject.ts';
import type { NewEvent } from '../custody/event.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { Fault } from '../fault.ts';
import type { Guid } from '../file/guid.ts';
import type { EventFilter } from '../ports/store/events.ts';
import type { Reader } from '../ports/store/store.ts';
import type { OfEndpoint } from '../ports/store/tasks.ts';
import { demandIncident } from './resolve-incident.ts';

/** What the record has of a subject, before its events are read. */
export interface BundleContents extends Subject {
  /** Those that an agent reported on. */
  readonly reported: readonly Task[];
  /** Every endpoint that was ordered something. */
  readonly endpoints: readonly Endpoint[];
  readonly evidence: readonly Omit<BundledEvidence, 'absent'>[];
}

interface Subject {
  readonly subject: { readonly kind: BundleSubject['kind']; readonly id: string; readonly name: string };
  /** Which events belong to it, up to the last one that there is. */
  readonly events: EventFilter;
  readonly actions: readonly Action[];
  /** Under what the export itself is recorded. */
  readonly place: Pick<NewEvent, 'actionId' | 'incidentId' | 'endpointId'>;
}

/** What is read at once, reports included; beyond it a bundle of a single action is the way. */
const bundleLimits = { tasks: 50_000, actions: 10_000 };

/** @throws Fault `not_found`, and `limit_exceeded` where the subject is about more than one bundle holds */
export async function bundleContents(
  reader: Reader,
  subject: BundleSubject,
  limits = bundleLimits,
): Promise<BundleContents> {
  const found = await findSubject(reader, subject, limits.actions);
  const of = { endpointId: found.events.aboutEndpoint };
  demandAtMost(tasksOf(found, of), limits.tasks, 'tasks');
  const ids = found.actions.map(({ id }) => id);
  const tasks = await reader.tasks.byActions(ids, of);
  const endpoints = await reader.endpoints.byIds([...new Set(tasks.map((task) => task.endpointId))]);
  const evidence = evidenceOf(await reader.outcomes.byActions(ids, of), { tasks, endpoints });
  return { ...found, reported: tasks.filter(({ report }) => report !== null), endpoints, evidence };
}

interface Extent {
  readonly upTo: number;
  readonly mostActions: number;
}

async function findSubject(reader: Reader, subject: BundleSubject, mostActions: number): Promise<Subject> {
  const upTo = await reader.events.lastSequence();
  switch (subject.kind) {
    case 'action':
      return ofAction(reader, subject.id, upTo);
    case 'incident':
      return ofIncident(reader, subject.id, { upTo, mostActions });
    case 'file':
      return ofFile(reader, subject.id, { upTo, mostActions });
  }
}

async function ofAction({ actions }: Reader, id: Action['id'], upTo: number): Promise<Subject> {
  const action = await actions.byId(id);
  if (action === undefined) {
    throw new Fault('not_found', `There is no action ${id}.`, { details: { what: 'action' } });
  }
  const subject = { kind: 'action', id, name: `${action.verb} ${id}` } as const;
  return { subject, events: { actionIds: [id], upTo }, actions: [action], place: { actionId: id } };
}

async function ofIncident(reader: Reader, named: string, { upTo, mostActions }: Extent): Promise<Subject> {
  const { id, description } = await demandIncident(reader, named);
  const { items, total } = await reader.actions.list({ incidentId: id }, { offset: 0, limit: mostActions });
  demandAtMost(total, mostActions, 'actions');
  const subject = { kind: 'incident', id, name: `incident ${id}: ${description}` } as const;
  return { subject, events: { incidentId: id, upTo }, actions: items.toReversed(), place: { incidentId: id } };
}

async function ofFile(reader: Reader, guid: Guid, { upTo, mostActions }: Extent): Promise<Subject> {
  const [file] = await reader.files.byGuids([guid]);
  if (file === undefined) {
    throw new Fault('not_found', `No endpoint has reported a file ${guid}.`, { details: { what: 'file' } });
  }
  const { endpointId, displayPath } = file;
  const actionIds = await reader.outcomes.actionsOf(guid, mostActions + 1);
  demandAtMost(actionIds.length, mostActions, 'actions');
  const actions = await reader.actions.byIds(actionIds);
  const [endpoint] = await reader.endpoints.byIds([endpointId]);
  const subject = { kind: 'file', id: guid, name: `${displayPath} on ${endpoint?.hostName ?? endpointId}` } as const;
  return { subject, events: { actionIds, aboutEndpoint: endpointId, upTo }, actions, place: { endpointId } };
}

/** Of one endpoint an action has one. */
function tasksOf({ actions }: Subject, { endpointId }: OfEndpoint): number {
  return endpointId === undefined
    ? actions.reduce((sum, { endpointsCount }) => sum + endpointsCount, 0)
    : actions.length;
}

function demandAtMost(asked: number, limit: number, what: string): void {
  if (asked > limit) {
    const message = `One bundle holds at most ${limit} ${what}, and this would be more. Export single actions or files of it.`;
    throw new Fault('limit_exceeded', message, { details: { limit } });
  }
}

/** Each content once, with every place that it was fetched from. */
function evidenceOf(
  outcomes: readonly FileOutcome[],
  known: { readonly tasks: readonly Task[]; readonly endpoints: readonly Endpoint[] },
): BundleContents['evidence'] {
  const tasks = new Map(
    known.tasks.filter(({ parameters }) => sendsFiles(parameters.verb)).map((task) => [task.id, task]),
  );
  const hosts = new Map<EndpointId, string>(known.endpoints.map(({ id, hostName }) => [id, hostName]));
  const fetched = outcomes.flatMap((outcome) => {
    const task = tasks.get(outcome.taskId);
    const { sha256, size } = outcome;
    return task === undefined || outcome.outcome !== 'done' || sha256 === null || size === null
      ? []
      : [{ sha256, size, source: sourceOf(outcome, task, hosts) }];
  });
  return [...Map.groupBy(fetched, ({ sha256 }) => sha256)].map(([sha256, group]) => ({
    sha256,
    size: group[0]?.size ?? 0,
    sources: group.map(({ source }) => source),
  }));
}

function sendsFiles(verb: Task['parameters']['verb']): boolean {
  return verb === 'fetch' || verb === 'logs';
}

function sourceOf(
  { ordinal, displayPath }: FileOutcome,
  { id, actionId, endpointId }: Task,
  hosts: ReadonlyMap<EndpointId, string>,
): BundledEvidence['sources'][number] {
  return { actionId, taskId: id, ordinal, endpointId, hostName: hosts.get(endpointId) ?? null, path: displayPath };
}
