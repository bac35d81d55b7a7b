import type { PolicyRule } from '@binnacle/client/kinds';
import type { Controller } from '../controller.ts';
import type { Reconciler } from '../reconciler.ts';

/** Controllers that run together: under one ServiceAccount, one Lease, one set of caches. Plain data; `runOperator()` runs it. */
export interface Operator {
  /** Starts each controller's field manager: `<name>-<controller>`. Also names the Lease. */
  readonly name: string;
  readonly controllers: readonly Controller[];
  readonly reconcilers: readonly Reconciler[];
  /** Rights that no controller's needs tell: what the reconcilers write. */
  readonly grants: readonly PolicyRule[];
  /** Closes what the controllers keep open, such as connections to databases. Called once, after the last pass. */
  readonly close: () => Promise<void>;
}

/** Puts an operator together. */
export function operator(parts: {
  readonly name: string;
  // A controller takes objects of its own kind only, so no two are of one type; each is only ever given objects of its own kind.
  readonly controllers: readonly Controller<any>[];
  readonly reconcilers?: readonly Reconciler[];
  readonly grants?: readonly PolicyRule[];
  readonly close?: () => Promise<void>;
}): Operator {
  const names = [...parts.controllers, ...(parts.reconcilers ?? [])].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`operator ${parts.name} has two controllers named ${twice}: they would undo each other's writes`);
  return {
    name: parts.name,
    controllers: parts.controllers,
    reconcilers: parts.reconcilers ?? [],
    grants: parts.grants ?? [],
    close: parts.close ?? (() => Promise.resolve()),
  };
}

/** The Lease's name. */
export function leaseName({ name }: Pick<Operator, 'name'>): string {
  return `${name}-operator`;
}
