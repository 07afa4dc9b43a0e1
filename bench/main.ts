import { parseArgs } from 'node:util';
import { fanOut } from './fan-out.ts';

const usage = 'usage: npm run bench -- fan-out [--agents 2000] [--rounds 7]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { agents: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '7' } },
});

if (positionals[0] === 'fan-out') {
  const report = await fanOut({ agents: Number(values.agents), rounds: Number(values.rounds) });
  process.stdout.write(`${report}\n`);
  process.exit(0);
}
process.stderr.write(`${usage}\n`);
process.exit(2);
