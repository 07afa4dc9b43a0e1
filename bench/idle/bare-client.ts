/** What an idle agent is held against: the same runtime with one TLS WebSocket open, and nothing else. */
const [url, ca] = process.argv.slice(2);
if (url === undefined || ca === undefined) {
  throw new Error('usage: bare-client.ts URL CA');
}
const socket = new WebSocket(url, { tls: { ca: Bun.file(ca) } });
socket.addEventListener('open', () => process.stdout.write('open\n'));
socket.addEventListener('close', () => process.exit(1));
