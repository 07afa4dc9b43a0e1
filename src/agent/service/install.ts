import { chmodSync, copyFileSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import { readOwnFile, replaceOwnFile } from '../platform/own-files.ts';
import { ownExecutable } from '../platform/program.ts';
import { platformName, systemName } from '../platform/system-name.ts';
import { demandOwnedByRoot } from '../policy/owned-by-root.ts';
import { type Layout, layoutIn, unitName, usualData } from './layout.ts';
import { type Done, type Step, take } from './step.ts';
import { systemctlStep, systemdRuns } from './systemd.ts';
import { unitText } from './unit.ts';

export interface Installation {
  /** Where the machine's files are; default `/`. Elsewhere nothing is started. */
  readonly root?: string;
  /** Another one-file executable, used where it is; default: this very one, copied to /usr/lib/custody. */
  readonly program?: string;
  readonly dataDirectory?: string;
  /** Only says what it would do. */
  readonly dryRun?: boolean;
}

/**
 * Makes this machine run the agent at every start: the executable, the directories, the unit. Does what is missing only.
 * @returns what was done, in words; empty when everything was as it should be.
 * @throws Fault `permission_denied` for anybody but root, `invalid_request` for a program that others could replace.
 */
export async function installAgent(wish: Installation): Promise<Done> {
  const layout = layoutIn(path.resolve(wish.root ?? '/'), path.resolve(wish.dataDirectory ?? usualData));
  demandRoot(wish);
  const [program, copying] = programSteps(layout, wish.program);
  const text = unitText({ program, data: path.resolve(wish.dataDirectory ?? usualData) });
  const writing = unitSteps(layout, text);
  const changes = [...copying, ...directorySteps(layout), ...writing];
  const starting = systemdRuns(layout.root) ? startSteps(copying.length + writing.length > 0) : [];
  return take([...changes, ...starting], wish.dryRun ?? false);
}

export function demandRoot({ root, dryRun = false }: Pick<Installation, 'root' | 'dryRun'>): void {
  if (platformName() !== 'linux' && root === undefined) {
    throw new Fault(
      'invalid_request',
      `Only Linux machines with systemd are set up by this command. Have ${systemName()} itself start "custody agent run".`,
    );
  }
  const isMachine = path.resolve(root ?? '/') === '/';
  if (isMachine && !dryRun && process.geteuid?.() !== 0) {
    throw new Fault('permission_denied', 'Only root can do this. Run it with sudo.');
  }
}

/** The path for the unit, and what there is to do so that the program is there. */
function programSteps(layout: Layout, named: string | undefined): readonly [string, readonly Step[]] {
  if (named !== undefined) {
    const program = realProgram(named);
    demandOwnedByRoot(program);
    return [program, []];
  }
  const source = ownExecutable();
  if (source === undefined) {
    const advice = 'Build one with "npm run build" and call it, or name it with --program.';
    throw new Fault('invalid_request', `This is a checkout, no one-file executable. ${advice}`);
  }
  const installed = path.join('/', path.relative(layout.root, layout.program));
  return [installed, isSame(source, layout.program) ? [] : [copyStep(source, layout)]];
}

/** Without links: the unit shall start the very file that was checked. */
function realProgram(named: string): string {
  try {
    return realpathSync(named);
  } catch (cause) {
    throw new Fault('not_found', `There is no program ${named}.`, { cause });
  }
}

/** Beside it and then renamed: the program may be running. */
function copyStep(source: string, { program, programDirectory }: Layout): Step {
  return {
    says: `copy ${source} to ${program}`,
    act() {
      makeDirectory(programDirectory, 0o755);
      copyFileSync(source, `${program}.new`);
      chmodSync(`${program}.new`, 0o755);
      renameSync(`${program}.new`, program);
    },
  };
}

function directorySteps({ data, policyDirectory }: Layout): readonly Step[] {
  return [directoryStep(data, 0o700), directoryStep(policyDirectory, 0o755)].flatMap((each) => each ?? []);
}

function directoryStep(directory: string, mode: number): Step | undefined {
  const facts = statSync(directory, { throwIfNoEntry: false });
  if (facts !== undefined && (facts.mode & 0o777) === mode) {
    return undefined;
  }
  return {
    says: `make ${directory} with mode ${mode.toString(8).padStart(4, '0')}`,
    act() {
      makeDirectory(directory, mode);
    },
  };
}

function makeDirectory(directory: string, mode: number): void {
  makeSystemDirectory(path.dirname(directory));
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, mode);
}

/** What is missing above what is the agent's own, `/usr/lib` in an image for example, is for everybody, whatever the umask. */
function makeSystemDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true });
  if (first !== undefined) {
    for (let made = directory; made.length >= first.length; made = path.dirname(made)) {
      chmodSync(made, 0o755);
    }
  }
}

function unitSteps({ unit }: Layout, text: string): readonly Step[] {
  if (readOwnFile(unit) === text) {
    return [];
  }
  const act = () => {
    makeSystemDirectory(path.dirname(unit));
    replaceOwnFile(unit, text);
    chmodSync(unit, 0o644);
  };
  return [{ says: `write ${unit}`, act }];
}

function startSteps(changed: boolean): readonly Step[] {
  const enabling = [systemctlStep('daemon-reload'), systemctlStep('enable', unitName)];
  return [...enabling, systemctlStep(changed ? 'restart' : 'start', unitName)];
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false }));
  if (first === undefined || second === undefined || first.size !== second.size) {
    return false;
  }
  const isOne = first.ino === second.ino && first.dev === second.dev;
  return isOne || readFileSync(one).equals(readFileSync(other));
}
