export { startNode } from './node.ts';
export type { NodeOptions, SandboxNode } from './node.ts';
export { helperImages } from './images.ts';
export { memoryVolumes } from './volumes.ts';
export type { Volumes } from './volumes.ts';
