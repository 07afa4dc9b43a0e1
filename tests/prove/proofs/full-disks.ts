import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '#kit/free-port.ts';
import { custody, runProgram } from '#kit/program.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { type RealServer, type Settings, startServer } from '#kit/real-server.ts';
import { until } from '#kit/until.ts';
import { ApiError } from '#sdk/api-error.ts';
import type { ActionWithTasks } from '#sdk/wait-for-action.ts';
import { type Proof, type ProofContext, Tally } from '../proof.ts';
import { type Image, lacking, makeImage } from '../world/images.ts';

const mebibyte = 1024 ** 2;

/** P68: a full disk of the server keeps nothing from being restored, and everything goes on when it has room again. */
export const fullDisks: Proof = {
  name: 'full-disks',
  promises: ['P68'],
  run: async (context) => {
    const tally = new Tally(context, 'P68', 'a real server whose evidence or database has no room, and then has');
    const reason = lacking('tmpfs');
    if (reason !== undefined) {
      tally.skip(1, reason);
      return [tally.row()];
    }
    await withWorld(context, evidenceOnItsOwn(), (world) => evidenceFills(tally, world));
    await withWorld(context, databaseOnItsOwn(), (world) => databaseFills(tally, world));
    return [tally.row()];
  },
};

interface World {
  readonly image: Image;
  readonly server: RealServer;
  readonly agent: RealAgent;
}

interface Place {
  readonly mebibytes: number;
  readonly data: (directory: string, image: Image) => string;
  readonly settings: (directory: string, image: Image) => Settings;
}

function evidenceOnItsOwn(): Place {
  return {
    mebibytes: 96,
    data: (directory) => path.join(directory, 'server'),
    settings: (_, image) => ({ CUSTODY_EVIDENCE: image.mountPoint, CUSTODY_EVIDENCE_RESERVE: '32MiB' }),
  };
}

function databaseOnItsOwn(): Place {
  return {
    mebibytes: 200,
    data: (_, image) => path.join(image.mountPoint, 'server'),
    settings: (directory) => ({
      CUSTODY_EVIDENCE: path.join(directory, 'evidence'),
      CUSTODY_EVIDENCE_RESERVE: '0',
      CUSTODY_STORE_RESERVE_MIB: '32',
    }),
  };
}

async function withWorld(
  { scratch }: ProofContext,
  place: Place,
  work: (world: World) => Promise<void>,
): Promise<void> {
  using image = makeImage(scratch, 'tmpfs', place.mebibytes);
  const directory = path.join(scratch, `world-${path.basename(image.mountPoint)}`);
  mkdirSync(directory, { recursive: true });
  const settings = place.settings(directory, image);
  const server = await startServer({ data: place.data(directory, image), port: await freePort(), settings });
  try {
    const agent = await startAgent(server, { directory: path.join(directory, 'agent') });
    try {
      await agent.connect();
      await work({ image, server, agent });
    } finally {
      await agent.end('SIGKILL');
    }
  } finally {
    await server.end('SIGKILL');
  }
}

async function evidenceFills(tally: Tally, world: World): Promise<void> {
  const { server, agent, image } = world;
  const held = await placed(world, 'held', mebibyte);
  const waiting = await placed(world, 'waiting', 3 * mebibyte);
  const tooLarge = await placed(world, 'too large', 80 * mebibyte);
  const before = await fetched(server, held.guid);
  tally.point('a fetch where there is room', unless('done', before));
  // Ordered while there is room; its agent comes when there is none.
  await agent.end('SIGTERM');
  const late = await server.client.startFetch({ guids: [waiting.guid] });
  const large = await server.client.startFetch({ guids: [tooLarge.guid] });
  fill(image, 16 * mebibyte);
  await agent.connect();
  tally.point('a fetch is refused in words', await refusesFetch(server, held.guid));
  tally.point('the reserve is left alone', await staysFree(image, 15 * mebibyte));
  tally.point('what waits for room goes on waiting', await waits(server, [late.action.id, large.action.id]));
  tally.point('files are moved', await movesFiles(world, 'moved beside full evidence'));
  tally.point('evidence is readable', await readsBack(server, before, held));
  tally.point('it is told', await tellsOf(server, { line: 'evidence storage has no room', state: 'full' }));
  fill(image, 0);
  tally.point('files are moved without a byte of room', await movesFiles(world, 'moved beside a disk without a byte'));
  tally.point('evidence is readable without a byte of room', await readsBack(server, before, held));
  empty(image);
  const ended = await server.client.waitForAction(late.action.id, { timeout: 90_000 });
  tally.point('what waited is fetched', [...unless('done', ended), ...(await readsBack(server, ended, waiting))]);
  tally.point('what never fits holds nobody up', await waits(server, [large.action.id]));
  tally.point('a new fetch is done', unless('done', await fetched(server, (await placed(world, 'after', 40)).guid)));
  tally.point('it is told that all is well', await tellsOf(server, { line: 'ready', state: 'ready' }));
}

async function databaseFills(tally: Tally, world: World): Promise<void> {
  const { server, image } = world;
  tally.point('a reserve is taken', await reserveIs(server, 1));
  const held = await placed(world, 'held', mebibyte);
  const before = await fetched(server, held.guid);
  tally.point('a fetch where there is room', unless('done', before));
  fill(image, 0);
  for (const name of ['first', 'second', 'third']) {
    tally.point(`files are moved on a full disk: ${name}`, await movesFiles(world, `${name} on a full disk`));
  }
  tally.point('the reserve is given back', await reserveIs(server, 0));
  tally.point('it is told', await tellsOf(server, { line: 'its reserve is not held', state: 'ready' }));
  fill(image, 0);
  tally.point('without a byte of room orders are refused in words', await refusesOrders(world, held));
  tally.point('what cannot be recorded is not given out', await givesNothingOut(server, before));
  empty(image);
  tally.point('files are moved again', await movesFiles(world, 'moved again'));
  tally.point('the reserve is taken again', await reserveIs(server, 1));
  tally.point('the record is whole', await verifies(server));
}

interface Placed {
  readonly guid: string;
  readonly file: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

async function placed({ server, agent }: World, name: string, size: number): Promise<Placed> {
  const bytes = Buffer.alloc(size, `${name} `);
  const file = agent.put(name, bytes);
  const { guid } = await until(`the server knows ${file}`, async () => {
    const { items } = await server.client.findFiles({
      conditions: [
        { field: 'endpointId', values: [agent.id] },
        { field: 'path', values: [file] },
      ],
      states: ['present'],
    });
    return items[0];
  });
  return { guid, file, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function fetched({ client }: RealServer, guid: string): Promise<ActionWithTasks> {
  const { action } = await client.startFetch({ guids: [guid] });
  return client.waitForAction(action.id, { timeout: 60_000 });
}

function endings({ tasks }: ActionWithTasks): readonly string[] {
  return tasks.flatMap(({ files }) => files.map(({ outcome, message }) => `${outcome} (${message})`));
}

function unless(outcome: string, action: ActionWithTasks): readonly string[] {
  const ends = endings(action);
  return ends.length > 0 && ends.every((end) => end.startsWith(`${outcome} `)) ? [] : [`it ended ${ends.join()}`];
}

async function refusesFetch({ client }: RealServer, guid: string): Promise<readonly string[]> {
  try {
    const { action } = await client.startFetch({ guids: [guid] });
    return [`fetch ${action.id} was begun`];
  } catch (thrown) {
    const isIt =
      thrown instanceof ApiError && thrown.code === 'evidence_unavailable' && thrown.message.includes('has no room');
    return isIt ? [] : [`it said ${thrown}`];
  }
}

/** Orders that nobody could keep are refused, and say so; what is refused did not happen. */
async function refusesOrders({ server, agent }: World, { file }: Placed): Promise<readonly string[]> {
  const { client } = server;
  const before = (await client.listActions({ limit: 1 })).total;
  const wrongs: string[] = [];
  try {
    // A few may still fit into what the database has.
    for (let tries = 0; tries < 5_000; tries += 1) {
      await client.quarantineFile({ endpointIds: [agent.id], path: file, sha256: '0'.repeat(64) });
    }
    wrongs.push('orders were taken without end');
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.code === 'unavailable' && /full/.test(thrown.message))) {
      wrongs.push(`it said ${thrown}`);
    }
  }
  const after = (await client.listActions({ limit: 1 })).total;
  return after >= before ? wrongs : [...wrongs, 'actions were lost'];
}

/** One file into the vault and back, byte for byte. */
async function movesFiles(world: World, name: string): Promise<readonly string[]> {
  const { client } = world.server;
  const { file, bytes, sha256 } = await placed(world, name, 10_000);
  const endpointId = world.agent.id;
  const taking = await client.quarantineFile({ endpointIds: [endpointId], path: file, sha256 });
  const taken = await client.waitForAction(taking.id, { timeout: 60_000 });
  const returning = await client.restoreFile({ endpointId, sha256 });
  const returned = await client.waitForAction(returning.id, { timeout: 60_000 });
  const { items } = await client.listEvents({ actionId: returning.id, type: ['task_finished'], limit: 10 });
  const isBack = Buffer.from(await Bun.file(file).arrayBuffer()).equals(bytes);
  return [
    ...unless('done', taken),
    ...unless('done', returned),
    ...(items.length === 1 ? [] : [`${items.length} events say so`]),
    ...(isBack ? [] : ['the file is not what it was']),
  ];
}

async function readsBack(
  { client }: RealServer,
  { id, tasks }: ActionWithTasks,
  { bytes }: Placed,
): Promise<readonly string[]> {
  const { body } = await client.downloadFile({ actionId: id, taskId: tasks[0]?.id ?? '', ordinal: 0 });
  const read = Buffer.from(await new Response(body).arrayBuffer());
  return read.equals(bytes) ? [] : [`other bytes were given out: ${read.length}`];
}

/** Who takes evidence is recorded before the first byte. */
async function givesNothingOut({ client }: RealServer, { id, tasks }: ActionWithTasks): Promise<readonly string[]> {
  try {
    const { body } = await client.downloadFile({ actionId: id, taskId: tasks[0]?.id ?? '', ordinal: 0 });
    return [`${(await new Response(body).arrayBuffer()).byteLength} bytes were given out`];
  } catch (thrown) {
    return thrown instanceof Error ? [] : [`it threw ${thrown}`];
  }
}

/** Neither ended nor lost, over some tries of the agent. */
async function waits({ client }: RealServer, ids: readonly string[]): Promise<readonly string[]> {
  await Bun.sleep(3_000);
  const actions = await Promise.all(ids.map((id) => client.readAction(id)));
  return actions.flatMap(({ id, status }) => (/completed|failed|expired/.test(status) ? [`${id} is ${status}`] : []));
}

async function staysFree({ mountPoint }: Image, bytes: number): Promise<readonly string[]> {
  await Bun.sleep(1_000);
  const free = freeBytes(mountPoint);
  return free >= bytes ? [] : [`only ${free} bytes are free`];
}

async function tellsOf(
  server: RealServer,
  { line, state }: { readonly line: string; readonly state: string },
): Promise<readonly string[]> {
  const told = await until(`readiness says ${line}`, async () => {
    const answer = await server.fetch('/readyz');
    const text = await answer.text();
    return text.includes(line) && (line !== 'ready' || text === 'ready\n') ? { status: answer.status } : undefined;
  });
  const { evidence } = await server.client.readServer();
  return [
    ...(told.status === 200 ? [] : [`readiness answers ${told.status}, although orders are carried out`]),
    ...(evidence.state === state ? [] : [`evidence is said to be ${evidence.state}: ${evidence.message}`]),
  ];
}

async function reserveIs({ client }: RealServer, value: 0 | 1): Promise<readonly string[]> {
  await until(`the reserve is ${value}`, async () =>
    (await client.readMetrics()).includes(`store_reserve_held ${value}\n`),
  );
  return [];
}

async function verifies({ data }: RealServer): Promise<readonly string[]> {
  const { code, out, err } = await runProgram([custody, 'verify', '--server-data', data]);
  return code === 0 ? [] : [`verify ended with ${code}: ${out}${err}`];
}

const ballast = 'what fills the disk';

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** Until so many bytes are free, and no more. */
function fill({ mountPoint }: Image, left: number): void {
  const handle = openSync(path.join(mountPoint, ballast), 'a');
  const piece = Buffer.alloc(mebibyte, 1);
  try {
    for (let over = freeBytes(mountPoint) - left; over > 0; over = freeBytes(mountPoint) - left) {
      writeSync(handle, piece, 0, Math.min(piece.length, over));
    }
  } finally {
    closeSync(handle);
  }
}

function empty({ mountPoint }: Image): void {
  rmSync(path.join(mountPoint, ballast));
}
