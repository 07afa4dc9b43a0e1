import { parseArgs } from 'node:util';
import { type FanOutOptions, fanOut } from './fan-out.ts';

const usage = `usage: npm run bench -- fan-out [--agents N] [--rounds N]

  fan-out   time from the API call to every outcome durable, and memory per idle agent, beside the bare transport

  --agents  how many simulated agents, 2 or more (default 2000)
  --rounds  how many rounds count, after the warm-up (default 15)`;

/** Undefined for anything but words that this program knows. */
function readOptions(words: readonly string[]): FanOutOptions | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { agents: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '15' } },
    });
    const options = { agents: Number(values.agents), rounds: Number(values.rounds) };
    const sound = Number.isInteger(options.agents) && Number.isInteger(options.rounds);
    const known = positionals.length === 1 && positionals[0] === 'fan-out';
    return known && sound && options.agents >= 2 && options.rounds >= 1 ? options : undefined;
  } catch {
    // parseArgs throws for an option that it does not know: bad usage like any other.
    return undefined;
  }
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
process.stdout.write(`${await fanOut(options)}\n`);
process.exit(0);
