import { stat } from 'node:fs/promises';
import { Fault } from '#core/fault.ts';
import type { Layout } from './layout.ts';

/** Runs file operations and turns what they throw into the port's one fault for a medium that fails. */
export async function onMedium<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : mediumFault(what, thrown);
  }
}

export function mediumFault(what: string, cause: unknown): Fault {
  const reason = codeOf(cause) ?? 'an unexpected error';
  return new Fault('evidence_unavailable', `The evidence directory could not ${what}: ${reason}.`, { cause });
}

/**
 * Runs `work`, and gives undefined when its file is not there. That answer is only believed while the directory
 * itself is there: an unmounted disk must not look like an empty one.
 */
export async function unlessMissing<Result>(layout: Layout, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (thrown) {
    unlessNoFile(thrown);
    await Promise.all([stat(layout.staging), stat(layout.objects)]);
    return undefined;
  }
}

/** For `catch`, where a file that is not there is as good as none. */
export function unlessNoFile(thrown: unknown): undefined {
  if (!isNoFile(thrown)) {
    throw thrown;
  }
}

export function isNoFile(thrown: unknown): boolean {
  return codeOf(thrown) === 'ENOENT';
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
