import { runAgent } from '#agent/main.ts';

/** A whole agent in a process of its own, so that a test can kill it. */
const [directory, patience, policy, ahead] = process.argv.slice(2);
const realNow = Date.now;
Date.now = () => realNow() + Number(ahead ?? 0);
await runAgent({
  dataDirectory: directory ?? '',
  patience: Number(patience ?? 20_000),
  ...(policy !== undefined && policy !== '' && { policy }),
  pace: { shortest: 100, longest: 300 },
});
