import { readFile } from 'node:fs/promises';
import { uploadHeaders } from '#wire/upload.ts';

/** The least that a server can do with an upload: TLS, and every byte read. Nothing is checked, hashed or kept. */
const [certificate = '', key = ''] = process.argv.slice(2);

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  http2: true,
  tls: { cert: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') },
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  async fetch(request) {
    let offset = Number(request.headers.get(uploadHeaders.offset) ?? 0);
    if (request.method === 'HEAD') {
      return new Response(null, { status: 200, headers: { [uploadHeaders.offset]: '0' } });
    }
    for await (const chunk of request.body ?? []) {
      offset += chunk.length;
    }
    return new Response(null, { status: 204, headers: { [uploadHeaders.offset]: String(offset) } });
  },
});

process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
