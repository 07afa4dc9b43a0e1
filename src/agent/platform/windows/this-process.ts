import { ptr } from 'bun:ffi';
import { Fault } from '#core/fault.ts';
import { kernel32, thisProcess } from './kernel32.ts';
import { ntdll } from './ntdll.ts';
import { utf16 } from './object-attributes.ts';

const synchronize = 0x100000;
const forever = 0xffffffff;
const onlyOnce = 0x8;
/** PROCESS_MODE_BACKGROUND_BEGIN (winbase.h): lowest priority for processor, disk and memory together. */
const backgroundMode = 0x00100000;
const idlePriority = 0x40;
/** ProcessRedirectionTrustPolicy, and EnforceRedirectionTrust in its flags (winnt.h). */
const redirectionTrust = 16;
const enforce = 1;
/** SE_BACKUP_PRIVILEGE (wdm.h): reading files whose access list leaves administrators out. */
const backupPrivilege = 17;

/**
 * RedirectionGuard: from here on this process follows no junction that an ordinary user made, in any call of any library.
 * Windows before 10 20H1 does not know it; the walk of `open-parent.ts` does not need it, the agent's own files do.
 */
export function guardRedirections(): boolean {
  return kernel32.SetProcessMitigationPolicy(redirectionTrust, ptr(new Uint32Array([enforce])), 4n) !== 0;
}

/** Whether this process may read every file from now on; false for an ordinary user. */
export function readEverything(): boolean {
  return ntdll.RtlAdjustPrivilege(backupPrivilege, 1, 0, ptr(new Uint8Array(8))) === 0;
}

/** Where the system refuses the background mode, at least the processor is left to others. */
export function yieldToOthers(): void {
  if (kernel32.SetPriorityClass(thisProcess, backgroundMode) === 0) {
    kernel32.SetPriorityClass(thisProcess, idlePriority);
  }
}

/**
 * Has the system end this process when its parent ends. A thread of the system's own waits for the parent and then calls
 * TerminateProcess(this process, 0): a wait callback has the shape of that very function, so that no JavaScript has to
 * run, which a child in the middle of a synchronous call could not. (A job object that kills on close would have to be the
 * parent's, for each child anew; and a new process may run a while before it is put into one.)
 * @throws Fault `unavailable` when there is no parent to wait for.
 */
export function dieWithParent(): void {
  const parent = kernel32.OpenProcess(synchronize, 0, process.ppid);
  const library = kernel32.GetModuleHandleW(ptr(utf16('kernel32.dll')));
  const terminate = kernel32.GetProcAddress(library, ptr(Buffer.from('TerminateProcess\0', 'latin1')));
  const wait = new BigUint64Array(1);
  const watches =
    parent !== 0n &&
    terminate !== 0n &&
    kernel32.RegisterWaitForSingleObject(ptr(wait), parent, terminate, thisProcess, forever, onlyOnce) !== 0;
  if (!watches) {
    throw new Fault('unavailable', 'The parent of this process is gone, or cannot be watched.');
  }
}
