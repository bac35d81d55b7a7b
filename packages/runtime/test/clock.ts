// Not through the package's door: that one loads the sandbox, which is built on this package, and a runtime that does not load must fail here and not there.
export { virtualClock } from '../../testing/src/virtual-clock.ts';
export type { VirtualClock } from '../../testing/src/virtual-clock.ts';
