import type { PolicyRule } from '@binnacle/client/kinds';
import type { AnyResource } from '../context.ts';
import type { Controller } from '../controller.ts';
import type { Reconciler } from '../reconciler.ts';
import type { Hook } from '../webhook/hook.ts';

/** Controllers that run together: under one ServiceAccount, one Lease, one set of caches. Plain data; `runOperator()` runs it. */
export interface Operator {
  /** Starts each controller's field manager: `<name>-<controller>`. Also names the Lease. */
  readonly name: string;
  readonly controllers: readonly Controller[];
  readonly reconcilers: readonly Reconciler[];
  /**
   * Field managers of the operator in whose place this one is. What they own in objects that they made for objects of its kinds becomes its own when it first
   * applies those, so that it can take it out again.
   */
  readonly formerly: readonly string[];
  /** Rights that no controller's needs tell: what the reconcilers write. */
  readonly grants: readonly PolicyRule[];
  /** What it has to say about writes besides its kinds' own rules: `guard()`, `filler()`. They work where the webhook is served. */
  readonly hooks: readonly Hook[];
  /** Kinds whose writes its webhook judges by their declaration. */
  readonly judges: readonly AnyResource[];
  /** Closes what the controllers keep open, such as connections to databases. Called once, after the last pass. */
  readonly close: () => Promise<void>;
}

/** Puts an operator together. */
export function operator(parts: {
  readonly name: string;
  // A controller takes objects of its own kind only, so no two are of one type; each is only ever given objects of its own kind.
  readonly controllers: readonly Controller<any>[];
  readonly reconcilers?: readonly Reconciler[];
  readonly formerly?: readonly string[];
  readonly grants?: readonly PolicyRule[];
  readonly hooks?: readonly Hook[];
  readonly close?: () => Promise<void>;
}): Operator {
  const twice = duplicate([...parts.controllers, ...(parts.reconcilers ?? [])]);
  if (twice !== undefined) throw new Error(`operator ${parts.name} has two controllers named ${twice}: they would undo each other's writes`);
  const hooks = parts.hooks ?? [];
  const double = duplicate(hooks);
  if (double !== undefined) throw new Error(`operator ${parts.name} has two hooks named ${double}: the API server refuses both`);
  return {
    name: parts.name,
    controllers: parts.controllers,
    reconcilers: parts.reconcilers ?? [],
    formerly: parts.formerly ?? [],
    grants: parts.grants ?? [],
    hooks,
    // A kind with two controllers is judged once: names are unique in a webhook's configuration.
    judges: [...new Set(parts.controllers.map(({ kind }) => kind as AnyResource))],
    close: parts.close ?? (() => Promise.resolve()),
  };
}

function duplicate(named: readonly { readonly name: string }[]): string | undefined {
  const names = named.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) !== index);
}

/** The Lease's name. */
export function leaseName({ name }: Pick<Operator, 'name'>): string {
  return `${name}-operator`;
}

/** What one process does of an operator's work, where two share it. */
export const OPERATOR_PARTS = ['controller-manager', 'admission-webhook'] as const;
export type OperatorPart = (typeof OPERATOR_PARTS)[number];

/**
 * An operator that does a part of its work alone, and needs the rights for that alone: `controller-manager` reconciles, `admission-webhook` judges writes, with
 * no right to change anything but its own certificates. Both together do what the whole one does.
 */
export function partOf(whole: Operator, part: OperatorPart): Operator {
  if (part === 'controller-manager') return { ...whole, hooks: [], judges: [] };
  return { ...whole, controllers: [], reconcilers: [], grants: [], hooks: whole.hooks.filter(({ besideControllers }) => besideControllers !== true) };
}
