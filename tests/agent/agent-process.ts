import { runAgent } from '#agent/main.ts';

/** A whole agent in a process of its own, so that a test can kill it. */
const [directory, patience] = process.argv.slice(2);
await runAgent({
  dataDirectory: directory ?? '',
  patience: Number(patience ?? 20_000),
  pace: { shortest: 100, longest: 300 },
});
