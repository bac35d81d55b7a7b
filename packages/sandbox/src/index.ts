export { startSandbox } from './sandbox.ts';
export type { Sandbox, SandboxOptions } from './sandbox.ts';
export type { User } from './api-server/index.ts';
export type { Container, Image, PodNetwork, Program } from './program.ts';
export { fileVolumes } from './file-volumes.ts';
export { makeFolder } from './make-folder.ts';
