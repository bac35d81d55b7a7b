export { virtualClock } from './virtual-clock.ts';
export type { VirtualClock } from './virtual-clock.ts';
export { door } from './crash.ts';
export type { CrashPoint, Door } from './crash.ts';
export { faulty } from './faults.ts';
export type { FaultPlan } from './faults.ts';
export { world } from './world.ts';
export type { Running, Subject, World } from './world.ts';
