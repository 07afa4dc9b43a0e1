import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CybereasonClient, newUser, password, sendLogIn } from '#kit/cybereason.ts';
import { sha256 } from '#kit/disk.ts';
import { runProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const email = 'ana@example.com';
const content = Buffer.from(`A file with no name of its own\n${'\u0000\u00ff'.repeat(5_000)}`, 'latin1');

let world: World;
let ana: CybereasonClient;
let path: string;
let guid: string;

beforeAll(async () => {
  world = await openWorld({ agents: 1 });
  path = world.agent(0).put('Documents/Quarterly Report.bin', content);
  guid = await world.known(world.agent(0), path);
  ana = await newUser(world.server, email, 'Investigator');
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function actionsSoFar(): Promise<number> {
  return (await world.client.listActions()).total;
}

/** Follows redirects as a browser would, and says where each led. */
async function follow(
  first: Response,
  cookie: string,
): Promise<{ readonly places: readonly string[]; last: Response }> {
  const places: string[] = [];
  let last = first;
  while (last.status === 302 && places.length < 5) {
    const { pathname, search } = new URL(last.headers.get('location') ?? '', world.server.url);
    places.push(`${pathname}${search}`);
    last = await world.server.fetch(`${pathname}${search}`, { headers: { cookie } });
  }
  return { places, last };
}

describe('Logging in', () => {
  test('leads over two redirects to a page that is no log-in page', async () => {
    const answer = await sendLogIn(world.server, email, password);
    const [session = '', ...others] = answer.headers.getSetCookie();
    expect(session).toMatch(/^JSESSIONID=[0-9A-F]{32}; .*HttpOnly/);
    expect(session).toContain('Secure');
    expect(others.join()).toStartWith('rememberMe=');
    const { places, last } = await follow(answer, session.split(';')[0] ?? '');
    expect(places).toHaveLength(2);
    expect(last.status).toBe(200);
    expect(await last.text()).not.toContain('<app-login>');
  });

  test('with a wrong password ends on the log-in page, under an address that says error, without a session', async () => {
    const answer = await sendLogIn(world.server, email, 'a wrong password');
    expect(answer.headers.getSetCookie()).toEqual([]);
    const { places, last } = await follow(answer, '');
    expect(places.at(-1)).toContain('error');
    expect(await last.text()).toContain('<app-login>');
  });
});

describe('Searching', () => {
  const facets: readonly (readonly [string, () => string])[] = [
    ['elementDisplayName', () => 'Quarterly Report.bin'],
    ['correctedPath', () => path],
    ['sha1String', () => createHash('sha1').update(content).digest('hex')],
    ['md5String', () => createHash('md5').update(content).digest('hex')],
    ['sha256String', () => sha256(content)],
  ];

  test.each(facets)('finds a file by its %s', async (facetName, value) => {
    const found = await ana.query('File', [{ facetName, values: [value()], filterType: 'Equals' }]);
    expect(Object.keys(found)).toEqual([guid]);
    expect(found[guid]?.simpleValues).toMatchObject({
      elementDisplayName: { totalValues: 1, values: ['Quarterly Report.bin'] },
      size: { totalValues: 1, values: [String(content.length)] },
    });
  });

  test('finds the machine, whose GUID begins as those of its files do', async () => {
    const { hostName } = await world.client.readEndpoint(world.agent(0).id);
    const found = await ana.query('Machine', [{ facetName: 'elementDisplayName', values: [hostName] }]);
    expect(Object.keys(found)).toEqual([`${guid.split('.')[0]}.1198775089551518743`]);
  });
});

describe('From a MalOp', () => {
  interface Data {
    readonly resultIdToElementDataMap: Readonly<
      Record<string, { readonly elementValues: Readonly<Record<string, { readonly elementValues: readonly Named[] }>> }>
    >;
  }
  interface Named {
    readonly guid: string;
    readonly name: string;
  }

  async function run(body: object): Promise<Data['resultIdToElementDataMap']> {
    const answer = await ana.post('/rest/visualsearch/query/simple', body);
    const { data } = (await answer.json()) as { readonly data: Data };
    return data.resultIdToElementDataMap;
  }

  test('over its suspects to the very bytes of their image file', async () => {
    const { id: endpointId } = world.agent(0);
    const { incident } = await world.client.createIncident({
      ...{ name: 'The report ran', severity: 'high', description: '' },
      processes: [{ endpointId, path, pid: 4711 }],
    });
    const connectionFeature = { elementInstanceType: 'MalopProcess', featureName: 'suspects' };
    const suspects = await run({
      queryPath: [
        { requestedType: 'MalopProcess', filters: [], guidList: [incident.guid], connectionFeature },
        { requestedType: 'Process', filters: [], isResult: true },
      ],
      templateContext: 'DETAILS',
    });
    expect(Object.keys(suspects)).toHaveLength(1);
    const processes = await run({
      queryPath: [{ requestedType: 'Process', guidList: Object.keys(suspects), result: true }],
      customFields: ['imageFile', 'imageFile.md5String', 'parentProcess'],
    });
    const [image] = Object.values(processes).flatMap(
      ({ elementValues }) => elementValues['imageFile']?.elementValues ?? [],
    );
    expect(image).toMatchObject({ guid, name: 'Quarterly Report.bin' });
    expect(await ana.start([image?.guid ?? ''])).toMatchObject({ data: true, status: 'SUCCESS' });
    const row = await until('the file has arrived', async () =>
      (await ana.progress()).find((one) => one.succeeded && one.fileName === image?.name),
    );
    await expectZipOf(await (await ana.get(`/rest/fetchfile/getfiles/${row.batchId}`)).bytes());
    await ana.get(`/rest/fetchfile/close/${row.batchId}`);
  });
});

/** The vendor's page as it stands, but for host, GUID and user, and with the cookie and the authority added. */
const example = `curl --request POST \\
    --url https://$HOST/rest/fetchfile/start \\
    --header 'Content-Type:application/json' \\
    --data '{
              "elementGuids":["'$GUID'"],
              "initiatorUserName":"'$USER_NAME'"
            }'`;

function runExample(extra: string) {
  const environment = {
    HOST: `127.0.0.1:${world.server.port}`,
    GUID: guid,
    USER_NAME: email,
    COOKIE: ana.cookie,
    CA: world.server.caFile,
  };
  return runProgram(['sh', '-c', `${example} --silent --show-error --cacert "$CA" ${extra}`], { environment });
}

describe('The page about starting a file download', () => {
  test('holds from the curl example to the very bytes in the ZIP', async () => {
    const { code, out, err } = await runExample('--cookie "$COOKIE"');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ data: true, status: 'SUCCESS', message: '' });
    const row = await until('the file has arrived', async () => (await ana.progress()).find((one) => one.succeeded));
    expect(row).toMatchObject({
      fileName: 'Quarterly Report.bin',
      initiatorUserName: email,
      sizeInBytes: content.length,
      hash: createHash('sha1').update(content).digest('hex'),
    });
    const answer = await ana.get(`/rest/fetchfile/getfiles/${row.batchId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"]+"$/);
    await expectZipOf(await answer.bytes());
    expect(await ana.progress()).toEqual([]);
    expect((await ana.get(`/rest/fetchfile/getfiles/${row.batchId}`)).status).toBe(200);
    expect(await (await ana.get(`/rest/fetchfile/close/${row.batchId}`)).json()).toMatchObject({ status: 'SUCCESS' });
    expect((await ana.get(`/rest/fetchfile/getfiles/${row.batchId}`)).status).toBe(500);
  });

  test('starts nothing without the cookie, and sends the client to the log-in page', async () => {
    const before = await actionsSoFar();
    // Again and again: an answer that overtakes the request's body would get lost over HTTP/2, but not each time.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const { out, err } = await runExample(`--output /dev/null --write-out '%{http_code} %{redirect_url}'`);
      expect({ out, err }).toEqual({ out: `302 ${world.server.url}/login.html`, err: '' });
    }
    expect(await actionsSoFar()).toBe(before);
  });

  test('starts nothing with the cookie of a session that has ended', async () => {
    const before = await actionsSoFar();
    const gone = await newUser(world.server, 'bo@example.com', 'Investigator');
    const { places, last } = await follow(await gone.get('/logout'), gone.cookie);
    expect({ places, status: last.status }).toEqual({ places: ['/login.html'], status: 200 });
    const answer = await gone.post('/rest/fetchfile/start', { elementGuids: [guid], initiatorUserName: email });
    expect(answer.status).toBe(302);
    expect(await actionsSoFar()).toBe(before);
  });
});

/** With the two readers that everybody has. */
async function expectZipOf(zip: Uint8Array): Promise<void> {
  const directory = join(world.directory, `zip-${Date.now()}`);
  mkdirSync(directory);
  const file = join(directory, 'download.zip');
  writeFileSync(file, zip);
  const tested = await runProgram(['unzip', '-tq', file]);
  expect(tested.code, tested.out + tested.err).toBe(0);
  const unzipped = await runProgram(['unzip', '-p', file]);
  expect(unzipped.bytes.equals(content)).toBe(true);
  const script =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.stdout.buffer.write(z.read(z.namelist()[0]))';
  const read = await runProgram(['python3', '-c', script, file]);
  expect(read.err).toBe('');
  expect(read.bytes.equals(content)).toBe(true);
}
