import { expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { barriers } from '#kit/console/accessible.ts';
import { keepPicture, openConsole } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { until } from '#kit/until.ts';

const mebibyte = 1024 ** 2;
const barSchema = z.object({ value: z.number(), max: z.number(), words: z.string() }).nullable();

test('a download shows which bytes are safe on the server, and never more', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-downloads-'));
  try {
    const policy = join(directory, 'policy.toml');
    writeFileSync(policy, 'upload_rate = "4 MiB"\n');
    await using opened = await openConsole({ agents: 1, ofAgents: { words: ['--policy', policy] } });
    const { world, page } = opened;
    const size = 40 * mebibyte;
    const path = world.agent(0).put('memory.dmp', randomBytes(size));
    const guid = await world.known(world.agent(0), path);
    await page.goto(`${world.server.url}/console/files/${guid}`);
    await page.getByRole('button', { name: 'Download the file' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Download it' }).click();
    const download = page.getByRole('region', { name: 'The download' });
    await download.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor();
    const [action = expect.unreachable()] = (await world.client.listActions({ verb: ['fetch'] })).items;
    const bar = `(() => {
      const bar = document.querySelector('progress[aria-label="Bytes on the server"]');
      return bar && { value: bar.value, max: bar.max, words: bar.getAttribute('aria-valuetext') };
    })()`;
    const seen = await until('some bytes are here', async () => {
      const shown = barSchema.parse(await evaluate(page, bar));
      return shown !== null && shown.value > 0 ? shown : undefined;
    });
    const { upload } = await world.client.readAction(action.id);
    expect(seen).toMatchObject({
      max: size,
      words: expect.stringMatching(/^\d+(\.\d)? MiB of 40\.0 MiB on the server$/),
    });
    expect(upload?.bytesReceived ?? size).toBeGreaterThanOrEqual(seen.value);
    expect(seen.value % mebibyte).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await keepPicture(page, 'element-arriving');
    await page.goto(`${world.server.url}/console/actions/${action.id}`);
    await page.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor();
    expect((await world.client.waitForAction(action.id)).upload).toBeNull();
    await page.getByRole('progressbar', { name: 'Bytes on the server' }).waitFor({ state: 'detached' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 240_000);
