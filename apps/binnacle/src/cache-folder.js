import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where things outlive a command: the kubectl that was unpacked, the kubeconfig of the last sandbox, sources without their types.
 * @returns {string}
 */
export function cacheFolder() {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'binnacle');
}
