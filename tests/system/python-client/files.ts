import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { until } from '#kit/until.ts';
import { type PythonWorld, pylumIdOf } from './python-world.ts';

const progressSchema = z.object({
  data: z.array(z.looseObject({ batchId: z.int(), fileName: z.string(), succeeded: z.boolean() })),
});

function fileQuery(facetName: string, value: string) {
  const queryPath = [{ requestedType: 'File', filters: [{ facetName, values: [value] }], isResult: true }];
  const limits = { totalResultLimit: 10, perGroupLimit: 5_000, perFeatureLimit: 10 };
  const customFields = ['elementDisplayName', 'ownerMachine', 'size', 'sha1String'];
  return { queryPath, ...limits, templateContext: 'SPECIFIC', customFields };
}

export function fileCases(world: () => PythonWorld): void {
  test('finds a file, has it fetched, and downloads and opens the batch', async () => {
    const content = randomBytes(100_000);
    const path = world().agent(0).put('wanted.bin', content);
    const guid = await world().known(world().agent(0), path);
    const folder = join(world().directory, 'batches');
    const [found, wrong, started] = await world().steps(
      { name: 'query', args: [fileQuery('elementDisplayName', 'wanted.bin')] },
      { name: 'query', args: [fileQuery('nowhere', 'wanted.bin')] },
      { name: 'post', args: ['fetchfile/start', { elementGuids: [guid], initiatorUserName: 'ana@example.com' }] },
    );
    const simpleValues = { size: { totalValues: 1, values: ['100000'] } };
    expect(found).toMatchObject({
      result: { resultIdToElementDataMap: { [guid]: { simpleValues } }, totalResults: 1 },
    });
    const why = expect.stringMatching(
      /^nowhere is not a feature of File elements\. They have elementDisplayName, .*sha256String/,
    );
    expect(wrong).toEqual({ error: 'Failure', message: why });
    expect(started).toMatchObject({ result: { data: true, status: 'SUCCESS' } });
    const { batchId } = await until('the file has arrived', async () => {
      const { data } = progressSchema.parse(await world().result('get', ['fetchfile/downloads/progress']));
      return data.find(({ fileName, succeeded }) => succeeded && fileName === 'wanted.bin');
    });
    const directory = z
      .string()
      .parse(await world().result('download', [`fetchfile/getfiles/${batchId}`, folder], { extract: true }));
    expect(dirname(directory)).toBe(folder);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)).equals(content))).toEqual([true]);
    expect(
      await world().steps(
        { name: 'get', args: [`fetchfile/close/${batchId}`] },
        { name: 'get', args: [`fetchfile/close/${batchId}`] },
        { name: 'download', args: [`fetchfile/getfiles/${batchId}`, folder] },
      ),
    ).toMatchObject([{ result: { status: 'SUCCESS' } }, { error: 'ServerError' }, { error: 'HTTPStatusError' }]);
  });

  test('downloads a file by its path, and opens it with the password that it knows', async () => {
    const content = randomBytes(700_000);
    const source = join(world().directory, 'outside', 'größe 1.bin');
    const saved = join(world().directory, 'saved');
    const extracted = join(world().directory, 'extracted');
    mkdirSync(dirname(source));
    writeFileSync(source, content);
    const pylumId = await pylumIdOf(world(), 1);
    const download = (path: string, destdir: string, extract: boolean) =>
      world().steps({ name: 'download_file', args: [pylumId, path, destdir], kwargs: { extract } });
    const before = (await world().client.listEvents({ type: ['evidence_delivered'] })).items.length;
    expect(await download(source, saved, false)).toEqual([{ result: join(saved, 'gr__e 1.bin.zip') }]);
    expect(await download(source, extracted, true)).toEqual([{ result: extracted }]);
    expect(readFileSync(join(extracted, 'größe 1.bin')).equals(content)).toBe(true);
    expect((await world().client.listEvents({ type: ['evidence_delivered'] })).items).toHaveLength(before + 2);
    expect(await download(`${source} no more`, saved, false)).toMatchObject([{ error: 'FileNotFoundError' }]);
  });
}
