export { done, stop, waitFor } from './outcome.ts';
export type { Outcome } from './outcome.ts';
export { step } from './step.ts';
export type { Needs, Step } from './step.ts';
export { controller, watch } from './controller.ts';
export type { Controller, Pass, Watch } from './controller.ts';
export type { AnyResource, Context, Desired, Owner, SpecOf, StatusOf } from './context.ts';
export type { Cache, Reconciler, World } from './reconciler.ts';
export type { Logger } from './log.ts';
