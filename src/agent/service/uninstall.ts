import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import { type DataDirectory, dataDirectory } from '../identity/data-directory.ts';
import { durableFiles } from '../platform/durable-files.ts';
import { replaceOwnFile } from '../platform/own-files.ts';
import { demandRoot, type Installation } from './install.ts';
import { type Layout, layoutIn, unitName, usualData } from './layout.ts';
import { runningAgent } from './running.ts';
import { type Done, type Step, take } from './step.ts';
import { systemctlStep, systemdRuns } from './systemd.ts';
import { unsentReports } from './unsent-reports.ts';
import { vaultContents } from './vault-contents.ts';

/** What becomes of quarantined files when the agent is removed. Nobody decides that for their owner. */
export const vaultChoices = ['restore-all', 'keep-vault', 'purge-vault'] as const;

export type VaultChoice = (typeof vaultChoices)[number];

export interface Removal extends Pick<Installation, 'root' | 'dataDirectory' | 'dryRun'> {
  readonly vault?: VaultChoice;
}

/**
 * Takes the agent off this machine: the service, the executable and, unless the vault is kept, the data directory.
 * @returns what was done, in words.
 * @throws Fault `conflict` when the vault holds files and nobody said what becomes of them, when one of them cannot be
 *   restored, or while an agent runs that systemd does not manage.
 */
export async function uninstallAgent(wish: Removal): Promise<Done> {
  const layout = layoutIn(path.resolve(wish.root ?? '/'), path.resolve(wish.dataDirectory ?? usualData));
  demandRoot(wish);
  const directory = dataDirectory(layout.data);
  const held = vaultContents(directory.vault);
  if (held.length > 0 && wish.vault === undefined && !existsSync(directory.kept)) {
    throw refusal(
      held.length,
      held.reduce((sum, { stored }) => sum + stored, 0),
    );
  }
  const stopping = serviceSteps(layout);
  if (stopping.length === 0) {
    demandStopped(directory);
  }
  const keeps = held.length > 0 && (wish.vault === undefined || wish.vault === 'keep-vault');
  const vault = held.length > 0 && wish.vault === 'restore-all' ? [restoreStep(directory, held.length)] : [];
  const data = existsSync(directory.root)
    ? [keeps ? keepStep(directory) : await removeStep(directory, held.length)]
    : [];
  return take([...stopping, ...vault, ...programSteps(layout), ...data], wish.dryRun ?? false);
}

function refusal(files: number, bytes: number): Fault {
  return new Fault(
    'conflict',
    [
      `The vault of this endpoint holds ${files} quarantined ${files === 1 ? 'file' : 'files'} (${bytes} bytes).`,
      'Without the agent nobody can restore them by an order. Say what becomes of them:',
      '--restore-all puts every one back where it was,',
      '--keep-vault leaves the vault and its keys where they are,',
      '--purge-vault deletes them for good.',
    ].join(' '),
  );
}

function serviceSteps({ root, unit, packagedUnit }: Layout): readonly Step[] {
  const isKnown = existsSync(unit) || existsSync(packagedUnit);
  return isKnown && systemdRuns(root) ? [systemctlStep('disable', '--now', unitName)] : [];
}

function demandStopped({ root, lock }: DataDirectory): void {
  const pid = runningAgent(lock);
  if (pid !== undefined) {
    throw new Fault('conflict', `An agent runs on ${root} as process ${pid}. Stop it first.`);
  }
}

/** A package's own files are the package manager's to remove. */
function programSteps({ program, unit, packagedUnit }: Layout): readonly Step[] {
  const files = existsSync(packagedUnit) ? [unit] : [unit, program];
  return files
    .filter((file) => existsSync(file))
    .map((file) => ({ says: `remove ${file}`, act: () => rmSync(file, { force: true }) }));
}

function restoreStep({ root }: DataDirectory, files: number): Step {
  const says = `restore ${files} quarantined ${files === 1 ? 'file' : 'files'} to where they were`;
  return {
    says,
    async act() {
      const { restoreAll } = await import('./restore-all.ts');
      await restoreAll(root);
    },
  };
}

function keepStep({ root, kept }: DataDirectory): Step {
  const act = () => replaceOwnFile(kept, 'The vault was left here on purpose when the agent was removed.\n');
  return { says: `keep ${root} with its quarantined files and their keys`, act };
}

async function removeStep(directory: DataDirectory, held: number): Promise<Step> {
  const unsent = await unsentReports(durableFiles, directory.journal);
  const losses = [
    'the keys of this endpoint',
    ...(held > 0 ? [`${held} objects of the vault`] : []),
    ...(unsent > 0 ? [`${unsent} reports that no server has`] : []),
  ];
  return {
    says: `delete ${directory.root}, and with it ${losses.join(', ')}`,
    act: () => rmSync(directory.root, { recursive: true, force: true }),
  };
}
