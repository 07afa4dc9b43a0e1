import { compactGuid } from '#core/file/guid.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { sha256Of } from '#kit/fleet.ts';
import type { World } from './world.ts';

/** What requests for one operation are made from. */
export interface Pattern {
  /** Bodies that clients send, from which others are made; absent where none is read. */
  readonly bodies?: readonly unknown[];
  /** The bodies are forms, not JSON. */
  readonly isForm?: boolean;
  /** What clients put for each parameter of the path; for `*`, the rest of it. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** It ends the session that it is called with, or changes its user, so it is called without the one that the others need. */
  readonly withoutSession?: boolean;
  /** It waits for what does not come here, so its client goes away soon. */
  readonly waits?: boolean;
}

/** What the requests name, beside what every world has. */
export interface Named {
  readonly batches: readonly number[];
  readonly sensorBatches: readonly number[];
  readonly malop: string;
  readonly remediation: string;
}

type Patterns = Readonly<Record<string, Pattern>>;

const service = '/rest/dynamic/v1/ti-reputation/api/v1';
const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const sha256 = sha256Of(new TextEncoder().encode('the bytes of the calculator'));
const limits = { totalResultLimit: 10, perGroupLimit: 10, perFeatureLimit: 10, queryTimeout: 120_000 };

/** One entry for each operation, by its method and first path: an operation without one fails the test. */
export function fuzzPatterns(world: World, named: Named): Patterns {
  return {
    ...pagePatterns,
    'POST /rest/visualsearch/query/simple': { bodies: queries(world, named) },
    ...fetchPatterns(world, named),
    ...reputationPatterns,
    ...sensorPatterns(world, named),
    ...malopPatterns(world, named),
    ...remediationPatterns(world, named),
    ...healthPatterns,
    ...userPatterns,
    ...unknownPaths,
  };
}

const pagePatterns: Patterns = {
  'POST /login.html': {
    bodies: [
      { username: 'nobody@example.com', password: 'a wrong password' },
      { totpCode: '123456', submit: 'Login' },
      { oldPassword: 'a', newPassword: 'another password', confirmNewPassword: 'another password', submit: 'Login' },
    ],
    isForm: true,
    withoutSession: true,
  },
  'GET /login.html': {},
  'GET /': {},
  'GET /app.html': {},
  'GET /logout': { withoutSession: true },
  'POST /logout': { bodies: [{}], isForm: true, withoutSession: true },
};

const filters = (facetName: string, values: readonly unknown[], filterType?: string) => [
  { facetName, values, ...(filterType !== undefined && { filterType }) },
];

function queries(world: World, { malop }: Named): readonly unknown[] {
  const calc = world.web.guidOf('/srv/calc.bin');
  const contains = filters('elementDisplayName', ['calc'], 'ContainsIgnoreCase');
  return [
    {
      queryPath: [{ requestedType: 'File', filters: contains, isResult: true }],
      ...{
        ...limits,
        templateContext: 'SPECIFIC',
        pagination: { pageSize: 5, page: 1, skip: 0, paginationToken: null },
      },
      customFields: ['elementDisplayName', 'size', 'ownerMachine.osType'],
    },
    {
      queryPath: [
        {
          requestedType: 'Machine',
          filters: filters('isActiveProbeConnected', [true]),
          connectionFeature: { elementInstanceType: 'File', featureName: 'ownerMachine' },
          isReversed: true,
        },
        { requestedType: 'File', filters: filters('size', [1, 50], 'Between'), result: true, guidList: [calc] },
      ],
      ...limits,
    },
    { queryPath: [{ requestedType: 'QuarantineFile', filters: null, isResult: 'true' }], queryLimits: {} },
    { queryPath: [{ requestedType: 'File', filters: filters('correctedPath', ['/srv/*'], 'MatchesWildcard') }] },
    {
      queryPath: [
        {
          ...{ requestedType: 'MalopProcess', filters: [], guidList: [malop] },
          connectionFeature: { elementInstanceType: 'MalopProcess', featureName: 'suspects' },
        },
        {
          ...{ requestedType: 'Process', filters: [] },
          connectionFeature: { elementInstanceType: 'Process', featureName: 'imageFile' },
        },
        { requestedType: 'File', filters: [], isResult: true },
      ],
      ...{ ...limits, templateContext: 'DETAILS' },
    },
    { queryPath: [{ requestedType: 'User', filters: [], isResult: true }], ...limits },
  ];
}

function fetchPatterns(world: World, { batches }: Named): Patterns {
  const calc = world.web.guidOf('/srv/calc.bin');
  const batchID = batches.map(String);
  return {
    'POST /rest/fetchfile/start': {
      bodies: [
        { elementGuids: [calc], initiatorUserName: 'ana@example.com' },
        { elementGuids: [compactGuid(calc), world.mail.guidOf('/srv/report.txt'), '1.2'], initiatorUserName: 'x' },
      ],
    },
    'GET /rest/fetchfile/downloads/progress': {},
    'GET /rest/fetchfile/getfiles/:batchID': { parameters: { batchID } },
    'GET /rest/fetchfile/close/:batchID': { parameters: { batchID } },
    'POST /rest/file-search/fetch-direct': {
      bodies: [{ path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) }],
    },
  };
}

const reputationPatterns: Patterns = {
  'POST /rest/classification/update': {
    bodies: [
      [
        {
          keys: [md5, sha256],
          maliciousType: 'blacklist',
          prevent: 'true',
          remove: false,
          comment: 'x',
          expiration: 5,
        },
      ],
      { keys: md5, maliciousType: null, remove: true, prevent: false },
    ],
  },
  'GET /rest/classification/download': {},
  'POST /rest/classification/reputations/list': {
    bodies: [
      {
        filter: { key: md5, maliciousType: 'blacklist', isBlocking: true },
        column: 'key',
        order: 'ASC',
        page: 0,
        size: 5,
      },
    ],
  },
  'GET /rest/classification/classify/:key': { parameters: { key: [md5, sha256, 'example.com'] } },
  [`GET ${service}/entity/lists/default`]: {},
  [`POST ${service}/lists/:list/reputations/search`]: {
    parameters: { list: ['default', 'other'] },
    bodies: [{ pagination: { page: 0, size: 5 } }],
  },
  [`PUT ${service}/lists/:list/reputations/:id`]: {
    parameters: { list: ['default', 'other'], id: [md5, sha256] },
    bodies: [{ action: 'DENY', keys: [{ type: 'MD5', value: md5 }], comment: 'x', groupIds: null, expiresAt: 5 }],
  },
};

const sensorActions =
  'archive unarchive delete restart upgrade uninstall purgeSensors schedulerScan addToGroup removeFromGroup setRemoteShellStatus setPreventionMode setAntiMalwareStatus setRansomwareMode setPowershellStatus startCollection stopCollection collectionMode fetchLogs';

function sensorPatterns(world: World, { sensorBatches }: Named): Patterns {
  const pylumIds = [world.mail, world.web].map(({ endpoint }) => pylumId(endpoint));
  const named = (operator: string, values: readonly unknown[]) => [{ fieldName: 'machineName', operator, values }];
  const page = { limit: '10', offset: 0, sortDirection: 'ASC', sortingFieldName: 'machineName', batchId: null };
  const parameters = { batchId: sensorBatches.map(String), batchID: sensorBatches.map(String) };
  return {
    'POST /rest/sensors/query': { bodies: [{ ...page, filters: named('Equals', ['web-1']) }, { filters: null }] },
    'POST /rest/sensors/query/sensorsOfAction/:batchId': {
      bodies: [{ ...page, filters: [] }],
      parameters,
    },
    'GET /rest/sensors/overview': {},
    'POST /rest/sensors/action/:name': {
      parameters: { name: sensorActions.split(' ') },
      bodies: [
        { sensorsIds: [`${'0'.repeat(24)}:${pylumIds[0]}`], argument: 'x' },
        { filters: named('ContainsIgnoreCase', ['nothing']), sensorsIds: null },
      ],
    },
    'GET /rest/sensors/action/download-logs/:batchId': { parameters },
    'POST /rest/sensors/action/fileSearch': {
      bodies: [
        {
          filters: named('Equals', ['web-1']),
          fileFilters: [{ fieldName: 'fileName', operator: 'ContainsIgnoreCase', values: ['calc'] }],
        },
      ],
    },
    'GET /rest/sensors/action/fileSearch/results/:batchId': { parameters },
    'GET /rest/sensors/action/fileSearch/results/:batchId/csv': { parameters },
    'GET /rest/sensors/allActions': {},
    'GET /rest/sensors/actions/fileSearchRequestsAll': {},
    'GET /rest/sensors/actions/fileSearchRequests': {},
    'GET /rest/sensors/abort/:batchID': { parameters },
    'POST /rest/monitor/global/commands/isolate': { bodies: [{ pylumIds, malopId: null }] },
  };
}

function malopPatterns(world: World, { malop }: Named): Patterns {
  const guid = [malop, '11.5'];
  return {
    'POST /rest/crimes/unified': {
      bodies: [
        { queryPath: [{ requestedType: 'MalopProcess', filters: null, result: true }], ...limits, customFields: [] },
      ],
    },
    'POST /rest/detection/inbox': { bodies: [{ startTime: 0, endTime: 2_000_000_000_000, groupIds: [] }] },
    'POST /rest/detection/details': { bodies: [{ malopGuid: malop }] },
    'POST /rest/mmng/v2/malops': {
      bodies: [
        {
          ...{ search: { malop: { guid: malop } }, filter: { malop: {} }, range: { from: 0, to: 2_000_000_000_000 } },
          ...{
            pagination: { pageSize: 10, offset: 0 },
            federation: { groups: [] },
            sort: [{ field: 'x', order: 'asc' }],
          },
        },
      ],
    },
    'GET /rest/mmng/v2/malops/metadata/:guid': { parameters: { guid } },
    'PUT /rest/mmng/v2/malops/:guid': { parameters: { guid }, bodies: [{ investigationStatus: 'Closed' }] },
    'POST /rest/crimes/status': { bodies: [{ [malop]: 'CLOSED' }, { [malop]: 'REOPEN' }] },
    'POST /rest/crimes/comment/:guid': { parameters: { guid }, bodies: ['a comment'] },
    'POST /rest/crimes/get-comments': { bodies: [malop] },
    'POST /rest/detection/labels': { bodies: [[malop], []] },
    'POST /rest/malware/query': {
      bodies: [
        {
          filters: [{ fieldName: 'machineName', operator: 'Equals', values: [world.web.endpoint.hostName] }],
          ...{ sortingFieldName: 'timestamp', sortDirection: 'DESC', limit: 10, offset: 0 },
        },
      ],
    },
  };
}

function remediationPatterns(world: World, { malop, remediation }: Named): Patterns {
  const target = { targetId: world.web.guidOf('/srv/report.txt') };
  const custom = { ...target, machineId: world.web.guid, malopId: malop, initiatorUserName: 'x' };
  const parameters = { malopId: [malop, 'NOMALOP'], username: ['ana%40example.com'], remediationId: [remediation] };
  return {
    'POST /rest/remediate': {
      bodies: [
        {
          malopId: malop,
          initiatorUserName: '',
          actionsByMachine: {
            [world.web.guid]: [
              { ...target, actionType: 'QUARANTINE_FILE' },
              { ...target, actionType: 'KILL_PROCESS' },
            ],
          },
        },
        { actionsByMachine: { [world.mail.guid]: { targetId: md5, actionType: 'BLOCK_FILE' } } },
      ],
    },
    'GET /rest/remediate/progress/:username/:malopId/:remediationId': { parameters, waits: true },
    'GET /rest/remediate/status/:malopId': { parameters },
    'POST /rest/remediate/abort/:malopId/:remediationId': { parameters, bodies: [{}] },
    'POST /rest/remediate/has-history': { bodies: [{ guids: [malop, world.web.guid], elementType: 'MalopProcess' }] },
    'POST /rest/detection/custom-remediation': {
      bodies: [{ detectionEventMalopGuids: [], processMalopGuids: [malop] }],
    },
    'POST /rest/detection/remediate-custom-actions': {
      bodies: [
        [{ ...custom, remediationType: 'QUARANTINE_FILE', uniqueId: 'x' }],
        [{ remediationType: 'UNSUSPEND_PROCESS' }],
      ],
    },
  };
}

const healthPatterns: Patterns = Object.fromEntries(
  [
    'monitor/global/reg-server/status',
    'monitor/global/server/version/all',
    'settings/configurations',
    'settings/get-detection-servers',
    'groups',
    'users/current',
    'users',
    'policies',
    'ping',
    'translate/features/all',
    'monitor/global/userAuditLog',
  ].map((path) => [`GET /rest/${path}`, {}]),
);

const userPatterns: Patterns = {
  'GET /rest/users/:username': { parameters: { username: ['ana@example.com', 'ana%40example.com', 'nobody'] } },
  'PUT /rest/users/reset': { bodies: [['a wrong old password', 'a good new password']] },
};

const unknownPath: Pattern = {
  bodies: [{ a: 1 }],
  parameters: { '*': ['nothing', 'fetchfile', 'fetchfile/start/'] },
};

const unknownPaths: Patterns = Object.fromEntries(
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [`${method} /rest/*`, unknownPath]),
);
