import { version } from '#core/version.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { unassignedGroup } from '../group.ts';
import { elementTypes } from '../query/element-types.ts';
import { featuresOf } from '../query/features.ts';
import { replyJson } from '../reply.ts';
import { serverIdOf } from '../sensor-id.ts';

/**
 * The version of the vendor's API whose calls are answered, not our own: the Python library tells its user of any call that fails
 * that the server is too old for it, where this number is lower than the call's.
 */
const apiVersion = '23.2.148';

const anyone = { permission: 'endpoints.read', licence: [] } as const;

/** What clients ask to learn whether the server is well, and what they talk to. */
export const healthOperations: readonly GuardedOperation[] = [
  {
    method: 'GET',
    paths: ['/rest/monitor/global/reg-server/status'],
    access: anyone,
    run: async () => replyJson({ pendingProbesPerServer: {}, unassignedProbes: 0, online: true, readyToServe: true }),
  },
  {
    method: 'GET',
    paths: ['/rest/monitor/global/server/version/all'],
    access: anyone,
    run: async () =>
      replyJson({ data: { version: apiVersion, custodyVersion: version }, status: 'SUCCESS', message: '' }),
  },
  {
    method: 'GET',
    paths: ['/rest/settings/configurations'],
    access: anyone,
    run: async ({ ports: { policy } }) =>
      replyJson({
        sessionTimeoutMs: policy.sessionLifetime,
        passwordExpirationMs: policy.passwordLifetime,
        fileDownloadBatchLimit: policy.batchLimit,
        fileDownloadRetentionMs: policy.retrievalLifetime,
        fileDownloadSizeLimit: policy.evidenceSizeLimit,
      }),
  },
  {
    method: 'GET',
    paths: ['/rest/settings/get-detection-servers', '/rest/settings/get-registration-servers'],
    access: anyone,
    async run({ ports }) {
      const id = await ports.store.read(serverIdOf);
      const { hostname } = new URL(ports.policy.publicUrl);
      return replyJson([{ id, name: hostname, serverName: hostname, online: true }]);
    },
  },
  {
    method: 'GET',
    paths: ['/rest/groups'],
    access: anyone,
    run: async () =>
      replyJson([
        {
          ...unassignedGroup,
          description: 'Every sensor: Custody has no groups.',
          groupAssignRule: null,
          groupAssignRuleList: null,
          // No policy: there are none.
          policyId: '',
          priority: null,
          creationTime: 0,
          lastUpdateTime: 0,
          updatedByUser: 'Admin',
        },
      ]),
  },
  {
    method: 'GET',
    paths: ['/rest/ping'],
    access: anyone,
    run: async ({ ports }) =>
      new Response(`application.version=${apiVersion}\nuptime=${Math.floor(ports.clock.monotonic())}\n`, {
        headers: { 'content-type': 'text/plain' },
      }),
  },
  {
    method: 'GET',
    paths: ['/rest/translate/features/all', '/rest/translate/features/all/'],
    access: anyone,
    run: async () => replyJson(Object.fromEntries(elementTypes.map((type) => [type, translated(featuresOf(type))]))),
  },
];

function translated(features: Iterable<string>): object {
  return Object.fromEntries(Array.from(features, (feature) => [feature, { translatedName: feature }]));
}
