import { application } from './application.ts';
import { libraries, skeleton } from './debian.ts';
import { file } from './folder.ts';
import type { Start } from './oci.ts';
import type { Entry } from './tar.ts';

/** What Node is linked with. */
export const NODE_LIBRARIES = ['libc6', 'libgcc-s1', 'libstdc++6'];

/** The operators' image: nobody's user, no shell, no package manager; Node, our sources and what they need. Whatever it is run with, its root can be read-only. */
export const OPERATOR_START: Start = { entrypoint: ['/usr/local/bin/node', '/app/apps/binnacle/src/main.js'], user: '65532:65532', workdir: '/app' };

/** Its layers, from what changes seldom to what changes always. Node is the one that runs this: the repository's own. */
export function operatorLayers(root: string): readonly (readonly Entry[])[] {
  return [[...skeleton(), ...libraries(NODE_LIBRARIES)], [file(process.execPath, 'usr/local/bin/node')], application(root)];
}
