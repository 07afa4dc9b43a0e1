import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { openWorld, post, texts, type World } from './world.ts';

interface Data {
  readonly resultIdToElementDataMap: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly totalPossibleResults: number;
  readonly totalResults: number;
  readonly queryLimits: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly status: string;
  readonly message: string;
  readonly data?: Data;
}

let world: World;
let cookie: string;
/** GUID to a name that reads well. */
let names: ReadonlyMap<string, string>;

beforeAll(async () => {
  world = await openWorld();
  cookie = await world.cookieOf('Viewer');
  const machines = [world.web, world.mail];
  const paths = [
    '/srv/calc.bin',
    '/srv/report.txt',
    '/srv/old/report.txt',
    '/srv/reports.txt.bak',
    '/srv/Ünïcode näme.txt',
    '/srv/on-disk-no-more.bin',
  ];
  names = new Map(
    machines.flatMap((machine) => [
      [machine.guid, machine.endpoint.hostName] as const,
      ...paths.map((path) => [machine.guidOf(path), `${machine.endpoint.hostName}:${path}`] as const),
    ]),
  );
});

afterAll(() => world[Symbol.asyncDispose]());

async function ask(body: object): Promise<Answer> {
  const answer = await world.send(post('/rest/visualsearch/query/simple', cookie, body));
  expect(answer.status).toBe(200);
  return (await answer.json()) as Answer;
}

async function found(queryPath: readonly object[], more: object = {}): Promise<readonly string[]> {
  const { status, message, data } = await ask({ queryPath, ...more });
  expect({ status, message }).toEqual({ status: 'SUCCESS', message: '' });
  const guids = Object.keys(data?.resultIdToElementDataMap ?? {});
  // Files of one name and path come in the order of their GUIDs, which are drawn anew each time.
  return guids.map((guid) => names.get(guid) ?? guid).sort();
}

const only = (facetName: string, values: unknown, filterType?: string) => [
  { facetName, values, ...(filterType === undefined ? {} : { filterType }) },
];
const calc = '/srv/calc.bin';
const both = (path: string) => [`mail-1:${path}`, `web-1:${path}`];
const onWeb = { requestedType: 'Machine', filters: only('elementDisplayName', ['web-1']) };
const named = { requestedType: 'File', filters: only('elementDisplayName', ['calc.bin']) };
const sizeOfCalc = only('size', [27]);

const calcHash = (algorithm: string) =>
  createHash(algorithm)
    .update(texts[calc] ?? '')
    .digest('hex')
    .toUpperCase();

const fileQueries: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'by part of the name, in any case',
    { filters: only('elementDisplayName', ['CALC'], 'ContainsIgnoreCase') },
    both(calc),
  ],
  [
    'by name where nothing says how to compare, whole',
    { filters: only('elementDisplayName', ['calc.bin']) },
    both(calc),
  ],
  ['by part of it, where nothing says so', { filters: only('elementDisplayName', ['calc']) }, []],
  [
    'by name where nothing says how to compare, in its own case',
    { filters: only('elementDisplayName', ['CALC.bin']) },
    [],
  ],
  [
    'by name, whole',
    { filters: only('elementDisplayName', ['report.txt'], 'Equals') },
    [...both('/srv/old/report.txt'), ...both('/srv/report.txt')],
  ],
  [
    'by name with letters that are not ASCII',
    { filters: only('elementDisplayName', ['ünïcode NÄME'], 'ContainsIgnoreCase') },
    both('/srv/Ünïcode näme.txt'),
  ],
  ['by one of several names', { filters: only('elementDisplayName', ['calc.bin', 'nothing'], 'Equals') }, both(calc)],
  ['by wildcard', { filters: only('elementDisplayName', ['c?lc.*'], 'MatchesWildcard') }, both(calc)],
  ['text of a pattern is just text', { filters: only('elementDisplayName', ['c%'], 'ContainsIgnoreCase') }, []],
  ['by path', { filters: only('correctedPath', ['/SRV/OLD/'], 'ContainsIgnoreCase') }, both('/srv/old/report.txt')],
  ['by whole path', { filters: only('path', [calc], 'Equals') }, both(calc)],
  ['by MD5, in capitals', { filters: only('md5String', [calcHash('md5')], 'Equals') }, both(calc)],
  ['by SHA-1, in capitals', { filters: only('sha1String', [calcHash('sha1')], 'Equals') }, both(calc)],
  ['by SHA-256, in capitals', { filters: only('sha256String', [calcHash('sha256')], 'Equals') }, both(calc)],
  ['by a hash that no file has', { filters: only('md5String', ['0'.repeat(32)]) }, []],
  ['by machine name', { filters: [...named.filters, ...only('ownerMachine', ['WEB-1'])] }, [`web-1:${calc}`]],
  [
    'by part of the machine name',
    { filters: [...named.filters, ...only('ownerMachine', ['web'], 'ContainsIgnoreCase')] },
    [`web-1:${calc}`],
  ],
  ['by a whole word of the name', { filters: only('elementDisplayName', ['CALC'], 'MatchesToken') }, both(calc)],
  [
    'by a feature of the machine, in another case',
    { filters: [...sizeOfCalc, ...only('ownerMachine.isConnected', ['True'])] },
    both(calc),
  ],
  ['by a feature of the machine', { filters: [...named.filters, ...only('ownerMachine.osType', ['WINDOWS'])] }, []],
  ['by size as a number', { filters: sizeOfCalc }, both(calc)],
  ['by size as text, between', { filters: only('size', ['26', '27'], 'Between') }, both(calc)],
  [
    'by what it is not',
    { filters: [...sizeOfCalc, ...only('elementDisplayName', ['calc'], 'NotContainsIgnoreCase')] },
    [],
  ],
  ['by a feature that Custody does not know of any file', { filters: only('isSigned', [true]) }, []],
  ['by the lack of one', { filters: [...sizeOfCalc, ...only('isSigned', [true], 'NotEquals')] }, both(calc)],
  ['a single value instead of a list', { filters: only('elementDisplayName', 'calc.bin') }, both(calc)],
  ['a misspelt key of filters restricts nothing', { filter: [], filters: sizeOfCalc }, both(calc)],
];

describe('Queries for files', () => {
  test.each(fileQueries)('%s', async (_, element, expected) => {
    expect(await found([{ requestedType: 'File', isResult: true, ...element }])).toEqual([...expected].sort());
  });

  test('filters may be null or absent, and the result unmarked', async () => {
    const all = await found([{ requestedType: 'File' }]);
    expect(all).toHaveLength(12);
    expect(await found([{ requestedType: 'File', filters: null, guidList: null }])).toEqual(all);
  });

  test('a list of GUIDs restricts, in either spelling; what is no GUID matches nothing', async () => {
    const guid = world.web.guidOf(calc);
    const [high, low] = guid.split('.');
    const bytes = Buffer.alloc(12);
    bytes.writeInt32BE(Number(high), 0);
    bytes.writeBigInt64BE(BigInt(low ?? ''), 4);
    expect(await found([{ requestedType: 'File', guidList: [guid], result: true }])).toEqual([`web-1:${calc}`]);
    expect(await found([{ requestedType: 'File', guidList: [bytes.toString('base64url')] }])).toEqual([
      `web-1:${calc}`,
    ]);
    expect(await found([{ requestedType: 'File', guidList: ['no GUID'] }])).toEqual([]);
  });

  test.each(['File', 'Process', 'Machine', 'MalopProcess', 'QuarantineFile', 'User'])(
    'an empty list of GUIDs and nothing else names no %s',
    async (requestedType) => {
      expect(await found([{ requestedType, guidList: [], result: true }])).toEqual([]);
      expect(await found([{ requestedType, guidList: [], filters: [], result: true }])).toEqual([]);
      expect(await found([{ requestedType, guidList: [], filters: null, isResult: true }])).toEqual([]);
    },
  );

  test('an empty list of GUIDs beside filters or a neighbour restricts nothing', async () => {
    const filters = only('elementDisplayName', ['web-1']);
    expect(await found([{ requestedType: 'Machine', guidList: [], filters }])).toEqual(['web-1']);
    const ofWeb = { requestedType: 'Machine', filters };
    expect(await found([ofWeb, { requestedType: 'File', guidList: [], filters: [], isResult: true }])).toHaveLength(6);
  });

  test('exact names come before longer ones that contain them', async () => {
    const { endpoint } = world.mail;
    const bytes = new TextEncoder().encode('x');
    await inventory(world.ports, endpoint, [fileFacts('/srv/a-zeta', bytes), fileFacts('/srv/zeta', bytes)]);
    const answer = await ask({
      queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', ['ZETA'], 'ContainsIgnoreCase') }],
    });
    expect(Object.keys(answer.data?.resultIdToElementDataMap ?? {})).toEqual([
      world.mail.guidOf('/srv/zeta'),
      world.mail.guidOf('/srv/a-zeta'),
    ]);
    const limited = await ask({
      queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', ['ZETA'], 'ContainsIgnoreCase') }],
      totalResultLimit: 1,
    });
    expect(Object.keys(limited.data?.resultIdToElementDataMap ?? {})).toEqual([world.mail.guidOf('/srv/zeta')]);
    expect(limited.data).toMatchObject({ totalResults: 1, totalPossibleResults: 2 });
  });

  test('the path of a Linux file keeps its capitals in every feature', async () => {
    const { data } = await ask({
      queryPath: [{ requestedType: 'File', guidList: [world.web.guidOf('/srv/Ünïcode näme.txt')] }],
    });
    const [element] = Object.values(data?.resultIdToElementDataMap ?? {});
    for (const feature of ['correctedPath', 'canonizedPath', 'path']) {
      expect(element?.['simpleValues']).toHaveProperty([feature, 'values'], ['/srv/Ünïcode näme.txt']);
    }
  });

  test('every simple value is text', async () => {
    const fields = [
      'size',
      'modifiedTime',
      'isPEFile',
      'ownerMachine.isActiveProbeConnected',
      'ownerMachine.lastSeenTimeStamp',
    ];
    const { data } = await ask({ queryPath: [named], customFields: fields });
    for (const { simpleValues } of Object.values(data?.resultIdToElementDataMap ?? {})) {
      const shown = simpleValues as Record<string, { readonly values: readonly unknown[] }>;
      expect(Object.keys(shown).sort()).toEqual(['elementDisplayName', ...fields].sort());
      expect(Object.values(shown).every(({ values }) => typeof values[0] === 'string')).toBe(true);
    }
  });
});

function nameOf([simpleValues]: readonly unknown[]): string | undefined {
  return (simpleValues as Record<string, { readonly values: readonly string[] }>)['elementDisplayName']?.values[0];
}

describe('Queries for machines', () => {
  const table: readonly (readonly [string, object, readonly string[]])[] = [
    ['all', {}, ['mail-1', 'web-1']],
    ['by part of the name', { filters: only('elementDisplayName', ['WEB'], 'ContainsIgnoreCase') }, ['web-1']],
    ['by part of the name, where nothing says so', { filters: only('elementDisplayName', ['WEB']) }, []],
    ['by name, in another case', { filters: only('elementDisplayName', ['WEB-1']) }, ['web-1']],
    [
      'by any name but one, in another case',
      { filters: only('elementDisplayName', ['WEB-1'], 'NotEquals') },
      ['mail-1'],
    ],
    [
      'by name, or a whole word of it',
      { filters: only('elementDisplayName', ['WEB', 'mail-1'], 'MatchesToken') },
      ['mail-1', 'web-1'],
    ],
    ['by name, exactly', { filters: only('elementDisplayName', ['web'], 'Equals') }, []],
    ['by connection, as a flag', { filters: only('isActiveProbeConnected', [true]) }, ['mail-1', 'web-1']],
    ['by connection, as text', { filters: only('isConnected', ['false'], 'Equals') }, []],
    ['by platform', { filters: only('osType', ['LINUX'], 'Includes') }, ['mail-1', 'web-1']],
    ['by a feature it does not have', { filters: only('adDNSHostName', ['web-1.example.com']) }, []],
  ];

  test.each(table)('%s', async (_, element, expected) => {
    expect(await found([{ requestedType: 'Machine', isResult: true, ...element }])).toEqual([...expected].sort());
  });

  test('the one whose name is equal comes first, and of two in other cases the very one', async () => {
    await using other = await openWorld();
    const session = await other.cookieOf('Viewer');
    for (const hostName of ['a-twin', 'TWIN', 'twin', 'twin-b']) {
      await enrolMachine(other.ports, { hostName });
    }
    const first = async (name: string, filterType?: string) => {
      const queryPath = [{ requestedType: 'Machine', filters: only('elementDisplayName', [name], filterType) }];
      const sent = post('/rest/visualsearch/query/simple', session, { queryPath, totalResultLimit: 1 });
      const { data } = (await (await other.send(sent)).json()) as Answer;
      return Object.values(data?.resultIdToElementDataMap ?? {}).map(({ simpleValues }) => simpleValues);
    };
    const named = (name: string) => [{ elementDisplayName: { totalValues: 1, values: [name] } }];
    expect(await first('twin')).toMatchObject(named('twin'));
    expect(await first('TWIN')).toMatchObject(named('TWIN'));
    expect(await first('twin-B', 'ContainsIgnoreCase')).toMatchObject(named('twin-b'));
    expect(['TWIN', 'twin']).toContain(nameOf(await first('Twin', 'ContainsIgnoreCase')) ?? '');
    expect(await first('twi')).toEqual([]);
  });

  test('by GUID, but not by the GUID of one of its files', async () => {
    expect(await found([{ requestedType: 'Machine', guidList: [world.web.guid] }])).toEqual(['web-1']);
    expect(await found([{ requestedType: 'Machine', guidList: [world.web.guidOf(calc)] }])).toEqual([]);
  });
});

describe('Chains of files and machines', () => {
  const owner = { elementInstanceType: 'File', featureName: 'ownerMachine' };

  test('files of a machine', async () => {
    expect(await found([{ ...named, isResult: true, connectionFeature: owner }, onWeb])).toEqual([`web-1:${calc}`]);
    expect(await found([onWeb, { ...named, isResult: 'true', isReversed: true, connectionFeature: owner }])).toEqual([
      `web-1:${calc}`,
    ]);
  });

  test('machines that hold a file', async () => {
    expect(
      await found([
        { ...named, connectionFeature: owner },
        { requestedType: 'Machine', result: true },
      ]),
    ).toEqual(['mail-1', 'web-1']);
    expect(
      await found([
        { ...named, connectionFeature: owner },
        { ...onWeb, isResult: true },
      ]),
    ).toEqual(['web-1']);
    const nowhere = {
      requestedType: 'File',
      filters: only('elementDisplayName', ['nowhere']),
      connectionFeature: owner,
    };
    expect(await found([nowhere, { requestedType: 'Machine', isResult: true }])).toEqual([]);
  });

  test('no machine, no files', async () => {
    const none = { requestedType: 'Machine', filters: only('elementDisplayName', ['nobody']) };
    expect(await found([{ ...named, isResult: true, connectionFeature: owner }, none])).toEqual([]);
  });

  test('a link on a single element leads nowhere and does no harm', async () => {
    expect(
      await found([{ ...named, connectionFeature: { elementInstanceType: 'File', featureName: 'autorun' } }]),
    ).toEqual(both(calc));
  });
});

describe('Limits are cut to the vendor’s, never refused', () => {
  const table: readonly (readonly [readonly [unknown, unknown], object])[] = [
    [[undefined, undefined], { totalResultLimit: 1_000, perGroupLimit: 100, perFeatureLimit: 100 }],
    [[50_000, 10_000], { totalResultLimit: 10_000, perGroupLimit: 1_000 }],
    [['10', '1200'], { totalResultLimit: 10, perGroupLimit: 1_000 }],
    [[0, -5], { totalResultLimit: 1_000, perGroupLimit: 100 }],
    [[2.9, null], { totalResultLimit: 2, perGroupLimit: 100 }],
    [[{}, []], { totalResultLimit: 1_000, perGroupLimit: 100 }],
  ];
  for (const [[totalResultLimit, perGroupLimit], limits] of table) {
    test(`${JSON.stringify(totalResultLimit)} and ${JSON.stringify(perGroupLimit)}`, async () => {
      const { data } = await ask({ queryPath: [{ requestedType: 'File' }], totalResultLimit, perGroupLimit });
      expect(data?.queryLimits).toMatchObject(limits);
    });
  }
});

describe('A body that is no query is a bad request, in words', () => {
  const table: readonly (readonly [unknown, string])[] = [
    [[], 'The query must be an object.'],
    ['File', 'The query must be an object.'],
    [{}, 'The query: queryPath is missing: it must be a list.'],
    [{ queryPath: {} }, 'The query: queryPath must be a list.'],
    [{ queryPath: [] }, 'The query: queryPath is empty.'],
    [{ queryPath: [[]] }, 'queryPath[0] must be an object.'],
    [{ queryPath: [{}] }, 'queryPath[0]: requestedType is missing: it must be a text.'],
    [{ queryPath: [{ requestedType: 7 }] }, 'queryPath[0]: requestedType must be a text.'],
  ];
  test.each(table)('%j', async (body, message) => {
    for (const path of ['/rest/visualsearch/query/simple', '/rest/crimes/unified']) {
      const answer = await world.send(post(path, cookie, body));
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ status: 'FAILURE', message });
    }
  });
});

describe('Types that the vendor has and Custody does not', () => {
  test.each(['Connection', 'MalopLogonSession', 'Autorun', 'DetectionEvents'])(
    '%s: no elements',
    async (requestedType) => {
      expect(await found([{ requestedType }])).toEqual([]);
    },
  );
});

describe('Hashes', () => {
  const facts = fileFacts(calc, new TextEncoder().encode(texts[calc]));
  const others = Array.from({ length: 5_000 }, (_, number) => number.toString(16).padStart(32, '0'));

  test.each([undefined, 'ContainsIgnoreCase', 'Equals', 'MatchesWildcard'])(
    'thousands of whole ones, by %s',
    async (type) => {
      const filters = only('md5String', [...others, facts.md5.toUpperCase()], type);
      expect(await found([{ requestedType: 'File', filters }])).toEqual(both(calc).sort());
    },
  );

  test('a part of one still finds it, in any case', async () => {
    const filters = only('sha256String', [facts.sha256.slice(3, 20).toUpperCase()], 'ContainsIgnoreCase');
    expect(await found([{ requestedType: 'File', filters }])).toEqual(both(calc).sort());
  });
});

describe('A query that cannot be answered is FAILURE in 200, without data, and says why', () => {
  const table: readonly (readonly [object, string])[] = [
    [{ queryPath: [{ requestedType: 'File', filters: 'all' }] }, 'queryPath[0]: filters'],
    [{ queryPath: [{ requestedType: 'File', filters: [{ values: ['x'] }] }] }, 'queryPath[0].filters[0]: facetName'],
    [
      { queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', []) }] },
      'queryPath[0].filters[0].values',
    ],
    [
      { queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', [{}]) }] },
      'queryPath[0].filters[0].values',
    ],
    [{ queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', ['x'], 'Like') }] }, 'filterType'],
    [{ queryPath: [{ requestedType: 'File', filters: only('colour', ['x']) }] }, 'colour is not a feature of File'],
    [
      { queryPath: [{ requestedType: 'File', filters: only('colour', ['x']) }] },
      'They have elementDisplayName, md5String,',
    ],
    ...['file', 'Files', 'Nonsense', 'constructor'].map((requestedType): readonly [object, string] => [
      { queryPath: [{ requestedType }] },
      `"${requestedType}" is no element type. Custody has File, QuarantineFile,`,
    ]),
    [
      { queryPath: [{ requestedType: 'File', filters: only('size', [1], 'Between') }] },
      'must have two values for Between',
    ],
    [{ queryPath: [{ requestedType: 'File', filters: only('size', [1, 2, 3], 'Between') }] }, '3 were given'],
    [{ queryPath: [{ requestedType: 'File', filters: only('size', ['big'], 'GreaterThan') }] }, '"big" is none'],
    [{ queryPath: [{ requestedType: 'File', filters: only('size', ['']) }] }, 'must have numbers for size'],
    [{ queryPath: [{ requestedType: 'File', filters: only('modifiedTime', ['today'], 'Equals') }] }, '"today" is none'],
    [{ queryPath: [{ requestedType: 'File', guidList: Array(10_001).fill('1.2') }] }, 'at most 10000 items'],
    [
      { queryPath: [{ requestedType: 'File', filters: only('elementDisplayName', Array(10_001).fill('x')) }] },
      'values must be a list of 1 to 10000',
    ],
    [
      { queryPath: [{ requestedType: 'Machine', filters: only('md5String', ['x']) }] },
      'md5String is not a feature of Machine',
    ],
    [{ queryPath: [{ requestedType: 'File' }, { requestedType: 'File' }] }, 'no feature connects them'],
    [
      {
        queryPath: [
          { requestedType: 'File', connectionFeature: { featureName: 'autorun' } },
          { requestedType: 'Machine' },
        ],
      },
      'ownerMachine',
    ],
  ];
  for (const [body, part] of table) {
    test(`${part}: ${JSON.stringify(body).slice(0, 100)}`, async () => {
      const answer = await ask(body);
      expect(answer).toMatchObject({ status: 'FAILURE', message: expect.stringContaining(part) });
      expect(answer).not.toHaveProperty('data');
    });
  }
});
