import type { Container } from './container.ts';
import { VOLUME } from './hot-restart.ts';

/** `rm -rf -- PATH…`, as the shell tools of the member's image have it: files of the volume that are at or below a path go, and it is no fault if there are none. */
export async function remove(container: Container): Promise<number> {
  const disk = container.volume(VOLUME);
  for (const path of container.command.slice(container.command.indexOf('--') + 1))
    for (const file of disk?.keys() ?? []) if (file === path || file.startsWith(`${path}/`)) disk?.delete(file);
  container.log(container.command.join(' '));
  return 0;
}
