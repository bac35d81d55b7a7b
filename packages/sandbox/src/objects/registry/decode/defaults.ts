import type { JsonObject } from '../../json.ts';
import { corePartDefaults } from './core-parts.ts';
import { podDefaults } from './pod.ts';
import { restDefaults } from './rest.ts';
import { serviceDefaults } from './service.ts';
import { workloadDefaults } from './workloads.ts';

/** What a type fills in when it is decoded. Idempotent: sees an object whose parts are already done, gives the same object when nothing is missing. */
export type Defaults = (object: JsonObject) => JsonObject;

/** By definition: the same type has the same defaults wherever it is, so a pod template is filled like a pod. Source: spec/sandbox.md §2.21, Kubernetes 1.36. */
export const defaultsByType: Readonly<Record<string, Defaults>> = {
  ...corePartDefaults,
  ...podDefaults,
  ...serviceDefaults,
  ...workloadDefaults,
  ...restDefaults,
};
