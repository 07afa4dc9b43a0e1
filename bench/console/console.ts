import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { md5Schema, sha1Schema } from '#core/file/hash.ts';
import { minute } from '#core/time.ts';
import { openConsole } from '#kit/console/console.ts';
import { evaluate } from '#kit/console/evaluate.ts';
import { systemClock } from '#server/system-clock.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { hashOf, plant } from '../planted-fleet.ts';
import { median } from '../statistics.ts';
import { framesOf, ninthTenth, type Scroll } from './frames.ts';

export interface ConsoleOptions {
  readonly rows: number;
  readonly rounds: number;
}

const rowHeight = 40;
const frames = 300;
const endpoints = 1_000;
/** How much longer a frame of the table may take than one of an empty page. */
const limit = 1.1;
const mebibyte = 1024 ** 2;

/** The table of Investigate with so many rows in Chromium, scrolled, beside an empty page of the same height. */
export async function consoleBench({ rows, rounds }: ConsoleOptions): Promise<string> {
  await using opened = await openConsole({ agents: 0 });
  const { world, browser, page } = opened;
  await world.server.end('SIGTERM');
  await plantFiles(join(world.server.data, 'custody.sqlite'), rows);
  await world.server.start();
  const where = encodeURIComponent(JSON.stringify([{ field: 'name', operator: 'contains', value: 'report' }]));
  await page.goto(`${world.server.url}/console/investigate?where=${where}`);
  await page.getByText(`${rows.toLocaleString('en-GB')} files`).waitFor();
  const bare = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await bare.setContent(`<!doctype html><body style="height:${rows * rowHeight}px"></body>`);

  const fast = (rows * rowHeight) / frames;
  const before = await heapOf(page);
  const lines: string[] = [];
  for (const [name, step] of [
    ['reading, 10 rows a frame', 10 * rowHeight],
    ['from top to bottom', fast],
  ] as const) {
    lines.push(await compare(name, { page, bare, rounds }, { step, frames }));
  }
  const after = await heapOf(page);
  await page.reload();
  const arrived = await endArrives(page, rows);
  await bare.close();
  return [
    `a table of ${rows} rows, ${rounds} rounds of ${frames} frames beside an empty page that is as high`,
    ...lines,
    `  the last rows are there       ${arrived.toFixed(0)} ms after the end is reached`,
    `  memory of the page's objects  ${after.toFixed(1)} MiB after, ${before.toFixed(1)} MiB before`,
    `  rows in the page              ${await evaluate(page, "document.querySelectorAll('.table-row').length")}`,
  ].join('\n');
}

interface Compared {
  readonly page: Page;
  readonly bare: Page;
  readonly rounds: number;
}

async function compare(name: string, { page, bare, rounds }: Compared, scroll: Scroll): Promise<string> {
  const ofTable: number[] = [];
  const ofBare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await bare.bringToFront();
    ofBare.push(...(await framesOf(bare, 'document.scrollingElement', scroll)));
    await page.bringToFront();
    ofTable.push(...(await framesOf(page, "document.querySelector('[role=grid]')", scroll)));
  }
  const ratio = mean(ofTable) / mean(ofBare);
  return [
    `  ${name}`,
    `    frames a second             ${perSecond(ofTable)}, empty page ${perSecond(ofBare)}`,
    `    a frame, in the middle      ${median(ofTable).toFixed(1)} ms, empty page ${median(ofBare).toFixed(1)} ms`,
    `    nine of ten within          ${ninthTenth(ofTable).toFixed(1)} ms, empty page ${ninthTenth(ofBare).toFixed(1)} ms`,
    `    ratio / limit               ${(ratio / limit).toFixed(2)} (ratio ${ratio.toFixed(2)}, limit ${limit})`,
  ].join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function perSecond(values: readonly number[]): string {
  return (1_000 / mean(values)).toFixed(1);
}

/** How long the rows take to come that somebody jumps to. */
async function endArrives(page: Page, rows: number): Promise<number> {
  const grid = page.getByRole('grid', { name: 'Files' });
  await grid.waitFor();
  await grid.focus();
  const begun = performance.now();
  await page.keyboard.press('End');
  await page.locator(`[role=row][aria-rowindex="${rows + 1}"]:not([aria-busy])`).waitFor();
  return performance.now() - begun;
}

const metricsSchema = z.object({ metrics: z.array(z.object({ name: z.string(), value: z.number() })) });

/** In MiB, without what is garbage. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = metricsSchema.parse(await session.send('Performance.getMetrics'));
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / mebibyte;
  } finally {
    await session.detach();
  }
}

/** Files in the store of a server that is not running, as if agents had reported them. */
async function plantFiles(path: string, count: number): Promise<void> {
  const store = await openSqliteStore({ path, deadline: minute, clock: systemClock });
  try {
    const fleet = await plant(store, endpoints);
    for (let start = 0; start < count; start += 5_000) {
      const part = Array.from({ length: Math.min(5_000, count - start) }, (_, index) => fileOf(fleet, start + index));
      await store.transact(({ files }) => files.upsert(part));
    }
  } finally {
    await store.close();
  }
}

function fileOf(fleet: readonly Endpoint[], index: number): FileRecord {
  const endpoint = fleet[index % fleet.length];
  if (endpoint === undefined) {
    throw new Error('There is no fleet.');
  }
  const name = `report-${index}.docm`;
  const displayPath = `/home/somebody/documents/${index % 50}/${name}`;
  const path = parsePath(displayPath);
  const other = (algorithm: string) => createHash(algorithm).update(name).digest('hex');
  return {
    ...{ guid: fileGuid(endpoint.number, path), endpointId: endpoint.id, path, displayPath, name, size: index },
    ...{ sha256: hashOf(name), sha1: sha1Schema.parse(other('sha1')), md5: md5Schema.parse(other('md5')) },
    ...{ modifiedNs: '1', changedNs: '1', createdNs: null, mode: 0o644, uid: 0, gid: 0, owner: 'root' },
    ...{ kind: 'other', package: null, state: 'present', seenAt: 1, firstSeenAt: 1 },
  };
}
