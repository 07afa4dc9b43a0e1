import { actOnEndpoints, type EndpointAct } from '#core/verbs/act-on-endpoints.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { runSensorAction } from '../sensors/run-sensor-action.ts';

interface SensorAct {
  /** As the path names it. */
  readonly name: string;
  /** As answers name it. */
  readonly kind: string;
  readonly what: (argument: string) => EndpointAct;
}

const longestArgument = 4_096;

function unsupported(name: string): SensorAct {
  const message = `Custody's agents do not support the action ${name}: nothing was done.`;
  return {
    name,
    kind: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    what: () => ({ act: 'refuse', message }),
  };
}

/** What the server does by itself, and what clients ask for that no agent does: it is kept as having failed on every sensor. */
const acts: readonly SensorAct[] = [
  { name: 'archive', kind: 'Archive', what: (reason) => ({ act: 'archive', reason }) },
  { name: 'unarchive', kind: 'Unarchive', what: (reason) => ({ act: 'unarchive', reason }) },
  { name: 'delete', kind: 'Delete', what: (reason) => ({ act: 'remove', reason }) },
  ...[
    'restart',
    'upgrade',
    'uninstall',
    'purgeSensors',
    'schedulerScan',
    'addToGroup',
    'removeFromGroup',
    'setRemoteShellStatus',
    'setPreventionMode',
    'setAntiMalwareStatus',
    'setRansomwareMode',
    'setPowershellStatus',
    'startCollection',
    'stopCollection',
    'collectionMode',
  ].map(unsupported),
];

/** `POST /rest/sensors/action/...`, but for those that order something of agents. */
export const actOnSensors: readonly GuardedOperation[] = acts.map(({ name, kind, what }) => ({
  method: 'POST',
  paths: [`/rest/sensors/action/${name}`],
  access: { permission: 'endpoints.manage', licence: [] },
  async run({ request, ports, principal }) {
    const body = await readJson(request);
    const argument = argumentOf(body);
    return runSensorAction(ports, body, (endpointIds) =>
      actOnEndpoints(ports, {
        ...{ principal, kind, endpointIds, what: what(argument ?? '') },
        argumentsJson: JSON.stringify(argument ?? null),
      }),
    );
  },
}));

/** A reason, a mode or a group; clients leave it out, or send null. */
function argumentOf(body: unknown): string | undefined {
  const argument = typeof body === 'object' && body !== null ? Reflect.get(body, 'argument') : undefined;
  return typeof argument === 'string'
    ? argument.toWellFormed().replaceAll('\0', '').slice(0, longestArgument)
    : undefined;
}
