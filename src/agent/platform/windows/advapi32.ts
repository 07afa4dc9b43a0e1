import { dlopen } from 'bun:ffi';

const symbols = {
  GetSecurityInfo: { args: ['u64', 'u32', 'u32', 'ptr', 'ptr', 'ptr', 'ptr', 'ptr'], returns: 'u32' },
  SetSecurityInfo: { args: ['u64', 'u32', 'u32', 'u64', 'u64', 'u64', 'u64'], returns: 'u32' },
  ConvertSecurityDescriptorToStringSecurityDescriptorW: {
    args: ['u64', 'u32', 'u32', 'ptr', 'ptr'],
    returns: 'i32',
  },
  ConvertStringSecurityDescriptorToSecurityDescriptorW: { args: ['ptr', 'u32', 'ptr', 'ptr'], returns: 'i32' },
  SetFileSecurityW: { args: ['ptr', 'u32', 'u64'], returns: 'i32' },
} as const;

/** Access control: opened when it is first asked for, which is rare. */
export const advapi32 = dlopen('advapi32.dll', symbols).symbols;
