import { z } from 'zod';
import type { Client } from '#sdk/client.ts';
import { bytesText, counted } from '../../words/amounts.ts';
import type { Evidence, EvidenceSource } from '../../words/evidence.ts';
import type { ActionDetails } from '../../words/outcomes.ts';

type CustodyEvent = Awaited<ReturnType<Client['listEvents']>>['items'][number];
type EventType = CustodyEvent['type'];

/** One step of the bytes, or of the order for them. */
export interface HandOver {
  readonly id: string;
  readonly at: string;
  /** What was done; who it was stands behind it: "Ordered by". */
  readonly what: string;
  readonly who: string;
  readonly detail: string;
  /** Of the event that records it; null where none was read. */
  readonly sequence: number | null;
  /** Whether somebody has the bytes from then on. */
  readonly hasBytes: boolean;
}

interface Place {
  readonly evidence: Evidence;
  readonly source: EvidenceSource;
}

const ofOrder = [
  ...(['action_started', 'approval_given', 'approval_bypassed', 'tasks_sent', 'action_retried'] as const),
  ...(['evidence_opened', 'evidence_delivered', 'evidence_viewed', 'bundle_exported'] as const),
] as const satisfies readonly EventType[];

const ofEndpoint = ['evidence_stored', 'task_finished'] as const satisfies readonly EventType[];

const pageEvents = 1_000;

/** All events of an action that can be steps of the bytes from one endpoint, in their order. */
export async function chainEvents(
  client: Client,
  { actionId, endpointId }: Pick<EvidenceSource, 'actionId' | 'endpointId'>,
): Promise<readonly CustodyEvent[]> {
  const parts = await Promise.all([
    allEvents(client, { actionId, type: [...ofOrder] }),
    allEvents(client, { actionId, endpointId, type: [...ofEndpoint] }),
  ]);
  return parts.flat().toSorted((one, other) => one.sequence - other.sequence);
}

async function allEvents(
  client: Client,
  filter: NonNullable<Parameters<Client['listEvents']>[0]>,
): Promise<readonly CustodyEvent[]> {
  const events: CustodyEvent[] = [];
  for (;;) {
    const { items } = await client.listEvents({ ...filter, after: events.at(-1)?.sequence ?? 0, limit: pageEvents });
    events.push(...items);
    if (items.length < pageEvents) {
      return events;
    }
  }
}

const text = z.string().nullish().catch(null);

/** What events say that is of use here; each has only some of it. */
const factsSchema = z.object({
  taskId: text,
  ordinal: z.number().nullish().catch(null),
  sha256: text,
  reason: text,
  remoteAddress: text,
  offset: z.number().nullish().catch(null),
  length: z.number().nullish().catch(null),
  endpoints: z.array(z.string()).nullish().catch(null),
  withEvidence: z.boolean().nullish().catch(null),
  files: z
    .array(z.object({ endpointId: text, sha256: text, outcome: text }))
    .nullish()
    .catch(null),
});

type EventFacts = z.infer<typeof factsSchema>;

interface Telling {
  readonly what: string;
  /** Default: nobody has them because of it. */
  hasBytes?(facts: EventFacts): boolean;
  /** Whether this event is about the bytes from this place; default: it is. */
  isAbout?(facts: EventFacts, place: Place): boolean;
  /** Default: whoever caused it. */
  who?(place: Place, event: CustodyEvent): string;
  detail?(facts: EventFacts, place: Place): string;
}

const hostOf = ({ source: { hostName, endpointId } }: Place) => hostName ?? endpointId;
const isOfTask = ({ taskId }: EventFacts, { source }: Place) => taskId == null || taskId === source.taskId;
const isOfFile = ({ files }: EventFacts, { source, evidence }: Place) =>
  files?.some(({ endpointId, sha256 }) => endpointId === source.endpointId && sha256 === evidence.sha256) ?? false;
const from = ({ remoteAddress, reason }: EventFacts) =>
  [
    ...(remoteAddress == null || remoteAddress === '' ? [] : [`from ${remoteAddress}`]),
    ...(reason == null || reason === '' ? [] : [`reason: ${reason}`]),
  ].join('; ');

const tellings: Readonly<Record<(typeof ofOrder)[number] | (typeof ofEndpoint)[number], Telling>> = {
  action_started: { what: 'Ordered by', detail: from },
  approval_given: { what: 'Approved by', detail: from },
  approval_bypassed: { what: 'Let out alone, without a second person, by', detail: from },
  action_retried: { what: 'Tried again by', detail: from },
  tasks_sent: {
    ...{ what: 'Signed order handed to the agent of', who: hostOf },
    isAbout: ({ endpoints }, { source }) => endpoints?.includes(source.endpointId) ?? false,
  },
  evidence_stored: {
    ...{ what: 'Bytes received and sealed by this server, from', who: hostOf, hasBytes: () => true },
    isAbout: ({ taskId, ordinal }, { source }) => taskId === source.taskId && ordinal === source.ordinal,
    detail: (_, { evidence }) => `all ${bytesText(evidence.size)} compared with the SHA-256, then encrypted`,
  },
  task_finished: {
    ...{ what: 'Signed report by the agent of', who: hostOf, isAbout: isOfTask },
    detail: ({ files }) =>
      `it says that it sent ${counted(files?.filter(({ outcome }) => outcome === 'done').length ?? 0, 'file')}`,
  },
  evidence_opened: { what: 'Download begun by', isAbout: isOfFile, detail: from },
  evidence_delivered: {
    what: 'Downloaded, to the last byte, by',
    isAbout: isOfFile,
    detail: from,
    hasBytes: () => true,
  },
  evidence_viewed: {
    ...{ what: 'Looked at by', isAbout: isOfFile },
    detail: (facts) =>
      [`${facts.length ?? 0} bytes from ${facts.offset ?? 0} on`, from(facts)].filter(Boolean).join('; '),
  },
  bundle_exported: {
    what: 'Bundle exported by',
    hasBytes: ({ withEvidence }) => withEvidence === true,
    detail: (facts) =>
      [facts.withEvidence === true ? 'with the files' : 'without the files', from(facts)].filter(Boolean).join('; '),
  },
};

function tellingOf(type: EventType): Telling | undefined {
  return Object.entries(tellings).find(([name]) => name === type)?.[1];
}

interface Known {
  readonly events: readonly CustodyEvent[];
  /** Undefined while it is being asked for. */
  readonly action: ActionDetails | undefined;
}

/** The steps of the bytes from one place, by the record of events; what became of the bytes themselves at the end. */
export function handOversOf({ events, action }: Known, place: Place): readonly HandOver[] {
  const told = events.flatMap((event): readonly HandOver[] => {
    const telling = tellingOf(event.type);
    const facts = factsSchema.parse(event.facts);
    if (telling === undefined || telling.isAbout?.(facts, place) === false) {
      return [];
    }
    return [
      {
        ...{ id: String(event.sequence), sequence: event.sequence, at: event.at, what: telling.what },
        who: telling.who?.(place, event) ?? event.actor.name,
        detail: telling.detail?.(facts, place) ?? '',
        hasBytes: telling.hasBytes?.(facts) ?? false,
      },
    ];
  });
  return byTime([...told, ...acceptanceOf(action, place), ...endsOf(place.evidence)]);
}

/** The same by the action alone, which tells of less. */
export function knownHandOvers(action: ActionDetails, place: Place): readonly HandOver[] {
  const host = hostOf(place);
  const finished = taskOf(action, place)?.endedAt;
  const { action_started: ordered, evidence_stored: stored, task_finished: reported } = tellings;
  return byTime([
    { ...unrecorded, id: 'ordered', at: action.createdAt, what: ordered.what, who: action.principal.name },
    ...acceptanceOf(action, place),
    { ...unrecorded, id: 'stored', at: place.source.at, what: stored.what, who: host, hasBytes: true },
    ...(finished == null ? [] : [{ ...unrecorded, id: 'finished', at: finished, what: reported.what, who: host }]),
    ...endsOf(place.evidence),
  ]);
}

const unrecorded = { detail: '', sequence: null, hasBytes: false } as const;

/** That the agent had the order on its disk is known of the action, and is no event. */
function acceptanceOf(action: ActionDetails | undefined, place: Place): readonly HandOver[] {
  const at = taskOf(action, place)?.acceptedAt;
  const what = 'Order taken, its signature checked, by the agent of';
  return at == null ? [] : [{ ...unrecorded, id: 'accepted', at, what, who: hostOf(place) }];
}

function taskOf(action: ActionDetails | undefined, { source }: Place) {
  const attempts = action?.tasks.flatMap((task) => [task, ...task.earlier]) ?? [];
  return attempts.find(({ id }) => id === source.taskId);
}

function endsOf({ damagedAt, deletion }: Evidence): readonly HandOver[] {
  const step = { sequence: null, hasBytes: false };
  return [
    ...(damagedAt === null
      ? []
      : [
          {
            ...step,
            id: 'damaged',
            at: damagedAt,
            what: 'Found damaged in storage by',
            who: 'this server',
            detail: '',
          },
        ]),
    ...(deletion === null
      ? []
      : [
          {
            ...step,
            id: 'deleted',
            at: deletion.at,
            what: 'Bytes deleted by',
            who: deletion.by.name,
            detail: deletion.reason,
          },
        ]),
  ];
}

function byTime(steps: readonly HandOver[]): readonly HandOver[] {
  return steps.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}
