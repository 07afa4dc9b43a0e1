import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { answerQuery } from '#dialects/cybereason/query/answer-query.ts';
import { type Operator, passes } from '#dialects/cybereason/query/operators.ts';
import { readQuery } from '#dialects/cybereason/query/query-request.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { build, fleets, type Node } from './fleet-model.ts';

interface Way {
  readonly from: string;
  readonly feature: string;
  readonly to: string;
}

const ways: readonly Way[] = [
  { from: 'File', feature: 'ownerMachine', to: 'Machine' },
  { from: 'Machine', feature: 'processes', to: 'Process' },
  { from: 'Machine', feature: 'users', to: 'User' },
  { from: 'Process', feature: 'imageFile', to: 'File' },
  { from: 'Process', feature: 'ownerMachine', to: 'Machine' },
  { from: 'Process', feature: 'user', to: 'User' },
  { from: 'Process', feature: 'calculatedUser', to: 'User' },
  { from: 'Process', feature: 'hostUser', to: 'User' },
  { from: 'MalopProcess', feature: 'suspects', to: 'Process' },
  { from: 'MalopProcess', feature: 'affectedMachines', to: 'Machine' },
  { from: 'MalopProcess', feature: 'primaryRootCauseElements', to: 'File' },
  { from: 'User', feature: 'ownerMachine', to: 'Machine' },
  { from: 'User', feature: 'processes', to: 'Process' },
];
const types = ['File', 'Machine', 'Process', 'MalopProcess', 'User'] as const;

interface Filter {
  readonly facetName: string;
  /** Left out, it means `Equals`. */
  readonly filterType: Operator | undefined;
  readonly values: readonly string[];
}

const comparing = fc.constantFrom<Operator | undefined>(
  undefined,
  'Equals',
  'EqualsIgnoreCase',
  'ContainsIgnoreCase',
  'NotEquals',
  'Includes',
);
const filter = (facetName: string, ...values: readonly string[]): fc.Arbitrary<Filter> =>
  fc.record({
    facetName: fc.constant(facetName),
    filterType: comparing,
    values: fc.subarray([...values], { minLength: 1 }),
  });
const hasMalops = filter('hasMalops', 'true', 'false');
const filtersOf: Record<(typeof types)[number], readonly fc.Arbitrary<Filter>[]> = {
  File: [
    filter('elementDisplayName', 'A.bin', 'b'),
    filter('path', '/opt/', '/srv/a.bin'),
    filter('size', '10'),
    hasMalops,
  ],
  Machine: [filter('elementDisplayName', 'host-0', 'HOST-1', 'HOST', '1'), filter('users', 'ana'), hasMalops],
  Process: [filter('elementDisplayName', 'a.bin', 'B'), filter('pid', '1'), filter('user', 'eve', 'ana'), hasMalops],
  MalopProcess: [filter('elementDisplayName', 'malop 0', 'MALOP'), filter('managementStatus', 'UNREAD')],
  User: [filter('elementDisplayName', 'ana', 'bo')],
};

interface AskedStep {
  readonly type: (typeof types)[number];
  readonly filters: readonly Filter[];
  /** Places in the list of all elements of the type, and beyond; undefined for no restriction. */
  readonly picks: readonly number[] | undefined;
  /** How it is connected with the step before. */
  readonly way: Way | undefined;
  /** Which of the two says so, for the last step: elsewhere it is the first, whose feature leads to the next element. */
  readonly saidBy: 'first' | 'second';
}

function step(type: (typeof types)[number], way?: Way): fc.Arbitrary<AskedStep> {
  return fc.record({
    type: fc.constant(type),
    filters: fc.oneof(fc.constant([]), fc.array(fc.oneof(...filtersOf[type]), { maxLength: 2 })),
    picks: fc.option(fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 4 }), { nil: undefined, freq: 4 }),
    way: fc.constant(way),
    saidBy: fc.constantFrom('first', 'second'),
  });
}

function pathsFrom(before: readonly AskedStep[], left: number): fc.Arbitrary<readonly AskedStep[]> {
  const last = before.at(-1);
  const next = ways.filter(({ from, to }) => last !== undefined && (from === last.type || to === last.type));
  return left === 0 || last === undefined
    ? fc.constant(before)
    : fc
        .constantFrom(...next)
        .chain((way) => step((way.from === last.type ? way.to : way.from) as AskedStep['type'], way))
        .chain((added) => pathsFrom([...before, added], left - 1));
}

interface Asked {
  readonly path: readonly AskedStep[];
  readonly result: number;
  readonly pageSize: number;
}

const chains: fc.Arbitrary<Asked> = fc
  .tuple(fc.constantFrom(...types), fc.nat(3))
  .chain(([type, more]) => step(type).chain((first) => pathsFrom([first], more)))
  .chain((path) =>
    fc.record({ path: fc.constant(path), result: fc.nat(path.length - 1), pageSize: fc.constantFrom(1, 2, 50) }),
  );

function picked(nodes: readonly Node[], { type, picks = [] }: AskedStep): readonly string[] {
  const all = nodes.filter((node) => node.type === type);
  return picks.map((pick) => all[pick]?.guid ?? `0.${pick}`);
}

function toQueryPath(nodes: readonly Node[], { path, result }: Asked): readonly object[] {
  return path.map((asked, index) => {
    const next = path[index + 1];
    const isLastSaidSecond = path.at(-1)?.saidBy === 'second';
    const said = next !== undefined && !(index + 2 === path.length && isLastSaidSecond) ? next.way : undefined;
    const way = next === undefined && isLastSaidSecond ? asked.way : said;
    return {
      requestedType: asked.type,
      filters: asked.filters,
      ...(asked.picks !== undefined && { guidList: picked(nodes, asked) }),
      ...(way !== undefined && {
        connectionFeature: { elementInstanceType: way.from, featureName: way.feature },
        isReversed: way.from !== asked.type,
      }),
      ...(index === result && { result: 'true' }),
    };
  });
}

function fits(nodes: readonly Node[], asked: AskedStep, { type, guid, features }: Node): boolean {
  return (
    type === asked.type &&
    (asked.picks === undefined || picked(nodes, asked).includes(guid)) &&
    asked.filters.every(({ facetName, filterType = 'Equals', values }) => {
      const actual = features[facetName] ?? [];
      return isInAnyCase(type, facetName)
        ? passes(filterType, inLowerCase(actual), inLowerCase(values))
        : passes(filterType, actual, values);
    })
  );
}

/** Names of hosts and users are one in every case; those of files are not. */
function isInAnyCase(type: string, facetName: string): boolean {
  return (
    facetName === 'user' ||
    facetName === 'users' ||
    (facetName === 'elementDisplayName' && (type === 'Machine' || type === 'User'))
  );
}

function inLowerCase(values: readonly string[]): readonly string[] {
  return values.map((value) => value.toLowerCase());
}

function isJoined({ from, feature, to }: Way, one: Node, other: Node): boolean {
  const leads = (first: Node, second: Node) =>
    first.type === from && second.type === to && first.leads[feature]?.includes(second.guid) === true;
  return leads(one, other) || leads(other, one);
}

/** Every element of the result's type from which a whole path goes to both ends, all of them tried one by one. */
function evaluate(nodes: readonly Node[], { path, result }: Asked): readonly string[] {
  const goesOn = (node: Node, index: number, direction: 1 | -1): boolean => {
    const next = path[index + direction];
    const way = (direction === 1 ? next : path[index])?.way;
    if (next === undefined || way === undefined) {
      return true;
    }
    const isFreeEnd = index + 2 * direction === (direction === 1 ? path.length : -1) && isFree(next);
    // The image file of a process is there for whoever asks nothing of it, whether an agent has reported it or not.
    if (isFreeEnd && way.feature === 'imageFile' && node.type === 'Process') {
      return true;
    }
    return nodes.some(
      (other) => fits(nodes, next, other) && isJoined(way, node, other) && goesOn(other, index + direction, direction),
    );
  };
  const asked = path[result];
  const found = nodes.filter((node) => asked !== undefined && fits(nodes, asked, node));
  return found
    .filter((node) => goesOn(node, result, 1) && goesOn(node, result, -1))
    .map(({ guid }) => guid)
    .toSorted();
}

function isFree({ filters, picks }: AskedStep): boolean {
  return filters.length === 0 && picks === undefined;
}

interface Data {
  readonly resultIdToElementDataMap: object;
  readonly totalResults: number;
  readonly totalPossibleResults: number;
  readonly paginationToken: string | null;
}

async function ask(ports: TestPorts, body: object): Promise<Data> {
  return (await answerQuery(ports, readQuery({ body, address: new URLSearchParams(), token: null }))) as Data;
}

async function check(ports: TestPorts, nodes: readonly Node[], asked: Asked): Promise<void> {
  const queryPath = toQueryPath(nodes, asked);
  const expected = evaluate(nodes, asked);
  const whole = await ask(ports, { queryPath });
  const found = { queryPath, guids: Object.keys(whole.resultIdToElementDataMap).toSorted() };
  expect(found).toEqual({ queryPath, guids: [...expected] });
  expect(whole.totalPossibleResults).toBe(expected.length);
  const pages: string[] = [];
  let paginationToken: string | null = '';
  while (paginationToken !== null) {
    const page: Data = await ask(ports, { queryPath, pagination: { pageSize: asked.pageSize, paginationToken } });
    expect(page.totalResults).toBe(expected.length);
    pages.push(...Object.keys(page.resultIdToElementDataMap));
    ({ paginationToken } = page);
  }
  expect(pages.toSorted()).toEqual([...expected]);
}

const runs = Number(process.env['CHAIN_RUNS'] ?? 20);
const chainsEach = 30;

test('a chain finds what trying every path finds, in one answer and page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      fleets,
      fc.array(chains, { minLength: chainsEach, maxLength: chainsEach }),
      async (fleet, asked) => {
        await using ports = await openPorts();
        const nodes = await build(ports, fleet);
        for (const each of asked) {
          await check(ports, nodes, each);
        }
      },
    ),
    { numRuns: runs, endOnFailure: true },
  );
}, 120_000);
