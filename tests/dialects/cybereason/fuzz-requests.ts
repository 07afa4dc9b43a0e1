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
}

const filters = (facetName: string, values: readonly unknown[], filterType?: string) => [
  { facetName, values, ...(filterType !== undefined && { filterType }) },
];

/** One entry for each operation, by its method and first path: an operation without one fails the test. */
export function fuzzPatterns(world: World, batches: readonly number[]): Readonly<Record<string, Pattern>> {
  const calc = world.web.guidOf('/srv/calc.bin');
  const limits = { totalResultLimit: 10, perGroupLimit: 10, perFeatureLimit: 10, queryTimeout: 120_000 };
  const numbers = batches.map(String);
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  const sha256 = sha256Of(new TextEncoder().encode('the bytes of the calculator'));
  const unknownPath: Pattern = {
    bodies: [{ a: 1 }],
    parameters: { '*': ['nothing', 'fetchfile', 'fetchfile/start/'] },
  };
  const service = '/rest/dynamic/v1/ti-reputation/api/v1';
  return {
    'POST /login.html': {
      bodies: [{ username: 'nobody@example.com', password: 'a wrong password' }],
      isForm: true,
      withoutSession: true,
    },
    'GET /login.html': {},
    'GET /': {},
    'GET /app.html': {},
    'GET /logout': { withoutSession: true },
    'POST /logout': { bodies: [{}], isForm: true, withoutSession: true },
    'POST /rest/visualsearch/query/simple': {
      bodies: [
        {
          queryPath: [
            {
              requestedType: 'File',
              filters: filters('elementDisplayName', ['calc'], 'ContainsIgnoreCase'),
              isResult: true,
            },
          ],
          ...limits,
          templateContext: 'SPECIFIC',
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
        {
          queryPath: [{ requestedType: 'QuarantineFile', filters: null, isResult: 'true' }],
          pagination: { pageSize: 5 },
        },
        { queryPath: [{ requestedType: 'File', filters: filters('correctedPath', ['/srv/*'], 'MatchesWildcard') }] },
      ],
    },
    'POST /rest/fetchfile/start': {
      bodies: [
        { elementGuids: [calc], initiatorUserName: 'ana@example.com' },
        { elementGuids: [compactGuid(calc), world.mail.guidOf('/srv/report.txt'), '1.2'], initiatorUserName: 'x' },
      ],
    },
    'GET /rest/fetchfile/downloads/progress': {},
    'GET /rest/fetchfile/getfiles/:batchID': { parameters: { batchID: numbers } },
    'GET /rest/fetchfile/close/:batchID': { parameters: { batchID: numbers } },
    'POST /rest/file-search/fetch-direct': {
      bodies: [{ path: '/srv/calc.bin', pylumId: pylumId(world.web.endpoint) }],
    },
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
    'GET /rest/*': unknownPath,
    'POST /rest/*': unknownPath,
    'PUT /rest/*': unknownPath,
    'PATCH /rest/*': unknownPath,
    'DELETE /rest/*': unknownPath,
  };
}
