import { parseArgs } from 'node:util';
import { archive } from './archive/archive.ts';
import { consoleBench } from './console/console.ts';
import { consoleLoad } from './console-load/console-load.ts';
import { fanOut } from './fan-out.ts';
import { idle } from './idle/idle.ts';
import { inventory } from './inventory/inventory.ts';
import { preview } from './preview/preview.ts';
import { restore } from './restore/restore.ts';
import { rogue } from './rogue/rogue.ts';
import { simulationBench } from './simulation/simulation.ts';
import { slow } from './slow/slow.ts';
import { uploadBench } from './upload/main.ts';
import { vault } from './vault/vault.ts';
import { verify } from './verify/verify.ts';

interface WholeNumber {
  readonly what: string;
  readonly default: number;
  readonly least: number;
}

interface Bench {
  readonly what: string;
  /** The options that it takes. */
  readonly options: Readonly<Record<string, WholeNumber>>;
  /** @returns what is printed. */
  run(options: (name: string) => number): Promise<string>;
}

const benches: Readonly<Record<string, Bench>> = {
  archive: {
    what: 'archives beside bare compression, the memory they take, and one beyond 4 GiB that python3, unzip and 7z read back',
    options: {
      size: { what: 'MiB of the file that is timed', default: 512, least: 16 },
      rounds: { what: 'how many rounds count', default: 3, least: 1 },
      large: { what: 'MiB of the file that is read back', default: 4_200, least: 64 },
    },
    run: (option) => archive({ size: option('size'), rounds: option('rounds'), large: option('large') }),
  },
  console: {
    what: 'frames of the console’s table in Chromium while it is scrolled, beside those of an empty page',
    options: {
      rows: { what: 'how many rows', default: 100_000, least: 1_000 },
      rounds: { what: 'how many rounds count', default: 3, least: 1 },
    },
    run: (option) => consoleBench({ rows: option('rows'), rounds: option('rounds') }),
  },
  'console-load': {
    what: 'from the address to a console that takes what is typed, cold, beside a bare page; needs Chromium',
    options: { rounds: { what: 'how many rounds count, after the warm-up', default: 9, least: 1 } },
    run: (option) => consoleLoad({ rounds: option('rounds') }),
  },
  'fan-out': {
    what: 'time from the API call to every outcome durable, and memory per idle agent, beside the bare transport',
    options: {
      agents: { what: 'how many simulated agents', default: 2_000, least: 2 },
      rounds: { what: 'how many rounds count, after the warm-up', default: 15, least: 1 },
    },
    run: (option) => fanOut({ agents: option('agents'), rounds: option('rounds') }),
  },
  idle: {
    what: 'memory and processor time of an agent with nothing to do, beside a bare process with one WebSocket',
    options: { seconds: { what: 'how long they are watched', default: 60, least: 10 } },
    run: (option) => idle({ seconds: option('seconds') }),
  },
  inventory: {
    what: 'first scan of many small files beside a bare walk and hash, then memory, idle processor time and the delay of changes',
    options: {
      files: { what: 'how many files', default: 100_000, least: 100 },
      changes: { what: 'how many changes are timed', default: 9, least: 1 },
    },
    run: (option) => inventory({ files: option('files'), changes: option('changes') }),
  },
  preview: {
    what: 'the preview of a quarantine of a file that every endpoint has; on PostgreSQL beside tools/with-postgres.sh',
    options: {
      endpoints: { what: 'how many endpoints', default: 100_000, least: 1 },
      rounds: { what: 'how many rounds count, after the warm-up', default: 5, least: 1 },
    },
    run: (option) => preview({ endpoints: option('endpoints'), rounds: option('rounds') }),
  },
  restore: {
    what: 'the one transaction in which a restore by hash orders a whole fleet, with and without quarantines to supersede',
    options: { endpoints: { what: 'how many endpoints', default: 100_000, least: 1 } },
    run: (option) => restore({ endpoints: option('endpoints') }),
  },
  rogue: {
    what: 'orders to a fleet while one enrolled agent says all that it can, beside the same without it',
    options: {
      agents: { what: 'how many honest agents', default: 200, least: 2 },
      rounds: { what: 'how many rounds count, of each kind', default: 40, least: 1 },
    },
    run: (option) => rogue({ agents: option('agents'), rounds: option('rounds') }),
  },
  simulation: {
    what: 'processor time of an hour of a simulated fleet, beside a bare timeline',
    options: {
      endpoints: { what: 'how many simulated endpoints', default: 1_000, least: 1 },
      seed: { what: 'what decides all that happens', default: 1, least: 0 },
    },
    run: (option) => simulationBench({ endpoints: option('endpoints'), seed: option('seed') }),
  },
  slow: {
    what: 'requests of one good client, alone and beside slow sockets and bodies that are too large, and when the slow ones are closed',
    options: {
      sockets: { what: 'how many slow sockets', default: 2_000, least: 5 },
      bodies: { what: 'how many bodies at once that are too large', default: 200, least: 0 },
      requests: { what: 'how many good requests are timed', default: 500, least: 100 },
    },
    run: (option) => slow({ sockets: option('sockets'), bodies: option('bodies'), requests: option('requests') }),
  },
  upload: {
    what: 'a large sparse file through the agent to a bare sink and to a server, beside one bare request, and the memory it takes',
    options: {
      size: { what: 'MiB of the file', default: 1_024, least: 16 },
      rounds: { what: 'how many rounds count', default: 3, least: 1 },
    },
    run: (option) => uploadBench({ size: option('size'), rounds: option('rounds') }),
  },
  verify: {
    what: 'the check of a bundle with a whole ledger, beside bare hashing of as many leaves and nodes',
    options: { events: { what: 'how many events', default: 1_000_000, least: 10 } },
    run: (option) => verify({ events: option('events') }),
  },
  vault: {
    what: 'hash and encryption of a vault object on one core, beside the bare cipher and hash, and the memory that it takes',
    options: {
      size: { what: 'MiB in one round', default: 256, least: 16 },
      rounds: { what: 'how many rounds count, after the warm-up', default: 9, least: 1 },
      large: { what: 'MiB of the large file whose memory is told', default: 4_096, least: 64 },
    },
    run: (option) => vault({ size: option('size'), rounds: option('rounds'), large: option('large') }),
  },
};

function usage(): string {
  const lines = Object.entries(benches).map(([name, { what, options }]) => {
    const words = Object.entries(options).map(
      ([option, each]) => `    --${option} N  ${each.what}, ${each.least} or more (default ${each.default})\n`,
    );
    return `  ${name}\n    ${what}\n${words.join('')}`;
  });
  return `usage: npm run bench -- NAME [--OPTION N ...]\n\n${lines.join('\n')}`;
}

/** Undefined for anything but words that this program knows. */
function readWords(words: readonly string[]): (() => Promise<string>) | undefined {
  const [name = '', ...rest] = words;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined) {
    return undefined;
  }
  const options = Object.entries(bench.options);
  try {
    const { values } = parseArgs({
      args: rest,
      options: Object.fromEntries(options.map(([option]) => [option, { type: 'string' as const }])),
    });
    const chosen = new Map(options.map(([option, each]) => [option, Number(values[option] ?? each.default)]));
    const sound = options.every(([option, { least }]) => {
      const value = chosen.get(option) ?? Number.NaN;
      return Number.isSafeInteger(value) && value >= least;
    });
    return sound ? () => bench.run((option) => chosen.get(option) ?? Number.NaN) : undefined;
  } catch {
    // parseArgs throws for an option that it does not know: bad usage like any other.
    return undefined;
  }
}

const run = readWords(process.argv.slice(2));
if (run === undefined) {
  process.stderr.write(usage());
  process.exit(2);
}
process.stdout.write(`${await run()}\n`);
process.exit(0);
