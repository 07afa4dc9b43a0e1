import { ptr } from 'bun:ffi';
import { Fault } from '#core/fault.ts';
import { ioPolicy, priority } from './constants.ts';
import { cString, libSystem } from './libsystem.ts';

/** RTLD_DEFAULT (dlfcn.h) and DISPATCH_PROC_EXIT (dispatch/source.h). */
const anyLibrary = -2;
const processExit = 0x80000000;

/**
 * Looking leaves no trace and fetches nothing: reading a file keeps its access time, and one whose bytes are in a cloud
 * fails with EDEADLK instead of being downloaded.
 */
export function lookWithoutTouching(): void {
  libSystem.setiopolicy_np(ioPolicy.accessTimeUpdates, ioPolicy.processScope, ioPolicy.off);
  libSystem.setiopolicy_np(ioPolicy.materializeDatalessFiles, ioPolicy.processScope, ioPolicy.off);
}

/** Lowest for processor and disk; what the system refuses of it is not worth failing for. */
export function yieldToOthers(): void {
  libSystem.setpriority(priority.darwinProcess, 0, priority.background);
  libSystem.setiopolicy_np(ioPolicy.disk, ioPolicy.processScope, ioPolicy.throttle);
}

/**
 * macOS has no PDEATHSIG. A dispatch source waits for the parent's end on a thread of the system's own and then calls
 * `_exit`, whose argument is the source's context, zero: no JavaScript has to run for it, which a child in the middle of a
 * synchronous call could not.
 * @throws Fault `unavailable` when the parent cannot be watched.
 */
export function dieWithParent(): void {
  const kind = address('_dispatch_source_type_proc');
  const exit = address('_exit');
  const queue = libSystem.dispatch_get_global_queue(0, 0);
  const source =
    kind === 0n || exit === 0n ? 0n : libSystem.dispatch_source_create(kind, process.ppid, processExit, queue);
  if (source === 0n) {
    throw new Fault('unavailable', 'The parent of this process cannot be watched.');
  }
  libSystem.dispatch_source_set_event_handler_f(source, exit);
  libSystem.dispatch_resume(source);
}

function address(name: string): bigint {
  return libSystem.dlsym(anyLibrary, ptr(cString(Buffer.from(name, 'latin1'))));
}
