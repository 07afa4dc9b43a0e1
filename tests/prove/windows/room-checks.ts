import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Handle } from '#agent/platform/platform.ts';
import { windows } from '#agent/platform/windows/windows.ts';
import { fromWtf8, toWtf8 } from '#agent/platform/windows/wtf8.ts';
import { filePathSchema } from '#core/file/file-path.ts';

/**
 * Run by the Windows build of the runtime. Prints one line of JSON per point: what was tried, and every way in which it
 * went wrong. Words: the seed; or `parent` or `child` and the file that the child locks.
 */
const [word = '1', lockFile = ''] = process.argv.slice(2);
const base = `C:\\checks-${process.pid}`;

function point(what: string, check: () => readonly (string | false)[]): void {
  let wrongs: readonly (string | false)[];
  try {
    wrongs = check();
  } catch (failure) {
    wrongs = [failure instanceof Error ? failure.message : String(failure)];
  }
  process.stdout.write(`${JSON.stringify({ what, wrongs: wrongs.filter((wrong) => wrong !== false) })}\n`);
}

function pathOf(text: string) {
  return filePathSchema.parse(toWtf8(text));
}

/** The code of what is thrown; `nothing` where nothing is. */
function codeOf(deed: () => unknown): string {
  try {
    deed();
    return 'nothing';
  } catch (failure) {
    return failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
  }
}

function rename(from: string, to: string): void {
  fs.renameSync(`${base}\\${from}`, `${base}\\${to}`);
}

/** A few hundred names from all of the plane that Wine can keep on a Linux disk. */
function oddNames(seed: number): readonly string[] {
  const alphabet = [...'abcXYZ019 .-_~()[]{}@!#$%&^+=,;äßé日本語Ωж😀🧊\u200b\u202e'];
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const name = (index: number) =>
    `${index}-${Array.from({ length: 1 + next(30) }, () => alphabet[next(alphabet.length)]).join('')}x`;
  return Array.from({ length: 200 }, (_, index) => name(index));
}

function checkNames(directory: Handle, seed: number): void {
  const names = oddNames(seed);
  for (const name of names) {
    point(`name ${JSON.stringify(name)}`, () => {
      const place = { directory, name: toWtf8(name) };
      const made = windows.createFile(place);
      fs.writeSync(made, name);
      windows.setTimes(made, { accessedNs: 1_000n, modifiedNs: -1_234_567_800n });
      windows.close(made);
      const parent = windows.openParent(pathOf(`${base}\\${name}`));
      const pin = windows.pin(parent);
      const [facts, file] = [windows.facts(pin), windows.openPinned(pin)];
      const bytes = Buffer.alloc(1_000);
      const text = bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, bytes.length, 0));
      for (const handle of [file, pin, parent.directory]) {
        windows.close(handle);
      }
      return [
        text !== Buffer.from(name).toString() && 'other bytes came back',
        facts.modifiedNs !== -1_234_567_800n && 'another time came back',
        facts.kind !== 'file' && `it is ${facts.kind}`,
      ];
    });
  }
  point('the listing', () => {
    const listed = new Set(windows.names(directory).map(fromWtf8));
    return names.map((name) => !listed.has(name) && `lacks ${JSON.stringify(name)}`);
  });
}

function checkReplacing(directory: Handle): void {
  const at = (name: string) => ({ directory, name: toWtf8(name) });
  fs.mkdirSync(`${base}\\taken-directory\\in`, { recursive: true });
  fs.writeFileSync(`${base}\\taken`, 'kept');
  fs.writeFileSync(`${base}\\mover`, 'mover');
  const refusals = {
    'a file is made over a file': ['EEXIST', () => windows.createFile(at('taken'))],
    'a file is moved onto a file': ['EEXIST', () => windows.move(at('mover'), at('taken'))],
    'a file is moved onto a directory': ['EEXIST', () => windows.move(at('mover'), at('taken-directory'))],
    'a full directory is removed': ['ENOTEMPTY', () => windows.removeDirectory(at('taken-directory'))],
    'what is not there is held': ['ENOENT', () => windows.pin(at('nothing'))],
    'a device name is made a file': ['ENOENT', () => windows.createFile(at('nul'))],
  } as const;
  for (const [what, [code, deed]] of Object.entries(refusals)) {
    point(what, () => {
      const got = codeOf(deed);
      return [
        got !== code && `ended ${got}`,
        fs.readFileSync(`${base}\\taken`, 'utf8') !== 'kept' && 'it was replaced',
        fs.readFileSync(`${base}\\mover`, 'utf8') !== 'mover' && 'it was lost',
      ];
    });
  }
}

function checkHolding(): void {
  fs.mkdirSync(`${base}\\way\\on`, { recursive: true });
  fs.writeFileSync(`${base}\\way\\on\\file`, '');
  point('a directory on the way is renamed while it is held, and afterwards', () => {
    const parent = windows.openParent(pathOf(`${base}\\way\\on\\file`));
    const held = codeOf(() => rename('way\\on', 'way\\off'));
    windows.close(parent.directory);
    const free = codeOf(() => rename('way\\on', 'way\\off'));
    return [held !== 'EBUSY' && `held: ${held}`, free !== 'nothing' && `let go: ${free}`];
  });
}

function checkProcesses(): void {
  point('this very program is told as running', () => {
    const parent = windows.openParent(pathOf(process.execPath));
    const pin = windows.pin(parent);
    const facts = windows.facts(pin);
    const own = windows.processesRunning(facts).find(({ pid }) => pid === process.pid);
    const age = Date.now() - (own?.startedAt ?? 0);
    return [
      own === undefined && 'it is not among them',
      !(age >= 0 && age < 120_000) && `it started ${age} ms ago`,
      !windows.runningPrograms().has(`${facts.device}:${facts.inode}`) && 'it is not among the programs',
    ];
  });
  point('a lock is had by one at a time', () => {
    const first = windows.lock(`${base}\\lock`, { wait: false });
    const second = windows.lock(`${base}\\lock`, { wait: false });
    first?.();
    const third = windows.lock(`${base}\\lock`, { wait: true });
    third?.();
    return [first === undefined && 'nobody had it', second !== undefined && 'two had it'];
  });
}

function again(role: string, file: string): ChildProcess {
  const words = ['run', import.meta.filename, role, file];
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The parent is killed while its child sleeps in a call that lets no JavaScript run. */
async function checkDying(): Promise<void> {
  const life = `${base}\\life`;
  const parent = again('parent', life);
  await new Promise((resolve) => parent.stdout?.once('data', resolve));
  const before = windows.lock(life, { wait: false });
  parent.kill('SIGKILL');
  const deadline = Date.now() + 20_000;
  let after = windows.lock(life, { wait: false });
  while (after === undefined && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = windows.lock(life, { wait: false });
  }
  point('a child ends with its parent', () => [
    before !== undefined && 'the child never had the lock',
    after === undefined && 'the child outlived its parent',
  ]);
}

async function main(): Promise<void> {
  if (word === 'parent') {
    again('child', lockFile).stdout?.pipe(process.stdout);
  } else if (word === 'child') {
    windows.dieWithParent();
    windows.lock(lockFile, { wait: true });
    process.stdout.write('locked\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  } else {
    fs.mkdirSync(base);
    const directory = windows.openDirectoryPath(pathOf(base));
    checkNames(directory, Number(word));
    checkReplacing(directory);
    checkHolding();
    checkProcesses();
    await checkDying();
  }
}

await main();
