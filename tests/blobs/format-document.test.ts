import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealedChunkBytes } from '#age/stream.ts';
import { headBytes } from '#blobs/filesystem/head.ts';
import { linesPosition, slotBytes } from '#blobs/filesystem/side-file.ts';

test('The document says where things stand as they do.', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/evidence-format.md'), 'utf8').replaceAll(',', '');
  for (const number of [headBytes - 16, headBytes, linesPosition]) {
    expect(text).toContain(`| ${number} |`);
  }
  expect(text).toContain(`two slots of ${slotBytes} bytes`);
  expect(text).toContain(`at ${headBytes} + ⌊n / 65536⌋ · ${sealedChunkBytes}`);
});
