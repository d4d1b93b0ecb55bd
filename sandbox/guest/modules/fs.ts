import { notImplemented, stubs } from '../not-implemented.ts';

const names = `access appendFile chmod chown close copyFile cp exists fchmod fchown fstat fsync ftruncate futimes link
  lstat lutimes mkdir mkdtemp open opendir read readdir readFile readlink readv realpath rename rm rmdir stat statfs
  symlink truncate unlink unwatchFile utimes watch watchFile write writeFile writev`;
const synchronous = names
  .split(/\s+/)
  .map((name) => `${name}Sync`)
  .join(' ');

/** Stands for a stream's class: libraries compare with it, nobody makes one. */
function absentClass(name: string) {
  return class {
    constructor() {
      throw notImplemented(`fs.${name}`);
    }
  };
}

const promises: Record<string, () => Promise<never>> = {};
for (const [name, refuse] of Object.entries(stubs('fs.promises', names)))
  promises[name] = async () => refuse();

export const fsPromises = promises;

export const fs = {
  ...stubs('fs', `${names} ${synchronous} createReadStream createWriteStream`),
  promises,
  constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2 },
  Stats: absentClass('Stats'),
  Dirent: absentClass('Dirent'),
  ReadStream: absentClass('ReadStream'),
  WriteStream: absentClass('WriteStream'),
};
