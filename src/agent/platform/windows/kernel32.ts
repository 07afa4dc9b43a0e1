import { dlopen } from 'bun:ffi';

const symbols = {
  GetFinalPathNameByHandleW: { args: ['u64', 'ptr', 'u32', 'u32'], returns: 'u32' },
  GetModuleHandleW: { args: ['ptr'], returns: 'u64' },
  GetProcAddress: { args: ['u64', 'ptr'], returns: 'u64' },
  RegisterWaitForSingleObject: { args: ['ptr', 'u64', 'u64', 'u64', 'u32', 'u32'], returns: 'i32' },
  OpenProcess: { args: ['u32', 'i32', 'u32'], returns: 'u64' },
  GetProcessTimes: { args: ['u64', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'i32' },
  QueryFullProcessImageNameW: { args: ['u64', 'u32', 'ptr', 'ptr'], returns: 'i32' },
  K32EnumProcesses: { args: ['ptr', 'u32', 'ptr'], returns: 'i32' },
  SetPriorityClass: { args: ['u64', 'u32'], returns: 'i32' },
  SetProcessMitigationPolicy: { args: ['i32', 'ptr', 'u64'], returns: 'i32' },
  LockFileEx: { args: ['u64', 'u32', 'u32', 'u32', 'u32', 'ptr'], returns: 'i32' },
  LocalFree: { args: ['u64'], returns: 'u64' },
} as const;

export const kernel32 = dlopen('kernel32.dll', symbols).symbols;

/** What GetCurrentProcess() gives: a number that means "this process" in every call. */
export const thisProcess = 0xffff_ffff_ffff_ffffn;
