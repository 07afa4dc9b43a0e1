import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import type { CustodyEvent, Json } from '#core/custody/event.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { isSuccess, outcomeReasons, outcomes } from '#core/outcome.ts';
import { describeOutcome } from '../outcome-words.ts';
import type { AgentKind } from './agent-kinds.ts';

export interface AgentLine {
  readonly event: CustodyEvent;
  readonly kind: AgentKind;
  readonly endpoint: Endpoint | undefined;
  /** Whether a file of the task that the event ends has failed. */
  readonly failed: boolean;
}

/** A line of the log of agents. */
export function agentItem({ event, kind, endpoint, failed }: AgentLine): Json {
  return {
    TIMESTAMP: event.at,
    RECEIVEDTIME: event.at,
    ENDPOINTID: event.endpointId ?? event.actor.id,
    ENDPOINTNAME: endpoint?.hostName ?? event.actor.name,
    DOMAIN: endpoint?.domain ?? '',
    TRAPSVERSION: endpoint?.agentVersion ?? '',
    CATEGORY: capitalised(kind.category),
    TYPE: kind.type,
    SUBTYPE: kind.subType,
    RESULT: kind.result ?? (failed ? 'Fail' : 'Success'),
    REASON: reasonOf(event),
    DESCRIPTION: [kind.description, ...details(event)].join(' '),
  };
}

function capitalised(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

const filesSchema = z.object({
  files: z.array(
    z.object({
      path: z.string().nullable(),
      outcome: z.enum(outcomes),
      reason: z.enum(outcomeReasons).nullable(),
    }),
  ),
});

const mostNamed = 3;

type ToldFile = z.infer<typeof filesSchema>['files'][number];

function toldFiles({ facts }: CustodyEvent): readonly ToldFile[] {
  const told = checkShape(filesSchema, facts);
  return told.success ? told.data.files : [];
}

function reasonOf(event: CustodyEvent): string | null {
  const refused = event.facts['refused'];
  if (typeof refused === 'string') {
    return `The agent refused the order: ${refused}`;
  }
  const failure = toldFiles(event).find(({ outcome }) => !isSuccess(outcome));
  return failure === undefined ? null : describeOutcome(failure);
}

/** What became of the first files, and how many others there are; what a search found; the object of a vault. */
function details(event: CustodyEvent): readonly string[] {
  const files = toldFiles(event);
  const { found, path, sha256 } = event.facts;
  const others = files.length > mostNamed ? [`And ${files.length - mostNamed} more.`] : [];
  return [
    ...files.slice(0, mostNamed).map((file) => `${file.path ?? 'Nothing'}: ${describeOutcome(file)}`),
    ...others,
    ...(typeof found === 'number' ? [`Files: ${found}.`] : []),
    ...(typeof path === 'string' ? [`${path}.`] : []),
    ...(typeof sha256 === 'string' ? [`SHA-256 ${sha256}.`] : []),
  ];
}
