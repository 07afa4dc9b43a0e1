/** Registers that hold a function's first arguments on arm64. */
const argumentRegisters = 8;

/**
 * How many arguments to put between the named ones and the others of a variadic function, such as openat(2) and fcntl(2).
 *
 * Apple's arm64 hands variadic arguments over on the stack, always, and named ones in registers
 * (https://developer.apple.com/documentation/xcode/writing-arm64-code-for-apple-platforms). `bun:ffi` knows no variadic
 * functions: declared as usual, `mode` would go into a register where openat never looks. Filling up the eight registers
 * puts what follows on the stack, one 8-byte slot each where it is declared as 64 bits wide, which is just where a variadic
 * function looks. On x86-64 both are handed over alike, and nothing is filled in.
 *
 * The other ways are worse: syscall(2) is variadic itself and deprecated, the `__openat` stubs are private, `node:fs` opens
 * by whole paths, and O_NOFOLLOW_ANY (macOS 11) with a whole path would tell nothing about the directories on the way.
 */
export function fillers(named: number, architecture: string): number {
  return architecture === 'arm64' ? argumentRegisters - named : 0;
}
