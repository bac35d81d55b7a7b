import type { Step } from './differential/step.ts';

/** A conformance case that fails on a real API server, and why that is right. */
export interface CaseDifference {
  /** Name of the case. */
  readonly case: string;
  /** Versions of Kubernetes on which it fails. Absent: on all. */
  readonly versions?: readonly string[];
  readonly reason: string;
}

/** An answer of ours that differs from Kubernetes' own, and why it stays so. */
export interface AnswerDifference {
  /** As the differential test names it. */
  readonly signature: RegExp;
  readonly reason: string;
  /** Shows it: a listed difference that no longer shows is one to take off the list. */
  readonly example: readonly Step[];
}

/** Cases of `e2e/conformance`. */
export const conformance: readonly CaseDifference[] = [];

/** Answers met by `e2e/differential`. */
export const differential: readonly AnswerDifference[] = [];
