import { expect, test } from 'bun:test';
import type { PythonWorld } from './python-world.ts';

export function reputationCases(world: () => PythonWorld): void {
  test('reads the list of reputations and decides anew about one of them', async () => {
    const hash = 'ab'.repeat(16);
    await world().client.listHashes({ hashes: [hash, 'cd'.repeat(20)], list: 'block', prevent: false });
    const listed = await world().result('get_reputations');
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual(expect.objectContaining({ id: hash, action: 'DETECT' }));
    const keys = [{ type: 'MD5', value: hash }];
    const kwargs = { comment: 'seen in April', action: 'DENY', keys };
    const other = { ...kwargs, keys: [{ type: 'DOMAIN', value: 'evil.example.com' }] };
    expect(
      await world().steps(
        { name: 'reputation_list' },
        { name: 'update_reputation', args: [hash], kwargs },
        { name: 'update_reputation', args: [hash], kwargs: other },
        { name: 'update_reputation', args: [hash], kwargs: { ...kwargs, groups: ['one'] } },
      ),
    ).toMatchObject([
      { result: expect.any(String) },
      { result: { id: hash, action: 'DENY', comment: 'seen in April' } },
      { error: 'ClientError' },
      { error: 'ClientError' },
    ]);
    const { items } = await world().client.findListedHashes({ hash: [hash] });
    expect(items).toMatchObject([{ list: 'block', prevent: true, dialect: 'cybereason' }]);
  });

  test('reads more reputations than one page has, each once', async () => {
    const hashes = Array.from({ length: 100 }, (_, index) => index.toString(16).padStart(40, 'e'));
    await world().client.listHashes({ hashes, list: 'allow' });
    const listed = (await world().result('get_reputations')) as readonly { readonly id: string }[];
    expect(listed).toHaveLength(102);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(102);
  });
}
