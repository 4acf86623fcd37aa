import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { codeOf } from './dialect.js';

/*
 * Files that are whole or not there. A second name of a file is a hard link where the file system has them; `link` is
 * Node's own, and another one in specs.
 */

/** Onto the disk: a file, or the names in a folder. Windows syncs only what is open for writing, and no folder. */
export function flush(path: string, platform: NodeJS.Platform = process.platform): void {
  const isWindows = platform === 'win32';
  if (isWindows && statSync(path).isDirectory()) return;
  const opened = openSync(path, isWindows ? 'r+' : 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Renames a file to a name that nobody has. @throws EEXIST where somebody has it, and leaves that as it is */
export function takeNewName(made: string, name: string, link = linkSync): void {
  try {
    link(made, name);
    rmSync(made);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    closeSync(openSync(name, 'wx'));
    try {
      renameSync(made, name);
    } catch (failed) {
      rmSync(name, { force: true });
      throw failed;
    }
  }
}

/** Gives a file a second name that nobody has. @throws EEXIST where somebody has it, and leaves that as it is */
export function addName(file: string, name: string, link = linkSync): void {
  try {
    link(file, name);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    copyWhole(file, name);
  }
}

function copyWhole(file: string, name: string): void {
  try {
    copyFileSync(file, name, constants.COPYFILE_EXCL);
    flush(name);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') rmSync(name, { force: true });
    throw error;
  }
}
