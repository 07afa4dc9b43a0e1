import { eventWords } from '../bundle/event-words.ts';
import type { CustodyEvent, Json } from '../custody/event.ts';
import { version } from '../version.ts';
import { ecsWords } from './ecs-words.ts';
import type { FeedEvent, FeedHost } from './feed-event.ts';
import { nativeEvent } from './native.ts';
import { severities, severityNumbers } from './severity.ts';
import { type ToldFiles, toldFiles } from './told-files.ts';

/** The version of the schema whose words are used. */
const ecsVersion = '8.17.0';

/**
 * An event in the Elastic Common Schema. What the schema has no field for stands in `labels.custody_*`, and the whole event, with its
 * facts, as text in `event.original`, so that no receiver has to make fields of what facts hold.
 */
export function ecsEvent({ event, host }: FeedEvent): Readonly<Record<string, Json>> {
  const { kind, category, type } = ecsWords[event.type];
  const files = toldFiles(event);
  return {
    '@timestamp': new Date(event.at).toISOString(),
    ecs: { version: ecsVersion },
    message: `${event.actor.name === '' ? event.actor.kind : event.actor.name}: ${eventWords[event.type]}`,
    event: {
      ...{ kind, category, type, action: event.type, outcome: outcomeOf(event, files) },
      ...{ id: String(event.sequence), sequence: event.sequence, severity: severityNumbers[severities[event.type]] },
      ...{ module: 'custody', dataset: 'custody.events', provider: 'custody' },
      original: JSON.stringify(nativeEvent(event)),
    },
    observer: { vendor: 'Custody', product: 'Custody', version, type: 'edr' },
    ...userOf(event),
    ...(host && { host: hostOf(host) }),
    ...fileOf(files),
    related: {
      ...(files.hashes.length > 0 && { hash: files.hashes }),
      ...(isPerson(event) && { user: [event.actor.name] }),
      ...(host && { hosts: [host.hostName] }),
    },
    labels: labelsOf(event),
  };
}

function outcomeOf({ type }: CustodyEvent, { succeeded }: ToldFiles): 'success' | 'failure' | 'unknown' {
  const { outcome } = ecsWords[type];
  if (outcome !== 'by_facts') {
    return outcome;
  }
  if (succeeded === undefined) {
    return 'unknown';
  }
  return succeeded ? 'success' : 'failure';
}

function isPerson({ actor }: CustodyEvent): boolean {
  return actor.kind !== 'agent' && actor.kind !== 'server' && actor.name !== '';
}

function userOf(event: CustodyEvent) {
  return isPerson(event) ? { user: { id: event.actor.id, name: event.actor.name } } : {};
}

const osTypes = { linux: 'linux', macos: 'macos', windows: 'windows' } as const;

function hostOf({ id, hostName, platform, ...facts }: FeedHost): Json {
  return {
    ...{ id, name: hostName, hostname: hostName },
    ...(facts.domain !== '' && { domain: facts.domain }),
    ...(facts.addresses.length > 0 && { ip: facts.addresses }),
    os: { type: osTypes[platform], name: facts.operatingSystem, version: facts.operatingSystemVersion },
  };
}

/** Where an event is of one file that file is named; all hashes are in `related.hash`. */
function fileOf({ hashes, paths }: ToldFiles) {
  const [sha256] = hashes.length === 1 ? hashes : [];
  const [path] = paths.length === 1 ? paths : [];
  const file = { ...(sha256 !== undefined && { hash: { sha256 } }), ...(path !== undefined && { path }) };
  return Object.keys(file).length === 0 ? {} : { file };
}

/** Labels are flat texts, and no dots are in their names (ECS, "labels"). */
function labelsOf({ actor, actionId, endpointId, incidentId, facts }: CustodyEvent): Json {
  const { taskId, verb, setting } = facts;
  return {
    custody_actor_kind: actor.kind,
    ...(actionId !== undefined && { custody_action_id: actionId }),
    ...(endpointId !== undefined && { custody_endpoint_id: endpointId }),
    ...(incidentId !== undefined && { custody_incident_id: incidentId }),
    ...(typeof taskId === 'string' && { custody_task_id: taskId }),
    ...(typeof verb === 'string' && { custody_verb: verb }),
    ...(typeof setting === 'string' && { custody_setting: setting }),
  };
}
