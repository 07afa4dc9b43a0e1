import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { median } from '../statistics.ts';

export interface ArchiveOptions {
  /** MiB of the file whose archive is timed. */
  readonly size: number;
  readonly rounds: number;
  /** MiB of the file that stock tools read back. */
  readonly large: number;
}

const writtenSchema = z.object({ seconds: z.number().positive(), idle: z.number(), peak: z.number() });
type Written = z.infer<typeof writtenSchema>;
type Form = 'bare' | 'plain' | 'encrypted';

const run = promisify(execFile);
const small = 16;
const forms = ['bare', 'plain', 'encrypted'] as const;

/** Archives of one file that does not compress, beside bare compression; then one beyond 4 GiB, read back by stock tools. */
export async function archive({ size, rounds, large }: ArchiveOptions): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'custody-bench-'));
  try {
    const timed = await measure(size, rounds);
    const read = await readBack(large, directory);
    return [`one file of ${size} MiB that does not compress, ${rounds} rounds, median`, ...timed, ...read].join('\n');
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measure(size: number, rounds: number): Promise<readonly string[]> {
  const times = new Map<Form, Written[]>(forms.map((form) => [form, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const form of forms) {
      times.get(form)?.push(await write({ size, bytes: 'noise', form }));
    }
  }
  const bare = median((times.get('bare') ?? []).map(({ seconds }) => seconds));
  const lines: string[] = [];
  for (const [form, each] of times) {
    const seconds = median(each.map((written) => written.seconds));
    const grown = median(each.map(growth)) / growth(await write({ size: small, bytes: 'noise', form }));
    const memory = `memory +${megabytes(median(each.map(growth)))} MB, ${grown.toFixed(2)} times that for ${small} MiB`;
    lines.push(
      `  ${form.padEnd(10)}${(size / seconds).toFixed(0)} MiB/s, ratio ${(bare / seconds).toFixed(2)}; ${memory}`,
    );
  }
  return lines;
}

function growth({ idle, peak }: Written): number {
  return peak - idle;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

interface Writing {
  readonly size: number;
  readonly bytes: 'zeros' | 'noise';
  readonly form: Form;
  readonly file?: string;
}

async function write({ size, bytes, form, file = '/dev/null' }: Writing): Promise<Written> {
  const script = path.join(import.meta.dirname, 'write.ts');
  const { stdout } = await run(process.execPath, [script, String(size), bytes, form, file]);
  return writtenSchema.parse(JSON.parse(stdout));
}

const pythonReads = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
entry = z.infolist()[0]
with z.open(entry) as file:
    size = 0
    while part := file.read(1 << 20):
        size += len(part)
assert size == entry.file_size
print(size)`;

/** Each checks the bytes against what the archive says of them, and fails the whole when they are not the same. */
async function readBack(large: number, directory: string): Promise<readonly string[]> {
  const plain = path.join(directory, 'plain.zip');
  const encrypted = path.join(directory, 'encrypted.zip');
  const written = await write({ size: large, bytes: 'zeros', form: 'plain', file: plain });
  await write({ size: large, bytes: 'zeros', form: 'encrypted', file: encrypted });
  const { stdout } = await run('python3', ['-c', pythonReads, plain]);
  await run('unzip', ['-tq', plain]);
  await run('7z', ['t', '-pcautionhandlewithcare', encrypted]);
  return [
    `one file of ${large} MiB (${stdout.trim()} bytes), memory +${megabytes(growth(written))} MB`,
    "  read back whole by Python's zipfile, by unzip and, encrypted, by 7z",
  ];
}
