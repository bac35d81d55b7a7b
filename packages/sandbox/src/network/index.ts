export { OUTSIDE_IP, createNetwork } from './network.ts';
export type { PodAttachment, ProcessNetwork, ResolvingNetwork, SandboxNetwork } from './network.ts';
