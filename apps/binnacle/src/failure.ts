/** What the machine refuses, by its code, and what may be done about it: places and ports are all named by flags. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has this port: end it, or choose another one (0: any that is free)',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'no right to do this: choose another place, or run as who may write there (XDG_CACHE_HOME moves what is written unasked)',
  EPERM: 'no right to do this: choose another place, or run as who may write there (XDG_CACHE_HOME moves what is written unasked)',
  ENOENT: 'there is no such place: choose another one',
  EROFS: 'nothing can be written there: choose another place (XDG_CACHE_HOME moves what is written unasked)',
  ENOSPC: 'the disk is full: make room, or choose another place',
  EISDIR: 'this is a folder: name a file in it',
  EEXIST: 'a file stands where a folder is wanted: choose another place',
  ENOTDIR: 'a file stands where a folder is wanted: choose another place',
};

/** Why a command failed, for whoever typed it: what the error says, and after it what to do where the machine alone has spoken. */
export function failure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const advice = 'code' in error && 'syscall' in error ? ADVICE[String(error.code)] : undefined;
  return advice === undefined ? error.message : `${error.message}: ${advice}`;
}
