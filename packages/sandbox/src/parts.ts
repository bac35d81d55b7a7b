// The sandbox in parts, for whoever puts a real one in the place of another: our node at a real API server, real controllers at ours.
export { createApiServer } from './api-server/index.ts';
export type { ApiServer } from './api-server/index.ts';
export { createNetwork } from './network/index.ts';
export type { SandboxNetwork } from './network/index.ts';
export { helperImages, startNode } from './node/index.ts';
export type { NodeOptions, SandboxNode } from './node/index.ts';
