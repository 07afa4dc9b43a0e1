import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import type { Sha256 } from '#core/file/hash.ts';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { blockedAmong } from '#core/verbs/demand-not-blocked.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const contents = Array.from({ length: 40 }, (_, index) => new TextEncoder().encode(`content ${index}`));
const hashes = contents.map(sha256Of);

const listed = (hash: string, given: Partial<ListedHash> = {}): ListedHash => ({
  ...{ hash, algorithm: 'sha256', list: 'block', prevent: true, comment: '', incidentId: null, dialect: 'native' },
  ...{ listedBy: { kind: 'local', id: 'test', name: 'test', role: 'Viewer' }, listedAt: 1, expiresAt: null },
  ...given,
});

/** Counts the calls of every room, through which there is but one way to the store. */
function counted<Rooms extends Pick<Reader, 'files' | 'hashLists'>>(rooms: Rooms, asked: string[]) {
  const room = <Room extends object>(name: string, within: Room): Room =>
    new Proxy(within, {
      get(target, method: string) {
        asked.push(`${name}.${method}`);
        return Reflect.get(target, method);
      },
    });
  return { files: room('files', rooms.files), hashLists: room('hashLists', rooms.hashLists) };
}

test('blocked hashes among many are found in few questions, by every hash that an agent told of the same bytes', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports, { hostName: 'web-1' });
  await inventory(
    ports,
    endpoint,
    contents.map((bytes, index) => fileFacts(`/srv/${index}`, bytes)),
  );
  const now = ports.clock.now();
  const among = async (some: readonly Sha256[]) => {
    const asked: string[] = [];
    const found = await ports.store.read((reader) => blockedAmong(counted(reader, asked), some, now));
    return { asked, found: new Map([...found].map(([sha256, { hash }]) => [sha256, hash])) };
  };
  expect(await among(hashes)).toEqual({ asked: ['hashLists.anyPreventing'], found: new Map() });
  const nowhere = sha256Of(new TextEncoder().encode('bytes of no file'));
  const [direct, byMd5, allowed, expired, watched] = hashes;
  const md5 = (index: number) =>
    createHash('md5')
      .update(contents[index] ?? '')
      .digest('hex');
  await ports.store.transact(({ hashLists }) =>
    hashLists.put([
      listed(direct ?? ''),
      listed(md5(1), { algorithm: 'md5' }),
      listed(allowed ?? ''),
      listed(md5(2), { algorithm: 'md5', list: 'allow', prevent: false }),
      listed(expired ?? '', { expiresAt: now }),
      listed(watched ?? '', { prevent: false }),
      listed(nowhere),
    ]),
  );
  const { asked, found } = await among([...hashes, nowhere, ...hashes]);
  expect(found).toEqual(
    new Map([
      [direct ?? nowhere, direct ?? ''],
      [byMd5 ?? nowhere, md5(1)],
      [nowhere, nowhere],
    ]),
  );
  expect(asked).toEqual(['hashLists.anyPreventing', 'files.hashesOf', 'hashLists.byHashes']);
});
