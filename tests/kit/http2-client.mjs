/**
 * What the vendor's Node SDK does, with nothing but Node: one HTTP/2 session over TLS, one stream for each request. Reads
 * `{ authority, ca, requests: [{ method, path, headers, body? }] }` from standard input, sends all requests at once, and
 * writes a list of `{ status, headers, base64 }` in their order.
 */
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';

const { authority, ca, requests } = JSON.parse(await text(process.stdin));
const session = connect(authority, { ca });
await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject));
const answers = await Promise.all(requests.map(send));
session.close();
process.stdout.write(JSON.stringify({ protocol: session.alpnProtocol, answers }));

async function send({ method, path, headers, body }) {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes === undefined ? {} : { 'content-length': bytes.length };
  const stream = session.request(
    { ':method': method, ':path': path, ...headers, ...length },
    { endStream: bytes === undefined },
  );
  if (bytes !== undefined) {
    stream.end(bytes);
  }
  const answered = new Promise((resolve, reject) => stream.once('response', resolve).once('error', reject));
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  const { ':status': status, ...others } = await answered;
  return { status, headers: others, base64: Buffer.concat(chunks).toString('base64') };
}
