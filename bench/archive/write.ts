import { closeSync, openSync, writeSync } from 'node:fs';
import { createZipArchiver } from '#archive/zip.ts';

/**
 * `MIB BYTES FORM FILE`: makes one file of so many mebibytes, of `zeros` or of `noise`, into an archive, `plain` or `encrypted`,
 * or `bare`, compressed and nothing else. Seconds and memory in bytes as JSON. A script, alone in its process.
 */
const [mebibytes, bytes, form, file = '/dev/null'] = process.argv.slice(2);
const size = Number(mebibytes) * 1_024 * 1_024;
const chunk = new Uint8Array(64 * 1_024);
if (bytes === 'noise') {
  crypto.getRandomValues(chunk);
}

function source(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = size;
  return new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(chunk.slice(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) {
          controller.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
}

function made(): ReadableStream<Uint8Array> {
  if (form === 'bare') {
    return source().pipeThrough(new CompressionStream('deflate-raw'));
  }
  const options = form === 'encrypted' ? { password: 'cautionhandlewithcare' } : {};
  const entry = { name: 'large file', modifiedAt: Date.UTC(2026, 0, 1), size, open: async () => source() };
  return createZipArchiver().zip([entry], options);
}

const target = openSync(file, 'w');
const idle = process.memoryUsage().rss;
const start = performance.now();
for await (const part of made()) {
  writeSync(target, part);
}
const seconds = (performance.now() - start) / 1_000;
closeSync(target);
process.stdout.write(JSON.stringify({ seconds, idle, peak: process.resourceUsage().maxRSS * 1_024 }));
