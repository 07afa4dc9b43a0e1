import type { Permission } from '#core/access/permission.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import type { Json } from '#core/custody/event.ts';
import { type Platform, takesFiles } from '#core/endpoint/platform.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';

export const libraryScripts = ['file_exists', 'delete_file'] as const;

export type ScriptName = (typeof libraryScripts)[number];

/** A script of the vendor's library which this server carries out by its own orders; nothing else is ever run. */
export interface LibraryScript {
  readonly name: ScriptName;
  readonly id: number;
  /** The vendor's own, which connectors have in their code. */
  readonly uid: string;
  readonly description: string;
  /** The one thing that it is given: a full path. */
  readonly parameter: string;
  readonly permission: Permission;
  readonly isHighRisk: boolean;
}

const scripts: Readonly<Record<ScriptName, LibraryScript>> = {
  file_exists: {
    name: 'file_exists',
    id: 1,
    uid: '414763381b5bfb7b05796c9fe690df46',
    description: 'Tells whether there is a file with this path.',
    parameter: 'path',
    permission: 'files.search',
    isHighRisk: false,
  },
  delete_file: {
    name: 'delete_file',
    id: 2,
    uid: '548023b6e4a01ec51a495ba6e5d2a15d',
    description: 'Takes the file with this path into the vault of its endpoint, from which it can be restored.',
    parameter: 'file_path',
    permission: 'files.quarantine',
    isHighRisk: true,
  },
};

export const allScripts: readonly LibraryScript[] = libraryScripts.map((name) => scripts[name]);

export function scriptWithUid(uid: string): LibraryScript | undefined {
  return allScripts.find((script) => script.uid === uid.toLowerCase());
}

export interface ScriptRun {
  readonly script: LibraryScript;
  readonly path: FilePath;
}

/** The script that a task carries out; undefined for a task that no script can have ordered. */
export function scriptOf(parameters: TaskParameters): ScriptRun | undefined {
  if (parameters.verb === 'search' && parameters.live && parameters.pattern.by === 'path') {
    return { script: scripts.file_exists, path: parameters.pattern.path };
  }
  if (parameters.verb === 'quarantine' && parameters.sha256 === null && parameters.path !== null) {
    return { script: scripts.delete_file, path: parameters.path };
  }
  return undefined;
}

/** As Get Scripts lists it. They came with this server and are never modified. */
export function scriptItem({ id, uid, name, description, isHighRisk }: LibraryScript): {
  readonly [key: string]: Json;
} {
  return {
    script_id: id,
    name,
    description,
    modification_date: 0,
    created_by: 'Custody',
    windows_supported: isSupported(name, 'windows'),
    linux_supported: isSupported(name, 'linux'),
    macos_supported: isSupported(name, 'macos'),
    is_high_risk: isHighRisk,
    script_uid: uid,
  };
}

export function shownParameters({ script, path }: ScriptRun): Json {
  return [{ name: script.parameter, value: displayPath(path) }];
}

function isSupported(name: ScriptName, platform: Platform): boolean {
  return name === 'file_exists' || takesFiles[platform];
}
