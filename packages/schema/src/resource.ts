import type { Kind, KubernetesObject, Scope } from '@binnacle/client';
import type { ObjectMeta } from '@binnacle/client/kinds';
import type { z } from 'zod';
import type { FieldError, Rule, Schema } from './structural.ts';

/** A custom object as its controller sees it: defaults filled in. */
export interface CustomObject<Spec, Status> extends KubernetesObject {
  readonly metadata?: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

/** A kind with its declaration: type, schema, rules and printer columns in one value. `resource()` makes it. */
export interface Resource<Spec, Status> extends Kind<CustomObject<Spec, Status>, Scope> {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly columns: readonly Column[];
  /** Paths for the scale subresource; absent: none. */
  readonly scale: Scale | undefined;
  /** The whole object's structural schema: `spec`, `status`, defaults, CEL. */
  readonly schema: Schema;
  /** Rules beyond the schema and CEL: run at admission and again in reconcile. `before` is absent on creation. */
  readonly check: (now: CustomObject<Spec, Status>, before: CustomObject<Spec, Status> | undefined) => readonly FieldError[];
}

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  /** 1: only with `-o wide`. */
  readonly priority?: number;
}

export interface Scale {
  readonly spec: string;
  readonly status: string;
  readonly selector?: string;
}

/** What `resource()` is given. A column may be just its JSON path; then it is a string. */
export interface Declaration<S extends z.ZodType, T extends z.ZodType> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope?: Scope;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly columns?: Readonly<Record<string, string | Omit<Column, 'name'>>>;
  readonly scale?: Scale;
  /** Reference-page text for the kind. */
  readonly description: string;
  readonly spec: S;
  readonly status: T;
  /** CEL rules on the whole spec. */
  readonly rules?: readonly Rule[];
  readonly check?: (now: CustomObject<z.output<S>, z.output<T>>, before: CustomObject<z.output<S>, z.output<T>> | undefined) => Iterable<FieldError>;
}
